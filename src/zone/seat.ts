/**
 * Who works on shared memory. A thread that ended is replaced by one with the same index and another
 * generation, so what the ended one left behind is never taken for the property of its replacement.
 */

/** Threads that a zone can have, the main thread not counted: an owner is eight bits of a lock word. */
export const THREADS_MAX = 254;

/** The highest generation number: 24 bits of a lock word. After it comes 1 again. */
export const GENERATION_MAX = 0xff_ffff;

/** The place of one thread in the zones of its process. */
export interface Seat {
  /** Index of the web thread, from 1; 0 is the main thread. */
  readonly thread: number;
  /** Which of the threads that had this index, one after the other: 1 … `GENERATION_MAX`; 0 for the main thread. */
  readonly generation: number;
}

/** The seat of the main thread, which is never replaced: where it ends, its process ends. */
export const MAIN_SEAT: Seat = { thread: 0, generation: 0 };

/** The generation of a replacement, given that of the thread that ended. */
export function nextGeneration(generation: number): number {
  return generation >= GENERATION_MAX ? 1 : generation + 1;
}

/** @throws RangeError for a number of threads that no zone can have. */
export function checkThreads(threads: number): void {
  if (!Number.isInteger(threads) || threads < 1 || threads > THREADS_MAX)
    throw new RangeError(`Zones serve 1 to ${THREADS_MAX} threads, not ${threads}`);
}

/** @throws RangeError for a seat that a zone for `threads` threads does not have. */
export function checkSeat({ thread, generation }: Seat, threads: number): void {
  if (thread === 0 && generation === 0) return;
  if (!Number.isInteger(thread) || thread < 1 || thread > threads)
    throw new RangeError(`The zone has threads 1 to ${threads}, not ${thread}`);
  if (!Number.isInteger(generation) || generation < 1 || generation > GENERATION_MAX)
    throw new RangeError(`A generation is 1 to ${GENERATION_MAX}, not ${generation}`);
}

/** The 32-bit word of a seat, different for every seat and never 0; the high bit may make it negative. */
export function seatWord({ thread, generation }: Seat): number {
  return (generation << 8) | (thread + 1);
}
