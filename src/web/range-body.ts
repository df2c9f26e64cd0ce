/**
 * The bodies of 206: one range, or several as multipart/byteranges (RFC 9110 §15.3.7). A body is a list
 * of pieces, so that it can be cut out of text in memory or sent piece by piece from a file.
 */
import {
  type ByteRange,
  contentRange,
  FIELD,
  Fields,
  multipartRangeBoundary,
  multipartRangeEnd,
  multipartRangeHead,
} from '../http/message/index.ts';
import type { StoredFile } from './stored-file.ts';

/** Text of ours, then bytes `start` up to `end` of the file; either may be empty. */
export interface Piece {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Fields and body of a 206. */
export interface PartialContent {
  readonly fields: Fields;
  readonly pieces: readonly Piece[];
  /** Bytes of the whole body. */
  readonly length: number;
}

/** What answers for these ranges, at least one; `random` makes the boundary. */
export function partialContent(
  file: StoredFile,
  ranges: readonly ByteRange[],
  random: () => number,
): PartialContent {
  const fields = file.fields.copy();
  // nginx leaves Accept-Ranges out of a 206: the answer itself says that ranges are taken.
  fields.removeKnown(FIELD.acceptRanges);
  const [only] = ranges;
  if (ranges.length === 1 && only !== undefined) {
    fields.appendKnown(FIELD.contentRange, contentRange(only, file.size));
    return { fields, pieces: [{ text: '', ...only }], length: only.end - only.start };
  }
  const boundary = multipartRangeBoundary(random);
  fields.set('Content-Type', `multipart/byteranges; boundary=${boundary}`);
  const pieces: Piece[] = ranges.map(({ start, end }) => ({
    text: multipartRangeHead(boundary, file.contentType, { start, end }, file.size),
    start,
    end,
  }));
  pieces.push({ text: multipartRangeEnd(boundary), start: 0, end: 0 });
  let length = 0;
  for (const { text, start, end } of pieces) length += text.length + end - start;
  return { fields, pieces, length };
}

/** The body cut out of a file that is in memory. */
export function cutOut(content: Buffer | string, pieces: readonly Piece[]): Buffer | string {
  if (typeof content !== 'string') {
    return Buffer.concat(
      pieces.flatMap(({ text, start, end }) => [
        Buffer.from(text, 'latin1'),
        content.subarray(start, end),
      ]),
    );
  }
  let body = '';
  for (const { text, start, end } of pieces) body += text + content.slice(start, end);
  return body;
}
