/**
 * Splits a `multipart/form-data` body (RFC 7578, RFC 2046 section 5.1) into its parts while it comes.
 *
 * It is our own although `@fastify/busboy` is at hand, which its tests compare it with: that cuts a header at its
 * limit, drops lines behind a broken one and skips parts without a name, and tells nobody. What one reader of a body
 * does not see and another does is how filters are passed.
 */
import { isBlankByte } from '../../../http/message/index.ts';
import { BodyTooLargeException, MalformedBodyException } from '../../api/index.ts';

const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;
const HEAD_END = Buffer.from('\r\n\r\n');
const EMPTY = Buffer.alloc(0);

/** Bytes of a boundary at most (RFC 2046 section 5.1.1). */
const MAX_BOUNDARY = 70;

/** Who is told of parts, in order, during `write`. What it throws comes out of `write`. */
export interface PartReceiver {
  /** A part begins. The block is its header, one character a byte: lines with CRLF between them, none behind the last. */
  onHead(block: string): void;
  /** More of its content, at least one byte, which may be overwritten after the call. */
  onContent(bytes: Uint8Array): void;
  /** It is complete. */
  onPartEnd(): void;
}

type State = 'preamble' | 'delimited' | 'padding' | 'head' | 'content' | 'epilogue';

/** See the head of this file. After an exception it must not be used any more. */
export class PartSplitter {
  readonly #delimiter: Buffer;
  readonly #maxHeaderSize: number;
  readonly #receiver: PartReceiver;
  #state: State = 'preamble';
  /** What came but cannot be told apart yet. At first the line end that the first delimiter has no need of. */
  #rest: Buffer = Buffer.from('\r\n');

  /**
   * `maxHeaderSize` is for the header of one part in bytes, its line ends and the empty line included (Tomcat's
   * `maxPartHeaderSize`).
   * @throws MalformedBodyException for a boundary that is empty, too long or no line.
   */
  constructor(boundary: string, maxHeaderSize: number, receiver: PartReceiver) {
    if (boundary === '' || boundary.length > MAX_BOUNDARY || /[\r\n]/.test(boundary)) {
      throw new MalformedBodyException('The boundary of the multipart body is not allowed');
    }
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
    this.#maxHeaderSize = maxHeaderSize;
    this.#receiver = receiver;
  }

  /**
   * The next bytes of the body, which may be overwritten after the call.
   * @throws MalformedBodyException for a line that begins with the boundary and is no delimiter.
   * @throws BodyTooLargeException for a header above the limit.
   */
  write(chunk: Uint8Array): void {
    let data = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#rest.length > 0) data = Buffer.concat([this.#rest, data]);
    let before: State;
    do {
      before = this.#state;
      data = data.subarray(this.#step(data));
      // a step that does not lead to another state needs more bytes
    } while (this.#state !== before);
    this.#rest = data.length === 0 ? EMPTY : Buffer.from(data);
  }

  /** The body is complete. @throws MalformedBodyException if its last delimiter did not come. */
  end(): void {
    if (this.#state !== 'epilogue') {
      throw new MalformedBodyException('The multipart body ends before its last boundary');
    }
  }

  /** Says how many bytes are done with. */
  #step(data: Buffer): number {
    switch (this.#state) {
      case 'preamble':
      case 'content':
        return this.#toDelimiter(data);
      case 'delimited':
        return this.#behindDelimiter(data);
      case 'padding':
        return this.#padding(data);
      case 'head':
        return this.#head(data);
      case 'epilogue':
        return data.length;
    }
  }

  #toDelimiter(data: Buffer): number {
    const isContent = this.#state === 'content';
    const found = data.indexOf(this.#delimiter);
    const to = found === -1 ? this.#partOfDelimiter(data) : found;
    if (isContent && to > 0) this.#receiver.onContent(data.subarray(0, to));
    if (found === -1) return to;
    if (isContent) this.#receiver.onPartEnd();
    this.#state = 'delimited';
    return found + this.#delimiter.length;
  }

  /** Where a delimiter may have begun that the data does not end; their length where none has. */
  #partOfDelimiter(data: Buffer): number {
    // it has one CR, at its beginning, so that the last one decides
    const from = Math.max(0, data.length - this.#delimiter.length + 1);
    const cr = data.subarray(from).lastIndexOf(CR);
    if (cr === -1) return data.length;
    const begun = data.subarray(from + cr);
    return begun.equals(this.#delimiter.subarray(0, begun.length)) ? from + cr : data.length;
  }

  #behindDelimiter(data: Buffer): number {
    if (data.length === 0) return 0;
    if (data[0] !== DASH) {
      this.#state = 'padding';
      return 0;
    }
    if (data.length === 1) return 0;
    if (data[1] !== DASH) throw badDelimiter();
    this.#state = 'epilogue';
    return 2;
  }

  /** Blanks that a mail server may have put behind the delimiter (RFC 2046: transport-padding). */
  #padding(data: Buffer): number {
    let at = 0;
    while (at < data.length && isBlankByte(data[at] ?? 0)) at++;
    const left = data.length - at;
    if ((left > 0 && data[at] !== CR) || (left > 1 && data[at + 1] !== LF)) throw badDelimiter();
    // the line end stays: with it an empty header ends like any other
    if (left > 1) this.#state = 'head';
    return at;
  }

  #head(data: Buffer): number {
    const end = data.indexOf(HEAD_END);
    const size = end === -1 ? data.length - 1 : end + 2;
    if (size > this.#maxHeaderSize) {
      throw new BodyTooLargeException(
        `The header of a part is larger than ${this.#maxHeaderSize} bytes`,
      );
    }
    if (end === -1) return 0;
    this.#receiver.onHead(data.toString('latin1', 2, Math.max(2, end)));
    this.#state = 'content';
    return end + HEAD_END.length;
  }
}

function badDelimiter(): MalformedBodyException {
  return new MalformedBodyException('A line of the multipart body begins with its boundary only');
}
