/**
 * The packet that carries the head of a request (FORWARD_REQUEST). All of it has to fit: there is no second one.
 */
import { FIELD, type Fields, isFieldValue, isToken } from '../../http/message/index.ts';
import {
  KEY_SIZE_ATTRIBUTE,
  LAST_ATTRIBUTE,
  methodCode,
  methodOf,
  NAMED_ATTRIBUTE,
  PACKET_HEAD,
  REQUEST_FIELDS,
  SERVER_PACKET,
  STORED_METHOD,
  TEXT_ATTRIBUTES,
  type TextAttribute,
  textAttributeOf,
  TO_CONTAINER,
} from './codes.ts';
import { FieldCodes } from './field-codes.ts';
import { type Payload, textPiece, word } from './payload.ts';

/** The head of a request as AJP has it. All text is latin1: one character is one byte. */
export interface AjpRequest {
  readonly method: string;
  /** Such as `HTTP/1.1`. */
  readonly protocol: string;
  /** The path of the target, without its query. */
  readonly uri: string;
  /** Address of the client, as the web server sees it. */
  readonly remoteAddress: string | null;
  /** Name of the client, where the web server looks names up. */
  readonly remoteHost: string | null;
  /** The host that the client has asked for, without its port. */
  readonly serverName: string | null;
  /** The port that the client has asked for, from 0 to 65535. */
  readonly serverPort: number;
  /** Whether the client is connected by TLS. */
  readonly secure: boolean;
  /** The fields with those that frame the body: `Content-Length`, or else `Transfer-Encoding`. */
  readonly fields: Fields;
  /** What is known beside that, by the attributes that have a code. A method without a code is not among them. */
  readonly attributes: Readonly<Partial<Record<Exclude<TextAttribute, 'method'>, string>>>;
  /** Length of the key of the TLS session in bits, up to 65535; 0 where it is not known. */
  readonly keySize: number;
  /** Attributes of any name, such as `AJP_REMOTE_PORT`, in their order. */
  readonly named: readonly (readonly [name: string, value: string])[];
}

const CODES = new FieldCodes(REQUEST_FIELDS);

/**
 * The packet for a request as latin1 text; null where it would be longer than `largest` bytes, head included, or a field
 * has a name that no packet can hold. `first`
 * are fields by their number that go in front of those of the request. What is in the request is not checked again.
 */
export function forwardRequest(
  request: AjpRequest,
  largest: number,
  first: readonly (readonly [id: number, value: string])[] = [],
): string | null {
  const { method, fields, attributes, keySize, secure } = request;
  const others = CODES.write(fields);
  if (others === null) return null;
  const code = methodCode(method);
  let payload =
    String.fromCharCode(SERVER_PACKET.forward, code) +
    textPiece(request.protocol) +
    textPiece(request.uri) +
    textPiece(request.remoteAddress) +
    textPiece(request.remoteHost) +
    textPiece(request.serverName) +
    word(request.serverPort) +
    (secure ? '\x01' : '\0') +
    word(first.length + fields.size);
  for (const [id, value] of first) payload += CODES.writeOne(id, value);
  payload += others;
  for (const name of Object.keys(attributes) as (keyof typeof attributes)[]) {
    const value = attributes[name];
    if (value !== undefined)
      payload += String.fromCharCode(TEXT_ATTRIBUTES[name]) + textPiece(value);
  }
  if (keySize > 0) payload += String.fromCharCode(KEY_SIZE_ATTRIBUTE) + word(keySize);
  for (const [name, value] of request.named)
    payload += String.fromCharCode(NAMED_ATTRIBUTE) + textPiece(name) + textPiece(value);
  if (code === STORED_METHOD)
    payload += String.fromCharCode(TEXT_ATTRIBUTES.method) + textPiece(method);
  payload += String.fromCharCode(LAST_ATTRIBUTE);
  if (payload.length + PACKET_HEAD > largest) return null;
  return word(TO_CONTAINER) + word(payload.length) + payload;
}

/** Null with the words for a log, where the payload holds no request that can be passed on. */
export type ReadRequest =
  | { readonly request: AjpRequest }
  | { readonly request: null; readonly flaw: string };

