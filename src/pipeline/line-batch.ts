/** Bytes that a batch begins with; it doubles as lines come. */
const FIRST = 4 * 1024;
const NOTHING = Buffer.alloc(0);

/**
 * Lines on their way to a log. Each becomes bytes at once, while the pieces it was put together from are at
 * hand; gathered as text, thousands of pieces would be looked up again when the batch is written, and live
 * long enough to be moved by the garbage collector meanwhile.
 */
export class LineBatch {
  readonly #full: number;
  #bytes = NOTHING;
  #length = 0;
  // What was taken and is being written, and what may be filled again because it was.
  #taken = NOTHING;
  #spare = NOTHING;

  /** `full` is the number of bytes that a busy log takes at a time: its buffers are used again. */
  constructor(full: number) {
    this.#full = full;
  }

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
    const twice = Math.max(FIRST, this.#bytes.length * 2);
    // The line that makes a batch full is not to double its buffer.
    const busy = this.#full + FIRST;
    const size = length <= busy && twice > busy ? busy : Math.max(twice, length);
    const grown = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }

  /** Hands over what was gathered, until `written` is called or more is taken, and begins anew. */
  take(): Buffer {
    const taken = this.#bytes.subarray(0, this.#length);
    this.#taken = this.#bytes;
    this.#bytes = this.#spare;
    this.#spare = NOTHING;
    this.#length = 0;
    return taken;
  }

  /** What was taken last is not needed any more. */
  written(): void {
    const { length } = this.#taken;
    // A quiet log is not to hold memory, nor is one that stood still and took a lot at once.
    if (length >= this.#full && length <= this.#full * 4) this.#spare = this.#taken;
    this.#taken = NOTHING;
  }
}
