/**
 * The numbers of AJP 1.3 (Apache Tomcat Connectors, "AJPv13"): packet types, and the methods, field names and
 * attributes that have a code in place of their text.
 */

/** The first two bytes of a packet from a web server to a container. */
export const TO_CONTAINER = 0x1234;
/** The first two bytes of a packet from a container to a web server: `AB`. */
export const TO_SERVER = 0x4142;

/** Bytes in front of every payload: the magic and the length. */
export const PACKET_HEAD = 4;
/** The size of a packet unless both sides are told otherwise, head included; no side may take less. */
export const LEAST_PACKET = 8192;
/** The largest packet that the length of 16 bits leaves room for in practice: 64 KiB, head included. */
export const MOST_PACKET = 65536;

/** The first payload byte of a packet to the container; packets of a request body have none. */
export const SERVER_PACKET = { forward: 2, shutdown: 7, ping: 8, cping: 10 } as const;

/** The first payload byte of a packet to the web server. */
export const CONTAINER_PACKET = {
  bodyChunk: 3,
  headers: 4,
  end: 5,
  getBodyChunk: 6,
  cpong: 9,
} as const;

/** In place of the code of a method that has none; its name is the attribute `method`. */
export const STORED_METHOD = 0xff;
/** Stands where the length of a text would, for null: neither bytes nor a NUL follow. */
export const NO_TEXT = 0xffff;
/** Stands where the code of one more attribute would: with it the packet is over. */
export const LAST_ATTRIBUTE = 0xff;
/** In front of a pair of texts, which a web server and an application have agreed on. */
export const NAMED_ATTRIBUTE = 0x0a;
/** The length of the key of a TLS session in bits, 16 bits long; the one attribute that is no text. */
export const KEY_SIZE_ATTRIBUTE = 0x0b;
/** The high byte of a field name that is a code; no name may be so long that its length looks like one. */
export const FIELD_CODE = 0xa000;

/** Method names by code, from 1 on. */
const METHODS = [
  'OPTIONS',
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'DELETE',
  'TRACE',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'ACL',
  'REPORT',
  'VERSION-CONTROL',
  'CHECKIN',
  'CHECKOUT',
  'UNCHECKOUT',
  'SEARCH',
  'MKWORKSPACE',
  'UPDATE',
  'LABEL',
  'MERGE',
  'BASELINE-CONTROL',
  'MKACTIVITY',
];

/** Names of request fields by code, from 0xA001 on. */
export const REQUEST_FIELDS = [
  'Accept',
  'Accept-Charset',
  'Accept-Encoding',
  'Accept-Language',
  'Authorization',
  'Connection',
  'Content-Type',
  'Content-Length',
  'Cookie',
  'Cookie2',
  'Host',
  'Pragma',
  'Referer',
  'User-Agent',
] as const;

/** Names of response fields by code, from 0xA001 on. */
export const RESPONSE_FIELDS = [
  'Content-Type',
  'Content-Language',
  'Content-Length',
  'Date',
  'Last-Modified',
  'Location',
  'Set-Cookie',
  'Set-Cookie2',
  'Servlet-Engine',
  'Status',
  'WWW-Authenticate',
] as const;

/** Attributes of a request that have a code and a text, by what they say. */
export const TEXT_ATTRIBUTES = {
  /** Path of the web application; containers take none. */
  context: 0x01,
  /** Path within it; containers take none. */
  servletPath: 0x02,
  /** The user that the web server has authenticated. */
  remoteUser: 0x03,
  /** How it has, such as `BASIC`. */
  authType: 0x04,
  /** The query of the target, without its question mark. */
  query: 0x05,
  /** The route of the balancer's choice: what stands behind the dot in `JSESSIONID`. */
  route: 0x06,
  /** The certificate of the client, PEM. */
  certificate: 0x07,
  /** The cipher of the TLS session. */
  cipher: 0x08,
  /** The identity of the TLS session. */
  tlsSession: 0x09,
  /** What the web server proves itself with. */
  secret: 0x0c,
  /** Name of a method that has no code. */
  method: 0x0d,
} as const;

/** What `TEXT_ATTRIBUTES` lists. */
export type TextAttribute = keyof typeof TEXT_ATTRIBUTES;

const METHOD_CODES = new Map(METHODS.map((name, at) => [name, at + 1]));
const ATTRIBUTE_NAMES = new Map(
  (Object.keys(TEXT_ATTRIBUTES) as TextAttribute[]).map((name) => [TEXT_ATTRIBUTES[name], name]),
);

/** The code of a method, which is case-sensitive; `STORED_METHOD` where it has none. */
export function methodCode(method: string): number {
  return METHOD_CODES.get(method) ?? STORED_METHOD;
}

/** The method with a code; null where none has it. */
export function methodOf(code: number): string | null {
  return METHODS[code - 1] ?? null;
}

/** The attribute with a code; null where none with a text has it. */
export function textAttributeOf(code: number): TextAttribute | null {
  return ATTRIBUTE_NAMES.get(code as (typeof TEXT_ATTRIBUTES)[TextAttribute]) ?? null;
}
