/**
 * Which generation sits on each thread index of a zone. Shares and stripes are kept by index, so a
 * replacement must not start before what its predecessor held was given back, and nothing may be given
 * back twice: a seat is taken by compare-and-swap from empty, and becomes empty only by `leave`.
 */
import type { Seat } from './seat.ts';

/** The seats of one zone, a word for each thread. */
export class Roster {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #first: number;

  /** `words[first]` belongs to thread 0, which is never entered; the words of the others follow. */
  constructor(words: Int32Array<SharedArrayBuffer>, first: number) {
    this.#words = words;
    this.#first = first;
  }

  /**
   * Enters a thread. One that is entered already may come again; the main thread needs no entry.
   *
   * @throws Error while an earlier generation has the seat: it was not repaired.
   */
  take({ thread, generation }: Seat): void {
    if (thread === 0) return;
    const sitting = Atomics.compareExchange(this.#words, this.#first + thread, 0, generation);
    if (sitting === 0 || sitting === generation) return;
    throw new Error(
      `Thread ${thread} of generation ${generation} comes before generation ${sitting} was repaired`,
    );
  }

  /** Whether this generation sits on the index now. */
  has(thread: number, generation: number): boolean {
    return generation !== 0 && Atomics.load(this.#words, this.#first + thread) === generation;
  }

  /** Whether no thread of `threads` is entered. */
  isEmpty(threads: number): boolean {
    for (let thread = 1; thread <= threads; thread++)
      if (Atomics.load(this.#words, this.#first + thread) !== 0) return false;
    return true;
  }

  /** Empties the seat, as the last step of a repair; nothing if another generation has it. */
  leave(thread: number, generation: number): void {
    Atomics.compareExchange(this.#words, this.#first + thread, generation, 0);
  }
}
