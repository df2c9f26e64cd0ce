import {
  dropTrailingBlanks,
  FIELD,
  type Fields,
  isToken,
  skipBlanks,
} from '../../../http/message/index.ts';
import { Cookie } from '../../api/index.ts';

// What `Cookie` takes; asked before, because an error for each wrong one costs a hundred times as much.
const VALUE = /^(?:"[!#-+\--:<-[\]-~]*"|[!#-+\--:<-[\]-~]*)$/;

/**
 * The cookies of a request in their order (RFC 6265 section 5.4). What a `Cookie` cannot hold, a name that is no
 * token or a value with blanks in it, is left out, as Tomcat does.
 */
export function readCookies(fields: Fields): readonly Cookie[] {
  const cookies: Cookie[] = [];
  for (let at = fields.indexOf(FIELD.cookie); at >= 0; at = fields.indexOf(FIELD.cookie, at + 1)) {
    for (const pair of fields.valueAt(at).split(';')) {
      const cookie = readCookie(pair);
      if (cookie !== null) cookies.push(cookie);
    }
  }
  return cookies;
}

function readCookie(pair: string): Cookie | null {
  const equals = pair.indexOf('=');
  if (equals < 0) return null;
  const start = skipBlanks(pair, 0, equals);
  const name = pair.slice(start, dropTrailingBlanks(pair, start, equals));
  const from = skipBlanks(pair, equals + 1, pair.length);
  const value = pair.slice(from, dropTrailingBlanks(pair, from, pair.length));
  return isToken(name) && VALUE.test(value) ? new Cookie(name, value) : null;
}
