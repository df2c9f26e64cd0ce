/**
 * The byte classes and small scanners every header parser is made of.
 *
 * Text is a latin1 byte string, so a char code is a byte. A code above 255 can only come from a
 * caller's mistake; it falls outside each table and so belongs to no class.
 *
 * Number(), parseInt(), trim(), toLowerCase() and regular expressions stay away from wire text:
 * each accepts more than the grammar does (`Number('')` is 0, `trim` eats U+00A0, `À` has a
 * lower case), and what one party accepts and the next refuses is how requests are smuggled.
 */

const TOKEN = byteClass((code) => isAlphaByte(code) || isDigitByte(code), "!#$%&'*+-.^_`|~");
const FIELD_VALUE = byteClass((code) => code === 0x09 || (code >= 0x20 && code !== 0x7f), '');
const HEX_VALUE = hexValues();
const LOWER = lowerLetters();

function byteClass(belongs: (code: number) => boolean, also: string): Uint8Array {
  const table = new Uint8Array(256);
  for (let code = 0; code < 256; code++) table[code] = belongs(code) ? 1 : 0;
  for (let at = 0; at < also.length; at++) table[also.charCodeAt(at)] = 1;
  return table;
}

function hexValues(): Int8Array {
  const table = new Int8Array(256).fill(-1);
  for (let digit = 0; digit < 10; digit++) table[0x30 + digit] = digit;
  for (let digit = 10; digit < 16; digit++) {
    table[0x41 + digit - 10] = digit;
    table[0x61 + digit - 10] = digit;
  }
  return table;
}

function lowerLetters(): readonly string[] {
  const letters: string[] = [];
  for (let code = 0; code < 256; code++) letters.push(String.fromCharCode(lowerByte(code)));
  return letters;
}

/** Whether the byte is `A`–`Z` or `a`–`z`. */
export function isAlphaByte(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}

/** Whether the byte is `0`–`9`. */
export function isDigitByte(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Whether the byte is a `tchar`, of which methods and field names are made (RFC 9110 §5.6.2). */
export function isTokenByte(code: number): boolean {
  return TOKEN[code] === 1;
}

/**
 * Whether the byte may stand inside a field value: SP, HTAB, visible ASCII and 0x80–0xFF
 * (RFC 9110 §5.5). CR, LF, NUL, DEL and the other controls may not.
 */
export function isFieldValueByte(code: number): boolean {
  return FIELD_VALUE[code] === 1;
}

/** Whether the byte is OWS: a space or a horizontal tab (RFC 9110 §5.6.3), nothing else. */
export function isBlankByte(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The value 0–15 of a hexadecimal digit of either case, or -1 for any other byte. */
export function hexValue(code: number): number {
  return HEX_VALUE[code] ?? -1;
}

/** The byte in ASCII lower case; bytes other than `A`–`Z` are themselves, `À` included. */
export function lowerByte(code: number): number {
  return code >= 0x41 && code <= 0x5a ? code | 0x20 : code;
}

/** Whether `text[from, to)` is one token: at least one byte, all of them `tchar`. */
export function isToken(text: string, from = 0, to = text.length): boolean {
  if (from >= to) return false;
  for (let at = from; at < to; at++) {
    if (TOKEN[text.charCodeAt(at)] !== 1) return false;
  }
  return true;
}

/**
 * Whether every byte may stand in a field value. The empty text qualifies, and blanks at either
 * end are not objected to: whoever splits a field line strips them.
 */
export function isFieldValue(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (FIELD_VALUE[text.charCodeAt(at)] !== 1) return false;
  }
  return true;
}

/** Whether `text[from, to)` is one or more digits, of any count: tells overflow from nonsense. */
export function isDigits(text: string, from = 0, to = text.length): boolean {
  if (from >= to) return false;
  for (let at = from; at < to; at++) {
    if (!isDigitByte(text.charCodeAt(at))) return false;
  }
  return true;
}

/** The first position in `[from, to)` that holds no blank, or `to`. */
export function skipBlanks(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isBlankByte(text.charCodeAt(at))) at++;
  return at;
}

/** The end of `text[from, to)` without the blanks that close it; at least `from`. */
export function dropTrailingBlanks(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && isBlankByte(text.charCodeAt(end - 1))) end--;
  return end;
}

/** Whether two texts are equal when ASCII letters of both cases count as one. */
export function equalsIgnoreCaseAscii(a: string, b: string): boolean {
  return a.length === b.length && matchesAtIgnoreCaseAscii(a, 0, b);
}

/** Whether `word` stands in `text` at `at`, ASCII letters of both cases counting as one. */
export function matchesAtIgnoreCaseAscii(text: string, at: number, word: string): boolean {
  if (at + word.length > text.length) return false;
  for (let step = 0; step < word.length; step++) {
    const left = text.charCodeAt(at + step);
    const right = word.charCodeAt(step);
    if (left !== right && lowerByte(left) !== lowerByte(right)) return false;
  }
  return true;
}

/** The text with `A`–`Z` in lower case; the very same string when it has none. */
export function lowerAscii(text: string): string {
  const length = text.length;
  let at = 0;
  while (at < length && lowerByte(text.charCodeAt(at)) === text.charCodeAt(at)) at++;
  if (at === length) return text;
  let lowered = text.slice(0, at);
  for (; at < length; at++) lowered += LOWER[text.charCodeAt(at)] ?? text.charAt(at);
  return lowered;
}

/**
 * Whether a comma-separated list such as `Connection` or `Transfer-Encoding` has `token` as one
 * whole element (RFC 9110 §5.6.1), letter case aside. Blanks around elements and empty elements
 * are passed over. Quotes have no meaning here and parameters are part of the element, so
 * `trailers;q=1` is not `trailers`. `token` must not be empty.
 */
export function listContainsToken(value: string, token: string): boolean {
  const length = value.length;
  // The usual value is the token alone.
  if (length === token.length) return matchesAtIgnoreCaseAscii(value, 0, token);
  let from = 0;
  while (from < length) {
    let comma = value.indexOf(',', from);
    if (comma === -1) comma = length;
    const start = skipBlanks(value, from, comma);
    if (
      dropTrailingBlanks(value, start, comma) - start === token.length &&
      matchesAtIgnoreCaseAscii(value, start, token)
    ) {
      return true;
    }
    from = comma + 1;
  }
  return false;
}

/**
 * The number written as one or more decimal digits in `text[from, to)`; signs, blanks,
 * underscores and an empty text are refused, leading zeros are not.
 *
 * -1 says that there is no number to use, for either of two reasons: the text is not all digits,
 * or it exceeds 2^53-1. Where the answers differ (400 or 413 for a Content-Length), `isDigits`
 * on the same text tells the second from the first.
 */
export function parseDecimal(text: string, from = 0, to = text.length): number {
  if (from >= to) return -1;
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return -1;
    // 2^53-1 ends in 1: ten times more would leave the integers a double holds exactly.
    if (number > 900_719_925_474_099 || (number === 900_719_925_474_099 && digit > 1)) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/**
 * The number written as one or more hexadecimal digits of either case in `text[from, to)`,
 * without prefix. -1 as in `parseDecimal`: not all hexadecimal digits, or above 2^53-1.
 */
export function parseHex(text: string, from = 0, to = text.length): number {
  if (from >= to) return -1;
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = hexValue(text.charCodeAt(at));
    if (digit === -1) return -1;
    // 2^49-1 followed by `f` is 2^53-1.
    if (number > 562_949_953_421_311) return -1;
    number = number * 16 + digit;
  }
  return number;
}
