/**
 * Signs of life of web threads, in memory that the main thread reads: a thread that stands still cannot be asked.
 * All times are those of `machineClock`, which all threads share.
 */

/** Beats of a process as its threads get them. */
export interface BeatsHandle {
  readonly memory: SharedArrayBuffer;
}

/** How often a thread is to beat, in milliseconds. */
export const BEAT_MS = 250;

/** Milliseconds in a window of `longest`; the figure shown is that of this window and of the one before. */
const WINDOW_MS = 5000;

// Words of a thread: its last beat, and the longest stall in the window of now, and in the one before.
const WORDS = 3;

/** Memory for the beats of so many threads; for the main thread. */
export function createBeats(threads: number): BeatsHandle {
  return { memory: new SharedArrayBuffer((threads + 1) * WORDS * 8) };
}

/** The heart of one thread. Doubles: a processor of 64 bits stores one at once. */
export class Heart {
  readonly #words: Float64Array;
  #windowEnds: number;

  /** `thread` counts from 1. */
  constructor({ memory }: BeatsHandle, thread: number, now: number) {
    this.#words = new Float64Array(memory, thread * WORDS * 8, WORDS);
    this.#words.fill(0);
    this.#words[0] = now;
    this.#windowEnds = now + WINDOW_MS;
  }

  /** Says that the thread goes on; it is called every `BEAT_MS`, and so knows by how much it was late. */
  beat(now: number): void {
    const words = this.#words;
    const stall = Math.max(0, now - (words[0] ?? now) - BEAT_MS);
    if (now >= this.#windowEnds) {
      words[2] = words[1] ?? 0;
      words[1] = 0;
      this.#windowEnds = now + WINDOW_MS;
    }
    words[1] = Math.max(words[1] ?? 0, stall);
    words[0] = now;
  }
}

/** What the main thread sees of one thread. */
export interface Pulse {
  /** Milliseconds for which the thread has stood still now; 0 where it goes on. */
  readonly stall: number;
  /** The longest stall of the last seconds, this one included. */
  readonly longest: number;
}

/** Reads the beats of a thread; null before its first. */
export function pulseOf({ memory }: BeatsHandle, thread: number, now: number): Pulse | null {
  const [last = 0, current = 0, before = 0] = new Float64Array(memory, thread * WORDS * 8, WORDS);
  if (last === 0) return null;
  const late = now - last - BEAT_MS;
  // A beat that is late by less than another one is no stall.
  const stall = late > BEAT_MS ? late : 0;
  return { stall, longest: Math.max(stall, current, before) };
}
