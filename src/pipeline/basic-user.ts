/** The user that a Basic `Authorization` names (RFC 7617), for logs: nobody has checked the password. */
import { isAlphaByte, isDigitByte, matchesAtIgnoreCaseAscii } from '../http/message/index.ts';

const SCHEME = 'basic ';

function isBase64(text: string): boolean {
  let end = text.length;
  if (text.endsWith('==')) end -= 2;
  else if (text.endsWith('=')) end -= 1;
  for (let at = 0; at < end; at++) {
    const code = text.charCodeAt(at);
    if (!isAlphaByte(code) && !isDigitByte(code) && code !== 0x2b && code !== 0x2f) return false;
  }
  return end > 0 && end % 4 !== 1;
}

/**
 * The part before the first colon of the decoded credentials, latin1 bytes; null for another scheme,
 * malformed Base64, no colon or an empty name, as in nginx.
 */
export function basicUser(authorization: string): string | null {
  if (!matchesAtIgnoreCaseAscii(authorization, 0, SCHEME)) return null;
  let from = SCHEME.length;
  while (authorization.charCodeAt(from) === 0x20) from++;
  const credentials = authorization.slice(from);
  if (!isBase64(credentials)) return null;
  const decoded = Buffer.from(credentials, 'base64').toString('latin1');
  const colon = decoded.indexOf(':');
  return colon > 0 ? decoded.slice(0, colon) : null;
}
