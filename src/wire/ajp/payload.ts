import { NO_TEXT } from './codes.ts';

/** The number as two bytes of latin1 text, the high one first; from 0 to 65535. */
export function word(number: number): string {
  return String.fromCharCode(number >>> 8, number & 0xff);
}

/** A text with its length in front and a NUL behind; null as the length that no text has. */
export function textPiece(text: string | null): string {
  return text === null ? word(NO_TEXT) : `${word(text.length)}${text}\0`;
}

/**
 * Reads a payload piece by piece. A piece that reaches beyond the end makes the whole of it broken: from then on every
 * number is 0 and every text empty, so that who reads has to ask once, at the end.
 */
export class Payload {
  readonly #text: string;
  #at: number;
  #broken = false;

  /** Reads `text`, which is latin1, from `at` on. */
  constructor(text: string, at = 0) {
    this.#text = text;
    this.#at = at;
  }

  /** Whether something was read that is not there. */
  get broken(): boolean {
    return this.#broken;
  }

  /** Whether bytes are left. */
  get more(): boolean {
    return !this.#broken && this.#at < this.#text.length;
  }

  /** A number of 8 bits. */
  byte(): number {
    const at = this.#take(1);
    return at < 0 ? 0 : this.#text.charCodeAt(at);
  }

  /** A number of 16 bits. */
  word(): number {
    const at = this.#take(2);
    return at < 0 ? 0 : (this.#text.charCodeAt(at) << 8) | this.#text.charCodeAt(at + 1);
  }

  /** A text with its length; null where it says that there is none. */
  text(): string | null {
    const length = this.word();
    return length === NO_TEXT ? null : this.textOf(length);
  }

  /** A text whose length was read already. It has to end in the NUL that its length does not count. */
  textOf(length: number): string {
    const at = this.#take(length + 1);
    if (at < 0) return '';
    if (this.#text.charCodeAt(at + length) !== 0) this.#broken = true;
    return this.#broken ? '' : this.#text.slice(at, at + length);
  }

  // Where the next bytes begin; -1 where there are not so many.
  #take(bytes: number): number {
    const at = this.#at;
    if (this.#broken || at + bytes > this.#text.length) {
      this.#broken = true;
      return -1;
    }
    this.#at = at + bytes;
    return at;
  }
}
