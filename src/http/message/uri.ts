/**
 * The request target: its four forms (RFC 9112 §3.2), the decoded and normalised path that
 * selects a location and a file, and arguments.
 *
 * Order matters: split at `?` on the raw bytes, then decode once, then remove dot segments. So
 * `%2F` is a slash and `%2e%2e` is a parent in the path that rules see, as in nginx, and what was
 * encoded twice stays encoded once.
 */

import { parseHost } from './host.ts';
import type { Host } from './host.ts';
import { hexValue, matchesAtIgnoreCaseAscii } from './token.ts';

const SLASH = 0x2f;
const DOT = 0x2e;
const PERCENT = 0x25;
const QUESTION = 0x3f;

const ESCAPES = pathEscapes();

/** A request target taken apart. */
export interface RequestTarget {
  readonly form: 'origin' | 'absolute' | 'authority' | 'asterisk';
  /** Of the absolute form alone, in lower case. */
  readonly scheme: 'http' | 'https' | null;
  /** Of the absolute and the authority form. */
  readonly host: Host | null;
  /**
   * As received, neither decoded nor normalised. `/` where the absolute form has none, `*` for
   * the asterisk form and for OPTIONS of an absolute form without path and query, which means
   * the server as a whole (RFC 9112 §3.2.4), '' for the authority form.
   */
  readonly path: string;
  /** What follows the first `?`, as received; null without `?`. */
  readonly query: string | null;
}

/** How `normalizePath` treats slashes in a row. */
export interface NormalizeOptions {
  /** Whether they become one slash (nginx `merge_slashes`, on by default there). */
  readonly mergeSlashes: boolean;
}

/** For each byte its escape, or '' for a byte that may stand in a path as it is. */
function pathEscapes(): readonly string[] {
  const hex = '0123456789ABCDEF';
  const refused = '"#%<>?\\^`{|}';
  const escapes: string[] = [];
  for (let code = 0; code < 256; code++) {
    const plain = code > 0x20 && code < 0x7f && !refused.includes(String.fromCharCode(code));
    escapes.push(plain ? '' : `%${hex.charAt(code >> 4)}${hex.charAt(code & 15)}`);
  }
  return escapes;
}

/**
 * Takes a request target apart by the rules for `method` (case-sensitive), or says null when it
 * fits no form that the method allows: 400.
 *
 * CONNECT takes the authority form with a port of 1–65535 and nothing else; only OPTIONS takes
 * `*`. Schemes are http and https. Controls, space, DEL and `#` are refused: a fragment is never
 * sent (RFC 9112 §3.2), and nginx, which drops it, sees another path than those who keep it.
 * Other bytes outside the URI grammar (`|`, `"`, 0x80–0xFF) pass, as clients do send them.
 */
export function parseTarget(method: string, target: string): RequestTarget | null {
  const length = target.length;
  let question = -1;
  for (let at = 0; at < length; at++) {
    const code = target.charCodeAt(at);
    if (code <= 0x20 || code === 0x23 || code === 0x7f) return null;
    if (code === QUESTION && question === -1) question = at;
  }
  if (method === 'CONNECT') {
    const host = parseHost(target);
    if (host === null || host.port < 1) return null;
    return { form: 'authority', scheme: null, host, path: '', query: null };
  }
  const pathEnd = question === -1 ? length : question;
  const query = question === -1 ? null : target.slice(question + 1);
  if (target.charCodeAt(0) === SLASH) {
    const path = question === -1 ? target : target.slice(0, question);
    return { form: 'origin', scheme: null, host: null, path, query };
  }
  if (target === '*') {
    if (method !== 'OPTIONS') return null;
    return { form: 'asterisk', scheme: null, host: null, path: '*', query: null };
  }
  return parseAbsolute(method, target, pathEnd, query);
}

function parseAbsolute(
  method: string,
  target: string,
  pathEnd: number,
  query: string | null,
): RequestTarget | null {
  let scheme: 'http' | 'https';
  if (matchesAtIgnoreCaseAscii(target, 0, 'http://')) scheme = 'http';
  else if (matchesAtIgnoreCaseAscii(target, 0, 'https://')) scheme = 'https';
  else return null;
  const from = scheme.length + 3;
  const slash = target.indexOf('/', from);
  const authorityEnd = slash === -1 || slash > pathEnd ? pathEnd : slash;
  const host = parseHost(target.slice(from, authorityEnd));
  if (host === null) return null;
  let path = target.slice(authorityEnd, pathEnd);
  if (path === '') path = method === 'OPTIONS' && query === null ? '*' : '/';
  return { form: 'absolute', scheme, host, path, query };
}

/**
 * Decodes the percent escapes of a path once, to bytes; the same string when there are none. Null
 * for an escape without two hexadecimal digits and for a NUL byte, plain or escaped: it would end
 * a file name in the operating system but not in our rules.
 */
