/**
 * Where the bytes of a file go: as they are to the stream of the response, or as text, where somebody has the
 * writer already or has decided on another charset. Files are taken for UTF-8 unless a byte order mark says
 * UTF-16 (Tomcat: `fileEncoding` and `useBomIfPresent`, with their defaults).
 */
import { charsetOf } from '../../../http/message/index.ts';
import {
  type HttpServletResponse,
  IllegalStateException,
  type PrintWriter,
  type ServletOutputStream,
} from '../../api/index.ts';

/** See the head of this file. */
export interface BodySink {
  /** Whether the bytes stay what they are, so that the length of the file is that of the body. */
  readonly isRaw: boolean;
  /** Takes the next bytes, which must not change afterwards. */
  write(bytes: Uint8Array): void;
  /** Behind the last bytes. */
  end(): void;
  /** Settles when more can be written; rejects where the client left. */
  ready(): Promise<void>;
}

/** What types are text for this purpose; a file of no known type may be text as well. */
const TEXT = /^text\/|xml$|javascript$|json$/i;

/**
 * The way into a response for a file of type `type` (null for an unknown one). What is `included` loses its byte
 * order mark, which means nothing in the middle of a page.
 * @throws IllegalStateException where somebody has the writer and the file is no text.
 */
export function bodySink(
  response: HttpServletResponse,
  type: string | null,
  included: boolean,
): BodySink {
  const isText = type === null || TEXT.test(type.split(';', 1)[0]?.trimEnd() ?? '');
  let stream: ServletOutputStream;
  try {
    stream = response.getOutputStream();
  } catch (error) {
    if (!isText || !(error instanceof IllegalStateException)) throw error;
    return new TextSink(response.getWriter());
  }
  if (!isText) return new RawSink(stream);
  const promised = charsetOf(response.getContentType() ?? '');
  const isPromiseOfFile = promised === null || promised === charsetOf(type ?? '');
  if (!isPromiseOfFile && !/^utf-?8$/i.test(promised)) return new TextSink(stream);
  return included ? new IncludedSink(stream) : new RawSink(stream);
}

class RawSink implements BodySink {
  readonly isRaw = true;
  readonly #stream: ServletOutputStream;

  constructor(stream: ServletOutputStream) {
    this.#stream = stream;
  }

  write(bytes: Uint8Array): void {
    this.#stream.write(bytes);
  }

  end(): void {}

  ready(): Promise<void> {
    return this.#stream.ready();
  }
}

/** Text, in the encoding of the response. */
class TextSink implements BodySink {
  readonly isRaw = false;
  readonly #target: PrintWriter | ServletOutputStream;
  #decoder: TextDecoder | null = null;

  constructor(target: PrintWriter | ServletOutputStream) {
    this.#target = target;
  }

  write(bytes: Uint8Array): void {
    // Drops the byte order mark of its encoding.
    this.#decoder ??= new TextDecoder(byteOrderMark(bytes).encoding);
    this.#writeText(this.#decoder.decode(bytes, { stream: true }));
  }

  end(): void {
    if (this.#decoder !== null) this.#writeText(this.#decoder.decode());
  }

  ready(): Promise<void> {
    return this.#target.ready();
  }

  #writeText(text: string): void {
    if (text !== '') this.#target.write(text);
  }
}

/** Bytes without their byte order mark; text where it says that they are not UTF-8. */
class IncludedSink implements BodySink {
  readonly isRaw = false;
  readonly #stream: ServletOutputStream;
  #text: TextSink | null = null;
  #began = false;

  constructor(stream: ServletOutputStream) {
    this.#stream = stream;
  }

  write(bytes: Uint8Array): void {
    let next = bytes;
    if (!this.#began) {
      this.#began = true;
      const mark = byteOrderMark(bytes);
      if (mark.encoding === 'utf-8') next = bytes.subarray(mark.length);
      else this.#text = new TextSink(this.#stream);
    }
    (this.#text ?? this.#stream).write(next);
  }

  end(): void {
    this.#text?.end();
  }

  ready(): Promise<void> {
    return this.#stream.ready();
  }
}

/** The encoding that a file begins by naming, and how many bytes that takes. */
function byteOrderMark(bytes: Uint8Array): { encoding: string; length: number } {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return { encoding: 'utf-8', length: 3 };
  if (first === 0xfe && second === 0xff) return { encoding: 'utf-16be', length: 2 };
  if (first === 0xff && second === 0xfe) return { encoding: 'utf-16le', length: 2 };
  return { encoding: 'utf-8', length: 0 };
}
