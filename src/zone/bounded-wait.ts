/**
 * Waiting for a word that another thread holds. Whoever holds one is done within a microsecond, unless
 * it lost its processor, stands still or is dead. So: look again a few times, then sleep briefly so that
 * an owner without a processor gets one, then give up. A web thread never waits longer than this.
 */

/** How long is waited. The longest wait is about `spins` × 0.05 µs + `sleeps` × (`sleepMs` + 0.1 ms). */
export interface Patience {
  /** Looks without giving the processor away. */
  readonly spins: number;
  /** Sleeps after that; 0 never sleeps. */
  readonly sleeps: number;
  /** Milliseconds of each sleep. */
  readonly sleepMs: number;
}

/** At most about 4 ms, and nearly always none: for web threads. */
export const WEB_PATIENCE: Patience = { spins: 100, sleeps: 20, sleepMs: 0.1 };

/** Gives up without sleeping: for a word on which this thread gave up before and that is held still. */
export const NO_SLEEP: Patience = { spins: 100, sleeps: 0, sleepMs: 0 };

// Not in every Node that we run on; without it a look is merely less polite to the other half of a core.
const { pause = () => undefined } = Atomics as Partial<Pick<typeof Atomics, 'pause'>>;

/**
 * Waits a little before the look number `attempt` (from 0) at `words[index]`, which was seen to be `seen`;
 * `false` when the patience is over.
 */
export function waitALittle(
  words: Int32Array<SharedArrayBuffer>,
  index: number,
  seen: number,
  attempt: number,
  patience: Patience,
): boolean {
  if (attempt < patience.spins) {
    pause();
    return true;
  }
  if (attempt >= patience.spins + patience.sleeps) return false;
  // Nobody notifies: that would cost every release; the sleep ends at once if the word has changed.
  Atomics.wait(words, index, seen, patience.sleepMs);
  return true;
}
