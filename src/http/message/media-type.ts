/**
 * Media types (RFC 9110 §8.3.1): `type/subtype` with parameters, tokens or quoted strings.
 */

import {
  dropTrailingBlanks,
  equalsIgnoreCaseAscii,
  isFieldValueByte,
  isTokenByte,
  lowerAscii,
  matchesAtIgnoreCaseAscii,
  skipBlanks,
} from './token.ts';

/** One parameter of a media type, such as `charset=utf-8` (RFC 9110 section 5.6.6). */
export interface MediaTypeParameter {
  /** ASCII lower case. */
  readonly name: string;
  /** Without quotes and escapes, in its own case. */
  readonly value: string;
}

/** A media type taken apart. */
export interface MediaType {
  /** `type/subtype` in ASCII lower case. */
  readonly essence: string;
  /** In order of arrival, repeated names included. */
  readonly parameters: readonly MediaTypeParameter[];
}

const SEMICOLON = 0x3b;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

function endOfToken(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isTokenByte(text.charCodeAt(at))) at++;
  return at;
}

/** The position after `type/subtype` at `from`, or -1. */
function endOfEssence(text: string, from: number, to: number): number {
  const slash = endOfToken(text, from, to);
  if (slash === from || text.charCodeAt(slash) !== 0x2f) return -1;
  const end = endOfToken(text, slash + 1, to);
  return end === slash + 1 ? -1 : end;
}

/** The position after the quoted string whose opening quote is at `from`, or -1. */
function endOfQuoted(text: string, from: number, to: number): number {
  let at = from + 1;
  while (at < to) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) return at + 1;
    if (code === BACKSLASH) at++;
    if (at >= to || !isFieldValueByte(text.charCodeAt(at))) return -1;
    at++;
  }
  return -1;
}

/** The text of a quoted string with `\x` as `x`. */
function unquote(text: string, from: number, end: number): string {
  let value = '';
  let start = from + 1;
  for (let at = start; at < end - 1; at++) {
    if (text.charCodeAt(at) !== BACKSLASH) continue;
    value += text.slice(start, at);
    at++;
    start = at;
  }
  return value + text.slice(start, end - 1);
}

/**
 * Takes a media type apart, or says null when it is malformed. Blanks around `;` and empty
 * parameters (`text/html;`) are taken, blanks around `=` are not (RFC 9110 §5.6.6).
 */
export function parseMediaType(value: string): MediaType | null {
  const to = dropTrailingBlanks(value, 0, value.length);
  const from = skipBlanks(value, 0, to);
  let at = endOfEssence(value, from, to);
  if (at === -1) return null;
  const essence = lowerAscii(value.slice(from, at));
  const parameters: MediaTypeParameter[] = [];
  while (at < to) {
    at = skipBlanks(value, at, to);
    if (value.charCodeAt(at) !== SEMICOLON) return null;
    at = skipBlanks(value, at + 1, to);
    if (at === to || value.charCodeAt(at) === SEMICOLON) continue;
    const equals = endOfToken(value, at, to);
    if (equals === at || equals === to || value.charCodeAt(equals) !== 0x3d) return null;
    const name = lowerAscii(value.slice(at, equals));
    const start = equals + 1;
    if (start < to && value.charCodeAt(start) === QUOTE) {
      at = endOfQuoted(value, start, to);
      if (at === -1) return null;
      parameters.push({ name, value: unquote(value, start, at) });
    } else {
      at = endOfToken(value, start, to);
      if (at === start) return null;
      parameters.push({ name, value: value.slice(start, at) });
    }
  }
  return { essence, parameters };
}

/** The value of the first parameter with this lower-case name, or null. */
export function mediaTypeParameter(type: MediaType, name: string): string | null {
  for (const parameter of type.parameters) {
    if (parameter.name === name) return parameter.value;
  }
  return null;
}

/**
 * The charset a Content-Type value names, in ASCII lower case since charset names have no case
 * (RFC 9110 §8.3.2), or null when it names none or is malformed.
 */
export function charsetOf(value: string): string | null {
  const type = parseMediaType(value);
  const charset = type === null ? null : mediaTypeParameter(type, 'charset');
  return charset === null ? null : lowerAscii(charset);
}

/**
 * Whether a Content-Type value has the given `type/subtype`, letter case and parameters aside.
 * For lists of types such as nginx's `gzip_types`: it allocates nothing, and looks at parameters
 * only as far as that they begin properly.
 */
export function hasEssence(value: string, essence: string): boolean {
  const from = skipBlanks(value, 0, value.length);
  if (!matchesAtIgnoreCaseAscii(value, from, essence)) return false;
  const after = skipBlanks(value, from + essence.length, value.length);
  return after === value.length || value.charCodeAt(after) === SEMICOLON;
}

function hasParameter(type: MediaType, wanted: MediaTypeParameter): boolean {
  for (const parameter of type.parameters) {
    if (parameter.name !== wanted.name) continue;
    if (parameter.value === wanted.value) return true;
    if (wanted.name === 'charset' && equalsIgnoreCaseAscii(parameter.value, wanted.value)) {
      return true;
    }
  }
  return false;
}

/**
 * Whether two media types mean the same: the same `type/subtype` and the same parameters in any
 * order. Values are compared with their case, but for charset.
 */
export function mediaTypeEquals(a: MediaType, b: MediaType): boolean {
  return (
    a.essence === b.essence &&
    a.parameters.length === b.parameters.length &&
    a.parameters.every((parameter) => hasParameter(b, parameter)) &&
    b.parameters.every((parameter) => hasParameter(a, parameter))
  );
}
