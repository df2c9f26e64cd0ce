/** What is known of a server of an upstream: by one thread alone, or by all threads of the process together. */
import { systemClock } from '../base/index.ts';
import {
  createExactValues,
  EXACT_LIMIT_MAX,
  ExactValues,
  type ExactValuesHandle,
  machineClock,
  MAIN_SEAT,
  type Seat,
} from '../zone/index.ts';

/** Requests under way and failures of one server. Times are monotonic milliseconds of the thread that asks. */
export interface PeerState {
  /** Requests under way. */
  readonly active: number;
  /** Failures that count now. */
  readonly fails: number;
  /** When it failed last, and when that was last taken for a reason to try it; `-Infinity` for never. */
  readonly failedAt: number;
  checkedAt: number;
  /** Counts a request in, unless `limit` are under way already; 0 is no limit. */
  begin(limit: number): boolean;
  /** Counts a request out. */
  end(): void;
  /** Counts a failure at `now`. */
  fail(now: number): void;
  /** Forgets the failures. */
  forget(): void;
}

/** What one thread has found out by itself. */
export class OwnPeerState implements PeerState {
  active = 0;
  fails = 0;
  failedAt = Number.NEGATIVE_INFINITY;
  checkedAt = Number.NEGATIVE_INFINITY;

  begin(limit: number): boolean {
    if (limit > 0 && this.active >= limit) return false;
    this.active++;
    return true;
  }

  end(): void {
    this.active--;
  }

  fail(now: number): void {
    this.fails++;
    this.failedAt = now;
    this.checkedAt = now;
  }

  forget(): void {
    this.fails = 0;
  }
}

/** The servers of one upstream as threads get them. */
export interface PeerZoneHandle {
  readonly active: ExactValuesHandle;
  readonly marks: SharedArrayBuffer;
}

// Of a server: when it failed, and when it was tried. Doubles, which a processor of 64 bits stores at once.
const TIMES = 2;

/** Memory for so many servers and threads; for the main thread. */
export function createPeerZone(count: number, threads: number): PeerZoneHandle {
  const marks = new SharedArrayBuffer(count * (TIMES + 1) * 8);
  new Float64Array(marks, 0, count * TIMES).fill(Number.NEGATIVE_INFINITY);
  return { active: createExactValues({ count, threads }), marks };
}

/**
 * Gives back the requests that a thread had under way which is over; for the main thread. `false` where another thread
 * is in the way just now: to be tried again.
 */
export function repairPeerZone({ active }: PeerZoneHandle, seat: Seat): boolean {
  return new ExactValues(active, MAIN_SEAT).repair(seat);
}

/** The servers of one upstream as one thread uses them. */
export class PeerZone {
  readonly #active: ExactValues;
  readonly #fails: Int32Array<SharedArrayBuffer>;
  readonly #times: Float64Array;
  /** From the time of this thread to that of all. */
  readonly #offset: number;

  /** @throws Error where the seat's predecessor was not repaired. */
  constructor({ active, marks }: PeerZoneHandle, seat: Seat) {
    this.#active = new ExactValues(active, seat);
    this.#times = new Float64Array(marks, 0, active.count * TIMES);
    this.#fails = new Int32Array(marks, active.count * TIMES * 8, active.count);
    this.#offset = machineClock().monotonic() - systemClock.monotonic();
  }

  /** What all threads know of a server, by its number in the upstream. */
  stateOf(index: number): PeerState {
    const [active, fails, times, offset] = [this.#active, this.#fails, this.#times, this.#offset];
    // Requests that were let in uncounted, because another thread stood still in the middle of counting.
    let uncounted = 0;
    return {
      get active() {
        return active.value(index);
      },
      get fails() {
        return Atomics.load(fails, index);
      },
      get failedAt() {
        return (times[index * TIMES] ?? 0) - offset;
      },
      get checkedAt() {
        return (times[index * TIMES + 1] ?? 0) - offset;
      },
      set checkedAt(now: number) {
        times[index * TIMES + 1] = now + offset;
      },
      begin(limit) {
        active.settle();
        const acquired = active.tryAcquire(index, limit > 0 ? limit : EXACT_LIMIT_MAX);
        if (acquired === 'busy') uncounted++;
        return acquired !== 'refused';
      },
      end() {
        if (uncounted > 0) uncounted--;
        else active.release(index);
      },
      fail(now) {
        Atomics.add(fails, index, 1);
        times[index * TIMES] = now + offset;
        times[index * TIMES + 1] = now + offset;
      },
      forget() {
        Atomics.store(fails, index, 0);
      },
    };
  }
}
