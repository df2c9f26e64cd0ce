/** How long to wait before what failed is tried again: not at all at first, then longer each time. */

/** The wait before the second try, in milliseconds; it doubles from there. */
const FIRST_MS = 100;
const LONGEST_MS = 30_000;
/** What went well for so long, in milliseconds, is no failure that repeats. */
const STEADY_MS = 10_000;

/** See the head of this file. */
export class BackOff {
  readonly #now: () => number;
  #last = -Infinity;
  #failures = 0;

  /** `now` tells monotonic milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes a failure; milliseconds to wait before the next try. */
  failed(): number {
    const now = this.#now();
    if (now - this.#last > STEADY_MS + this.#wait()) this.#failures = 0;
    this.#last = now;
    const wait = this.#wait();
    this.#failures++;
    return wait;
  }

  #wait(): number {
    return this.#failures === 0 ? 0 : Math.min(FIRST_MS * 2 ** (this.#failures - 1), LONGEST_MS);
  }
}