export function decodePath(path: string): string | null {
  if (path.includes('\0')) return null;
  let percent = path.indexOf('%');
  if (percent === -1) return path;
  let decoded = '';
  let from = 0;
  while (percent !== -1) {
    const high = hexValue(path.charCodeAt(percent + 1));
    const low = hexValue(path.charCodeAt(percent + 2));
    if (high === -1 || low === -1 || (high === 0 && low === 0)) return null;
    decoded += path.slice(from, percent) + String.fromCharCode(high * 16 + low);
    from = percent + 3;
    percent = path.indexOf('%', from);
  }
  return decoded + path.slice(from);
}

function isNormal(path: string, mergeSlashes: boolean): boolean {
  const last = path.length - 1;
  for (let at = 0; at < last; at++) {
    if (path.charCodeAt(at) !== SLASH) continue;
    const next = path.charCodeAt(at + 1);
    if (next === DOT || (next === SLASH && mergeSlashes)) return false;
  }
  return true;
}

/**
 * Removes `.` and `..` segments from a decoded path as nginx does; the same string when it has
 * none. Null, which is 400, for a path that does not begin with `/` or that climbs above the root
 * (where RFC 3986 §5.2.4 would stay at it). A path that ends in a dot segment ends in `/`.
 *
 * With `mergeSlashes` slashes in a row become one before `..` is looked at; without, `..` removes
 * the empty segment: `/a//../b` is `/b` with it and `/a/b` without.
 */
export function normalizePath(path: string, options: NormalizeOptions): string | null {
  if (path.charCodeAt(0) !== SLASH) return null;
  const { mergeSlashes } = options;
  return isNormal(path, mergeSlashes) ? path : removeDots(path, mergeSlashes);
}

function removeDots(path: string, mergeSlashes: boolean): string | null {
  const length = path.length;
  const segments: string[] = [];
  let from = 1;
  for (;;) {
    const slash = path.indexOf('/', from);
    const isLast = slash === -1;
    const segment = path.slice(from, isLast ? length : slash);
    if (segment === '..') {
      if (segments.pop() === undefined) return null;
      if (isLast) segments.push('');
    } else if (segment === '.') {
      if (isLast) segments.push('');
    } else if (segment !== '' || isLast || !mergeSlashes) {
      segments.push(segment);
    }
    if (isLast) return `/${segments.join('/')}`;
    from = slash + 1;
  }
}

/**
 * `decodePath` and `normalizePath` in one: the path of a request as its rules see it, or null for
 * 400. The usual path, without escapes, dot segments and doubled slashes, costs one scan and
 * comes back as the same string.
 */
export function resolvePath(path: string, options: NormalizeOptions): string | null {
  const length = path.length;
  if (path.charCodeAt(0) !== SLASH) return null;
  let previous = 0;
  for (let at = 0; at < length; at++) {
    const code = path.charCodeAt(at);
    if (
      code === PERCENT ||
      code === 0 ||
      (previous === SLASH && (code === DOT || code === SLASH))
    ) {
      const decoded = decodePath(path);
      return decoded === null ? null : normalizePath(decoded, options);
    }
    previous = code;
  }
  return path;
}

/**
 * Escapes a decoded path for a Location field or an upstream request line: the bytes nginx
 * escapes in the URI that `proxy_pass` with a URI part sends. These are the controls, space,
 * `" # % < > ? \ ^ ` { | }`, DEL and 0x80–0xFF, with upper-case digits; the same string when there
 * are none. Decoding the result gives the path back.
 */
export function encodePath(path: string): string {
  const length = path.length;
  let encoded = '';
  let from = 0;
  for (let at = 0; at < length; at++) {
    const escape = ESCAPES[path.charCodeAt(at)];
    if (escape === '' || escape === undefined) continue;
    encoded += path.slice(from, at) + escape;
    from = at + 1;
  }
  return from === 0 ? path : encoded + path.slice(from);
}

/**
 * The value of the first argument called `name` in a query, as nginx's `$arg_name`: as received,
 * ASCII letters of both cases counting as one in the name, which is compared undecoded. Null when
 * there is none; an argument without `=` is none. Only `&` separates arguments.
 */
export function argument(query: string, name: string): string | null {
  const length = query.length;
  let from = 0;
  while (from < length) {
    const equals = from + name.length;
    if (query.charCodeAt(equals) === 0x3d && matchesAtIgnoreCaseAscii(query, from, name)) {
      const end = query.indexOf('&', equals + 1);
      return end === -1 ? query.slice(equals + 1) : query.slice(equals + 1, end);
    }
    const next = query.indexOf('&', from);
    if (next === -1) return null;
    from = next + 1;
  }
  return null;
}
