import { isAbsolute, relative, resolve, sep } from 'node:path';
import { charsetOf, lowerAscii } from '../../../http/message/index.ts';
import { type Part } from '../../api/index.ts';
import { charsetDecoder, type DecodeText } from './charset-decoder.ts';
import { type PartContent } from './part-content.ts';
import { type PartHead } from './part-head.ts';

/** A part of a body that was read: its header, and its content in memory or in a file. */
export class StoredPart implements Part {
  readonly #head: PartHead;
  readonly #content: PartContent;
  readonly #location: string;

  /** `location` is the directory that relative paths are below. */
  constructor(head: PartHead, content: PartContent, location: string) {
    this.#head = head;
    this.#content = content;
    this.#location = location;
  }

  /** See Part. */
  getName(): string {
    return this.#head.name;
  }

  /** See Part; empty where the client named no file, or nothing but directories. */
  getSubmittedFileName(): string | null {
    return this.#head.submittedFileName;
  }

  /** See Part. */
  getContentType(): string | null {
    return this.getHeader('content-type');
  }

  /** See Part. */
  getSize(): number {
    return this.#content.size;
  }

  /** See Part; names have no case. */
  getHeader(name: string): string | null {
    return this.getHeaders(name)[0] ?? null;
  }

  /** See Part; names have no case. */
  getHeaders(name: string): readonly string[] {
    return this.#head.headers.get(lowerAscii(name)) ?? [];
  }

  /** See Part; in lower case, as in Tomcat. */
  getHeaderNames(): readonly string[] {
    return [...this.#head.headers.keys()];
  }

  /** See Part. Ends with an `IllegalStateException` once the part was deleted. */
  getInputStream(): AsyncIterable<Uint8Array> {
    return { [Symbol.asyncIterator]: () => this.#content.pieces() };
  }

  /** See Part. Rejects with an `IllegalStateException` once the part was deleted. */
  getBytes(): Promise<Uint8Array> {
    return this.#content.bytes();
  }

  /**
   * See Part. A file that exists is replaced, as in Tomcat; a new one can be read by its owner alone. Rejects with a
   * `RangeError` for an empty path and for a relative one that leads out of the directory, with an
   * `IllegalStateException` once the part was deleted.
   */
  async write(path: string): Promise<void> {
    const target = resolve(this.#location, path);
    const below = relative(this.#location, target);
    const isOutside = below === '..' || below.startsWith(`..${sep}`);
    if (path === '' || (!isAbsolute(path) && (below === '' || isOutside))) {
      throw new RangeError(`A part cannot be written to '${path}'`);
    }
    await this.#content.moveTo(target);
  }

  /** See Part. */
  delete(): Promise<void> {
    return this.#content.remove();
  }

  /** The content of a field as text: in the charset of its `Content-Type` where that names a known one, else by `decode`. */
  text(decode: DecodeText): string {
    const bytes = this.#content.inMemory().toString('latin1');
    const charset = charsetOf(this.getContentType() ?? '');
    return (charset === null ? decode : (charsetDecoder(charset) ?? decode))(bytes);
  }
}
