/** Ids of requests: 16 random bytes in hexadecimal, as nginx's `$request_id`. */
import { randomBytes } from 'node:crypto';

const BYTES = 16;
const BATCH = 256;

/** Gives as many random bytes as it is asked for. */
export type RandomBytes = (size: number) => Buffer;

/** Draws random bytes for many ids at once, because each call of the generator has its price. */
export class RequestIds {
  readonly #random: RandomBytes;
  #drawn = '';
  #at = 0;

  /** `random` is the operating system's generator unless a test says otherwise. */
  constructor(random: RandomBytes = randomBytes) {
    this.#random = random;
  }

  /** The next id: 32 lower-case hexadecimal digits. */
  next(): string {
    if (this.#at === this.#drawn.length) {
      this.#drawn = this.#random(BYTES * BATCH).toString('hex');
      this.#at = 0;
    }
    const from = this.#at;
    this.#at += BYTES * 2;
    return this.#drawn.slice(from, this.#at);
  }
}
