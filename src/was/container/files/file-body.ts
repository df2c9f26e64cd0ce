/**
 * The body for a file: all of it, one range, or several as multipart/byteranges (RFC 9110 section 15.3.7), as a
 * list of pieces that is sent at once or bit by bit.
 */
import {
  type ByteRange,
  multipartRangeEnd,
  multipartRangeHead,
} from '../../../http/message/index.ts';
import type { BodySink } from './body-sink.ts';
import type { OpenResource } from './open-resource.ts';

/** Text of ours, then bytes of the file; either may be empty. */
export interface BodyPiece extends ByteRange {
  /** ASCII. */
  readonly text: string;
}

/** Bytes up to which a body is read before anything is sent (decision 0004: such reads are quick). */
export const AT_ONCE = 64 * 1024;

/** Bytes of a file that are in memory at a time where it is larger. */
const BIT = 256 * 1024;

/** The pieces of a multipart/byteranges body for ranges of a file of `size` bytes. */
export function multipartPieces(
  boundary: string,
  type: string,
  ranges: readonly ByteRange[],
  size: number,
): readonly BodyPiece[] {
  const pieces = ranges.map((range) => ({
    text: multipartRangeHead(boundary, type, range, size),
    ...range,
  }));
  return [...pieces, { text: multipartRangeEnd(boundary), start: 0, end: 0 }];
}

/** Bytes of the whole body. */
export function lengthOf(pieces: readonly BodyPiece[]): number {
  let length = 0;
  for (const { text, start, end } of pieces) length += text.length + end - start;
  return length;
}

/**
 * The bytes of a small body.
 * @throws Error where the file has become shorter.
 */
export function readPieces(file: OpenResource, pieces: readonly BodyPiece[]): Uint8Array {
  const [only] = pieces;
  if (only !== undefined && pieces.length === 1 && only.text === '') return file.readNow(only);
  return Buffer.concat(
    pieces.flatMap((piece) => [Buffer.from(piece.text, 'latin1'), file.readNow(piece)]),
  );
}

/**
 * Sends a body of any size, of which no more than a bit is in memory while the client is slow. Rejects where the
 * client left, and where the file has become shorter: what was promised cannot be kept then.
 */
export async function sendPieces(
  file: OpenResource,
  pieces: readonly BodyPiece[],
  sink: BodySink,
): Promise<void> {
  for (const { text, start, end } of pieces) {
    if (text !== '') sink.write(Buffer.from(text, 'latin1'));
    for (let at = start; at < end; at += BIT) {
      // oxlint-disable-next-line no-await-in-loop -- one bit is in memory at a time
      await sink.ready();
      // oxlint-disable-next-line no-await-in-loop -- as above
      sink.write(await file.read({ start: at, end: Math.min(end, at + BIT) }));
    }
  }
  sink.end();
}
