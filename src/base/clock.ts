import { performance } from 'node:perf_hooks';

/**
 * Time, injected. Policies and protocol code ask a `Clock`, never the process, so that their tests
 * decide what time it is.
 */
export interface Clock {
  /** Milliseconds on a clock that never goes backwards; only differences mean anything. */
  monotonic(): number;
  /** Milliseconds since 1970-01-01 UTC by the wall clock. */
  wall(): number;
}

/** The machine's own: `performance.now`, which no change of the date moves, and `Date.now`. */
export const systemClock: Clock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
};

/** A clock that stands still until its test moves it. */
export class ManualClock implements Clock {
  #monotonic = 0;
  #wall: number;

  /** `wall` is the wall-clock time to start from, in milliseconds since 1970. */
  constructor(wall = 0) {
    this.#wall = wall;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  wall(): number {
    return this.#wall;
  }

  /** Moves both clocks forward by `ms` milliseconds. */
  advance(ms: number): void {
    this.#monotonic += ms;
    this.#wall += ms;
  }
}
