/**
 * Byte ranges (RFC 9110 §14).
 *
 * The grammar is the RFC's: no blanks inside a range, blanks and empty members between ranges. A
 * value outside it is ignored and the whole representation sent, as §14.2 allows; nginx answers
 * 416 there, takes spaces around the numbers, and passes over a backward range like `5-2`.
 *
 * What is asked for is bounded as in nginx: more ranges than allowed, or ranges that together are
 * longer than the representation, are ignored. So overlaps are served as asked while they cost
 * less than the whole would, and no request can draw more than that.
 */

import { dropTrailingBlanks, isBlankByte, matchesAtIgnoreCaseAscii } from './token.ts';

/** Bytes `start` up to but not including `end`; never empty. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Ignore the field, answer 416, or send these ranges in the order they were asked for. */
export type RangeSelection = 'none' | 'unsatisfiable' | readonly ByteRange[];

/** The number of ranges served where no limit is given. Each costs about 100 bytes of headers. */
export const DEFAULT_MAX_RANGES = 200;

const COMMA = 0x2c;
const DASH = 0x2d;

/** The position after the digits that begin at `from`. */
function endOfDigits(text: string, from: number, to: number): number {
  let at = from;
  while (at < to) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) break;
    at++;
  }
  return at;
}

/** The value of a run of digits, 2^53-1 for anything above: past the end of any representation. */
function clampedNumber(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) {
    number = number * 10 + (text.charCodeAt(at) - 0x30);
    if (number > Number.MAX_SAFE_INTEGER) return Number.MAX_SAFE_INTEGER;
  }
  return number;
}

/**
 * Selects the parts of a representation of `length` bytes that a Range field asks for.
 *
 * `'none'` says to act as if the field were absent: another unit, no valid range set, more than
 * `maxRanges` satisfiable ranges (default `DEFAULT_MAX_RANGES`; 0 switches ranges off, nginx
 * `max_ranges`), more bytes in total than the representation has, or a range from the first byte
 * of an empty representation, which no Content-Range could express. `'unsatisfiable'` says that
 * every range begins past the end. Only for GET (RFC 9110 §14.2), and after If-Range.
 */
export function parseRange(
  value: string,
  length: number,
  maxRanges: number = DEFAULT_MAX_RANGES,
): RangeSelection {
  if (maxRanges === 0 || !matchesAtIgnoreCaseAscii(value, 0, 'bytes=')) return 'none';
  const to = dropTrailingBlanks(value, 6, value.length);
  const ranges: ByteRange[] = [];
  let total = 0;
  let members = 0;
  let tooMuch = false;
  let at = 6;
  while (at < to) {
    const code = value.charCodeAt(at);
    if (code === COMMA || isBlankByte(code)) {
      at++;
      continue;
    }
    const firstEnd = endOfDigits(value, at, to);
    if (firstEnd === to || value.charCodeAt(firstEnd) !== DASH) return 'none';
    const lastFrom = firstEnd + 1;
    const lastEnd = endOfDigits(value, lastFrom, to);
    let start: number;
    let end = length;
    if (firstEnd === at) {
      if (lastEnd === lastFrom) return 'none';
      start = Math.max(0, length - clampedNumber(value, lastFrom, lastEnd));
    } else {
      start = clampedNumber(value, at, firstEnd);
      if (lastEnd !== lastFrom) {
        const last = clampedNumber(value, lastFrom, lastEnd);
        // A backward range makes the whole set invalid (RFC 9110 §14.1.1).
        if (last < start) return 'none';
        end = Math.min(length, last + 1);
      }
    }
    at = lastEnd;
    while (at < to && isBlankByte(value.charCodeAt(at))) at++;
    if (at < to && value.charCodeAt(at) !== COMMA) return 'none';
    members++;
    if (start < end) {
      total += end - start;
      if (ranges.length < maxRanges && total <= length) ranges.push({ start, end });
      else tooMuch = true;
    } else if (start === 0) {
      tooMuch = true;
    }
  }
  if (members === 0 || tooMuch) return 'none';
  return ranges.length === 0 ? 'unsatisfiable' : ranges;
}

/** The Content-Range of one range of a representation of `length` bytes (RFC 9110 §14.4). */
export function contentRange(range: ByteRange, length: number): string {
  return `bytes ${range.start}-${range.end - 1}/${length}`;
}

/** The Content-Range of a 416, which tells the client the length there is. */
export function unsatisfiedContentRange(length: number): string {
  return `bytes */${length}`;
}

/**
 * A boundary for a multipart/byteranges body as nginx makes it, 20 digits. `random` gives numbers from 0 up to but not
 * including 1. It only has to differ from what files hold; 15 digits are what a double gives without rounding.
 */
export function multipartRangeBoundary(random: () => number): string {
  return Math.floor(random() * 1e15)
    .toString()
    .padStart(20, '0');
}

/**
 * What precedes the bytes of one range in a multipart/byteranges body (RFC 9110 §14.6): line
 * break, delimiter, part headers and the blank line. The first part opens with the line break
 * too, an empty preamble (RFC 2046 §5.1.1), as nginx and Apache send it, so all parts are alike.
 * `boundary` and `contentType` are the caller's, free of line breaks; null leaves the type out.
 */
export function multipartRangeHead(
  boundary: string,
  contentType: string | null,
  range: ByteRange,
  length: number,
): string {
  const type = contentType === null ? '' : `Content-Type: ${contentType}\r\n`;
  return `\r\n--${boundary}\r\n${type}Content-Range: ${contentRange(range, length)}\r\n\r\n`;
}

/** What follows the last part of a multipart/byteranges body. */
export function multipartRangeEnd(boundary: string): string {
  return `\r\n--${boundary}--\r\n`;
}

/** The Content-Length of the whole multipart/byteranges body: heads, ranges and end. */
export function multipartRangeLength(
  boundary: string,
  contentType: string | null,
  ranges: readonly ByteRange[],
  length: number,
): number {
  let total = multipartRangeEnd(boundary).length;
  for (const range of ranges) {
    total += multipartRangeHead(boundary, contentType, range, length).length;
    total += range.end - range.start;
  }
  return total;
}
