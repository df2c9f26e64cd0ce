/** Bytes that a batch begins with; it doubles as lines come. */
const FIRST = 4 * 1024;

/**
 * Lines on their way to a log. Each becomes bytes at once, while the pieces it was put together from are at
 * hand; gathered as text, thousands of pieces would be looked up again when the batch is written, and live
 * long enough to be moved by the garbage collector meanwhile.
 */
export class LineBatch {
  #bytes = Buffer.alloc(0);
  #length = 0;

  /** Bytes gathered. */
  get length(): number {
    return this.#length;
  }

  /** Adds a line of latin1 text. */
  add(line: string): void {
    const length = this.#length + line.length;
    if (length > this.#bytes.length) this.#grow(length);
    this.#bytes.write(line, this.#length, 'latin1');
    this.#length = length;
  }

  #grow(length: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(FIRST, this.#bytes.length * 2, length));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  /** Hands over what was gathered, and begins anew. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
    return taken;
  }
}
