/**
 * The path of a request as servlets see it (Jakarta Servlet 6.0 section 3.5.2): split into segments, path
 * parameters cut off, decoded once as UTF-8, empty and dot segments removed. What could mean one thing to a
 * web server in front and another to the application is refused, as section 3.5.2 item 10 lists it.
 */
import { encodePath, hexValue } from '../../../http/message/index.ts';

/** Why a path is refused; each is an item of the list in the specification. */
export type PathRefusal =
  | 'fragment'
  | 'no leading slash'
  | 'leading dot-dot segment'
  | 'encoded slash'
  | 'dot segment with parameter'
  | 'encoded dot segment'
  | 'empty segment with parameter'
  | 'backslash'
  | 'control character'
  | 'broken escape'
  | 'not UTF-8';

/** A path that may be mapped, or why it may not. */
export type RequestPath = { readonly path: string } | { readonly refusal: PathRefusal };

const SLASH = 0x2f;
const SEMICOLON = 0x3b;
const PERCENT = 0x25;
const HASH = 0x23;
const BACKSLASH = 0x5c;
const DOT = 0x2e;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Bytes that make a path more than what it looks like. */
const SPECIAL = new Uint8Array(256);
for (let code = 0; code < 256; code++) {
  const plain = code > 0x20 && code < 0x7f;
  if (!plain || [SEMICOLON, PERCENT, HASH, BACKSLASH].includes(code)) SPECIAL[code] = 1;
}

/** Reads the path of a request target as received, in latin1, without its query. */
export function readRequestPath(raw: string): RequestPath {
  return isPlain(raw) ? { path: raw } : canonicalPath(raw);
}

/** Whether a path already is what it stands for; nearly every one is. */
function isPlain(raw: string): boolean {
  if (raw.charCodeAt(0) !== SLASH) return false;
  let previous = 0;
  for (let at = 0; at < raw.length; at++) {
    const code = raw.charCodeAt(at);
    if (SPECIAL[code] !== 0) return false;
    if (previous === SLASH && (code === SLASH || code === DOT)) return false;
    previous = code;
  }
  return true;
}

function canonicalPath(raw: string): RequestPath {
  if (raw.includes('#')) return { refusal: 'fragment' };
  if (raw.charCodeAt(0) !== SLASH) return { refusal: 'no leading slash' };
  if (/%2f/i.test(raw)) return { refusal: 'encoded slash' };
  const kept: string[] = [];
  const segments = raw.slice(1).split('/');
  for (const [at, written] of segments.entries()) {
    const isLast = at === segments.length - 1;
    const semicolon = written.indexOf(';');
    const encoded = semicolon < 0 ? written : written.slice(0, semicolon);
    const segment = decodeSegment(encoded);
    if (typeof segment !== 'string') return segment;
    const parameters = bytesOf(written.slice(encoded.length));
    if (!(parameters instanceof Uint8Array)) return parameters;
    const isDot = segment === '.' || segment === '..';
    if (isDot && encoded !== segment) return { refusal: 'encoded dot segment' };
    if (isDot && semicolon >= 0) return { refusal: 'dot segment with parameter' };
    if (segment === '' && semicolon >= 0 && !isLast) {
      return { refusal: 'empty segment with parameter' };
    }
    if (segment === '..') {
      if (kept.pop() === undefined) return { refusal: 'leading dot-dot segment' };
    } else if (segment !== '.' && (segment !== '' || isLast)) kept.push(segment);
  }
  return { path: `/${kept.join('/')}` };
}

/** The text that a segment stands for. */
function decodeSegment(encoded: string): string | { refusal: PathRefusal } {
  const bytes = bytesOf(encoded);
  if (!(bytes instanceof Uint8Array)) return bytes;
  try {
    return utf8.decode(bytes);
  } catch {
    return { refusal: 'not UTF-8' };
  }
}

/** The bytes that a segment or its parameters stand for. */
function bytesOf(encoded: string): Uint8Array | { refusal: PathRefusal } {
  const bytes = new Uint8Array(encoded.length);
  let length = 0;
  for (let at = 0; at < encoded.length; at++) {
    let code = encoded.charCodeAt(at);
    if (code === PERCENT) {
      const high = hexValue(encoded.charCodeAt(at + 1));
      const low = hexValue(encoded.charCodeAt(at + 2));
      if (high < 0 || low < 0) return { refusal: 'broken escape' };
      code = high * 16 + low;
      at += 2;
    }
    if (code < 0x20 || code === 0x7f) return { refusal: 'control character' };
    if (code === BACKSLASH) return { refusal: 'backslash' };
    bytes[length++] = code;
  }
  return bytes.subarray(0, length);
}

/** A canonical path as it stands in an address: `/caf%C3%A9` for `/café`. What looks like parameters is none. */
export function escapePath(path: string): string {
  return encodePath(Buffer.from(path, 'utf8').toString('latin1')).replaceAll(';', '%3B');
}

/**
 * The part of a path as received that stands for the canonical path of a context: `/caf%C3%A9;a=1` for
 * `/café`, but for slashes in front of the first. Jakarta Servlet wants `getContextPath` to answer with it, undecoded.
 */
export function contextPart(raw: string, contextPath: string): string {
  if (contextPath === '') return '';
  const end = contextPath.length;
  if (raw.startsWith(contextPath) && (raw.length === end || raw.charCodeAt(end) === SLASH)) {
    return contextPath;
  }
  // Dot segments may lead anywhere on the way, so what is left is compared behind each segment.
  const wanted = contextPath.slice(1).split('/');
  const kept: string[] = [];
  for (let from = 1; from <= raw.length;) {
    const slash = raw.indexOf('/', from);
    const to = slash < 0 ? raw.length : slash;
    const [encoded = ''] = raw.slice(from, to).split(';', 1);
    const segment = decodeSegment(encoded);
    if (segment === '..') kept.pop();
    else if (typeof segment === 'string' && segment !== '.' && segment !== '') kept.push(segment);
    if (kept.length === wanted.length && wanted.every((part, n) => part === kept[n])) {
      // What begins with two slashes is another server to a browser that is sent there.
      return raw.slice(0, to).replace(/^\/+/, '/');
    }
    from = to + 1;
  }
  return contextPath;
}

/**
 * Value of the path parameter called `name` in a path as received, undecoded; null for none. The last
 * counts where there are several.
 */
export function pathParameter(raw: string, name: string): string | null {
  let value: string | null = null;
  const start = `;${name}=`;
  for (let at = raw.indexOf(start); at >= 0; at = raw.indexOf(start, at + 1)) {
    const from = at + start.length;
    let end = from;
    while (end < raw.length && !isEnd(raw.charCodeAt(end))) end++;
    value = raw.slice(from, end);
  }
  return value;
}

function isEnd(code: number): boolean {
  return code === SEMICOLON || code === SLASH;
}