/**
 * Reads what follows the code of the packet. Nothing passes that would be two things to two readers: texts with control
 * characters, names that are no tokens, an attribute that comes twice, bytes behind the end.
 */
export function readForwardRequest(payload: Payload): ReadRequest {
  const code = payload.byte();
  const protocol = payload.text();
  const uri = payload.text();
  const remoteAddress = payload.text();
  const remoteHost = payload.text();
  const serverName = payload.text();
  const serverPort = payload.word();
  const secure = payload.byte();
  const fields = CODES.read(payload, payload.word());
  if (fields === null) return flawed('a field');
  const told = readAttributes(payload);
  if (typeof told === 'string') return flawed(told);
  const { attributes, keySize, named } = told;
  if (payload.broken || payload.more) return flawed('the length of the packet');
  const { method: stored, ...others } = attributes;
  const method = code === STORED_METHOD ? (stored ?? '') : methodOf(code);
  if (method === null || !isToken(method)) return flawed('the method');
  if (stored !== undefined && stored !== method) return flawed('two methods');
  if (protocol === null || !isToken(protocol.replace('/', ''))) return flawed('the protocol');
  if (uri === null || !isPath(uri)) return flawed('the path');
  if (secure > 1) return flawed('whether it came by TLS');
  for (const text of [remoteAddress, remoteHost, serverName])
    if (text !== null && !isFieldValue(text)) return flawed('an address');
  if (!hasOneFraming(fields)) return flawed('the framing of the body');
  return {
    request: {
      method,
      protocol,
      uri,
      remoteAddress,
      remoteHost,
      serverName,
      serverPort,
      secure: secure === 1,
      fields,
      attributes: others,
      keySize,
      named,
    },
  };
}

function flawed(flaw: string): ReadRequest {
  return { request: null, flaw };
}

interface Attributes {
  readonly attributes: Partial<Record<TextAttribute, string>>;
  readonly keySize: number;
  readonly named: readonly (readonly [name: string, value: string])[];
}

// What is wrong with them, where something is.
function readAttributes(payload: Payload): Attributes | string {
  const attributes: Partial<Record<TextAttribute, string>> = {};
  const named: (readonly [string, string])[] = [];
  let keySize = -1;
  for (;;) {
    const code = payload.byte();
    if (payload.broken) return 'the end of the attributes';
    if (code === LAST_ATTRIBUTE) return { attributes, keySize: Math.max(keySize, 0), named };
    if (code === KEY_SIZE_ATTRIBUTE) {
      if (keySize >= 0) return 'an attribute that comes twice';
      keySize = payload.word();
    } else if (code === NAMED_ATTRIBUTE) {
      const name = payload.text();
      const value = payload.text() ?? '';
      if (name === null || name === '' || !isFieldValue(name) || !isFieldValue(value))
        return 'a named attribute';
      named.push([name, value]);
    } else {
      const name = textAttributeOf(code);
      if (name === null) return `an attribute with the code ${code}`;
      if (attributes[name] !== undefined) return 'an attribute that comes twice';
      const value = payload.text();
      // A certificate has lines.
      if (value !== null && name !== 'certificate' && !isFieldValue(value))
        return `the attribute ${name}`;
      if (value !== null) attributes[name] = value;
    }
  }
}

// What RFC 9112 section 3.2 allows in front of the query; `*` is that of OPTIONS, and an authority that of CONNECT.
function isPath(uri: string): boolean {
  if (uri === '') return false;
  for (let at = 0; at < uri.length; at++) {
    const code = uri.charCodeAt(at);
    if (code <= 0x20 || code === 0x7f || code === 0x3f || code === 0x23) return false;
  }
  return true;
}

// A body of two lengths ends in two places.
function hasOneFraming(fields: Fields): boolean {
  const length = fields.indexOf(FIELD.contentLength);
  const coding = fields.indexOf(FIELD.transferEncoding);
  if (length >= 0 && (coding >= 0 || fields.indexOf(FIELD.contentLength, length + 1) >= 0))
    return false;
  return coding < 0 || fields.indexOf(FIELD.transferEncoding, coding + 1) < 0;
}
