import { escapeText, isPlain } from './log-escape.ts';

/** A line as its format writes it, piece by piece; the pieces are latin1 text. */
export interface LogLine {
  /** Adds text that is safe in a log: of ours, or escaped already. */
  text(piece: string): void;
  /** Adds text of a client, escaped as `escapeText` does. */
  escaped(piece: string): void;
  /** Adds a whole number that is not negative. */
  decimal(number: number): void;
}

/** Bytes that a batch begins with; it doubles as lines come. */
const FIRST = 4 * 1024;
const NOTHING = Buffer.alloc(0);

/** Up to this many characters are copied faster one by one than by a call. */
const SHORT = 48;
const ZERO = 0x30;

/**
 * Lines on their way to a log. They become bytes piece by piece, while each piece is at hand; gathered as
 * text, thousands of pieces would be looked up again when the batch is written, and live long enough to be
 * moved by the garbage collector meanwhile.
 */
export class LineBatch implements LogLine {
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

  text(piece: string): void {
    const { length } = piece;
    const from = this.#room(length);
    const bytes = this.#bytes;
    if (length > SHORT) bytes.write(piece, from, 'latin1');
    else for (let at = 0; at < length; at++) bytes[from + at] = piece.charCodeAt(at);
  }

  escaped(piece: string): void {
    const { length } = piece;
    const from = this.#room(length);
    const bytes = this.#bytes;
    for (let at = 0; at < length; at++) {
      const code = piece.charCodeAt(at);
      if (!isPlain(code)) {
        this.#length = from + at;
        this.text(escapeText(piece.slice(at)));
        return;
      }
      bytes[from + at] = code;
    }
  }

  decimal(number: number): void {
    if (number >= 1000) {
      this.text(String(number));
      return;
    }
    const from = this.#room(number >= 100 ? 3 : number >= 10 ? 2 : 1);
    let rest = number;
    for (let at = this.#length - 1; at >= from; at--) {
      this.#bytes[at] = ZERO + (rest % 10);
      rest = Math.floor(rest / 10);
    }
  }

  /** Takes back what was added beyond `length` bytes. */
  cut(length: number): void {
    this.#length = length;
  }

  // Makes the batch longer by so many bytes; returns where they begin.
  #room(bytes: number): number {
    const from = this.#length;
    this.#length = from + bytes;
    if (this.#length > this.#bytes.length) this.#grow(from);
    return from;
  }

  #grow(kept: number): void {
    const length = this.#length;
    const twice = Math.max(FIRST, this.#bytes.length * 2);
    // The line that makes a batch full is not to double its buffer.
    const busy = this.#full + FIRST;
    const size = length <= busy && twice > busy ? busy : Math.max(twice, length);
    const grown = Buffer.allocUnsafeSlow(size);
    this.#bytes.copy(grown, 0, 0, kept);
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

/** The line that `format` writes about `subject`, as text. */
export function lineText<Subject>(
  format: (subject: Subject, line: LogLine) => void,
  subject: Subject,
): string {
  const batch = new LineBatch(0);
  format(subject, batch);
  return batch.take().toString('latin1');
}
