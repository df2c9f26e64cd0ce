import { equalsIgnoreCaseAscii, lowerByte } from './token.ts';

/**
 * Field names that Daemun itself asks for get a small number, found once while the head is parsed, so
 * that every later question ("is there an If-None-Match?") compares integers instead of strings.
 * Everything else is number 0 and is found by its name.
 */

const CANONICAL = {
  accept: 'Accept',
  acceptCharset: 'Accept-Charset',
  acceptEncoding: 'Accept-Encoding',
  acceptLanguage: 'Accept-Language',
  acceptRanges: 'Accept-Ranges',
  age: 'Age',
  allow: 'Allow',
  authorization: 'Authorization',
  cacheControl: 'Cache-Control',
  connection: 'Connection',
  contentDisposition: 'Content-Disposition',
  contentEncoding: 'Content-Encoding',
  contentLanguage: 'Content-Language',
  contentLength: 'Content-Length',
  contentLocation: 'Content-Location',
  contentRange: 'Content-Range',
  contentType: 'Content-Type',
  cookie: 'Cookie',
  date: 'Date',
  etag: 'ETag',
  expect: 'Expect',
  expires: 'Expires',
  forwarded: 'Forwarded',
  from: 'From',
  host: 'Host',
  http2Settings: 'HTTP2-Settings',
  ifMatch: 'If-Match',
  ifModifiedSince: 'If-Modified-Since',
  ifNoneMatch: 'If-None-Match',
  ifRange: 'If-Range',
  ifUnmodifiedSince: 'If-Unmodified-Since',
  keepAlive: 'Keep-Alive',
  lastModified: 'Last-Modified',
  link: 'Link',
  location: 'Location',
  maxForwards: 'Max-Forwards',
  origin: 'Origin',
  pragma: 'Pragma',
  priority: 'Priority',
  proxyAuthenticate: 'Proxy-Authenticate',
  proxyAuthorization: 'Proxy-Authorization',
  proxyConnection: 'Proxy-Connection',
  range: 'Range',
  referer: 'Referer',
  refresh: 'Refresh',
  retryAfter: 'Retry-After',
  secWebsocketAccept: 'Sec-WebSocket-Accept',
  secWebsocketExtensions: 'Sec-WebSocket-Extensions',
  secWebsocketKey: 'Sec-WebSocket-Key',
  secWebsocketProtocol: 'Sec-WebSocket-Protocol',
  secWebsocketVersion: 'Sec-WebSocket-Version',
  server: 'Server',
  setCookie: 'Set-Cookie',
  strictTransportSecurity: 'Strict-Transport-Security',
  te: 'TE',
  trailer: 'Trailer',
  transferEncoding: 'Transfer-Encoding',
  upgrade: 'Upgrade',
  upgradeInsecureRequests: 'Upgrade-Insecure-Requests',
  userAgent: 'User-Agent',
  vary: 'Vary',
  via: 'Via',
  warning: 'Warning',
  wwwAuthenticate: 'WWW-Authenticate',
  xAccelBuffering: 'X-Accel-Buffering',
  xAccelCharset: 'X-Accel-Charset',
  xAccelExpires: 'X-Accel-Expires',
  xAccelLimitRate: 'X-Accel-Limit-Rate',
  xAccelRedirect: 'X-Accel-Redirect',
  xForwardedFor: 'X-Forwarded-For',
  xForwardedHost: 'X-Forwarded-Host',
  xForwardedPort: 'X-Forwarded-Port',
  xForwardedProto: 'X-Forwarded-Proto',
  xPad: 'X-Pad',
  xPoweredBy: 'X-Powered-By',
  xRealIp: 'X-Real-IP',
  xRequestId: 'X-Request-ID',
} as const;

type KnownName = keyof typeof CANONICAL;

/** The number of a field that has none of its own; such a field is found by name. */
export const UNKNOWN_FIELD = 0;

/** The numbers of the known fields, `FIELD.contentLength` for `Content-Length`; all are above 0. */
export const FIELD = numberFields();

const canonical: readonly string[] = ['', ...Object.values(CANONICAL)];
const lower: readonly string[] = canonical.map((name) => name.toLowerCase());

/** The usual spelling of a known field (`ETag`), as it is written to HTTP/1.1. */
export function canonicalName(id: number): string {
  return canonical[id] ?? '';
}

/** The lower-case spelling of a known field (`etag`), as HTTP/2 and variables spell it. */
export function lowerName(id: number): string {
  return lower[id] ?? '';
}

function numberFields(): Readonly<Record<KnownName, number>> {
  const numbers: Partial<Record<KnownName, number>> = {};
  let next = 1;
  for (const key of Object.keys(CANONICAL) as KnownName[]) numbers[key] = next++;
  return Object.freeze(numbers as Record<KnownName, number>);
}

const SLOTS = 1024;
const first = new Uint8Array(SLOTS);
const following = new Uint8Array(canonical.length);

// `| 0x20` folds A-Z onto a-z. It also folds a few bytes that are no letters (and `-` onto itself);
// that only lets them share a slot, because the comparison below is exact.
function slot(length: number, head: number, tail: number): number {
  return (length * 61 + (head | 0x20) * 7 + (tail | 0x20) * 131) & (SLOTS - 1);
}

for (let id = lower.length - 1; id > 0; id--) {
  const name = lower[id] ?? '';
  const at = slot(name.length, name.charCodeAt(0), name.charCodeAt(name.length - 1));
  following[id] = first[at] ?? 0;
  first[at] = id;
}

// All lower-case names in one piece, so that comparing looks into two byte arrays and nothing else.
const lowerBytes = Buffer.from(lower.join(''), 'latin1');
const lowerStart = new Uint16Array(lower.length);
for (let id = 1; id < lower.length; id++) {
  lowerStart[id] = (lowerStart[id - 1] ?? 0) + (lower[id - 1] ?? '').length;
}
const lowerLength = Uint8Array.from(lower, (name) => name.length);

// `as number` below: slots, numbers and offsets are within their arrays by the way they are made.

/** The number of the field whose name stands in `bytes[start, end)`, in any case, or `UNKNOWN_FIELD`. */
export function fieldIdOfBytes(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length === 0) return UNKNOWN_FIELD;
  let id = first[slot(length, bytes[start] as number, bytes[end - 1] as number)] as number;
  for (; id !== 0; id = following[id] as number) {
    if (lowerLength[id] !== length) continue;
    const name = lowerStart[id] as number;
    let i = 0;
    while (i < length && lowerByte(bytes[start + i] as number) === lowerBytes[name + i]) i++;
    if (i === length) return id;
  }
  return UNKNOWN_FIELD;
}

/** The number of the field called `name`, in any case, or `UNKNOWN_FIELD`. */
export function fieldId(name: string): number {
  const length = name.length;
  if (length === 0) return UNKNOWN_FIELD;
  let id = first[slot(length, name.charCodeAt(0), name.charCodeAt(length - 1))] ?? 0;
  for (; id !== 0; id = following[id] ?? 0) {
    if (equalsIgnoreCaseAscii(name, lower[id] ?? '')) return id;
  }
  return UNKNOWN_FIELD;
}
