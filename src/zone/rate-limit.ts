/**
 * Limits of the rate of requests, by the arithmetic of nginx's `limit_req`: a bucket for each key that leaks
 * at the rate of the zone. All counts are thousandths of a request, all times whole milliseconds:
 *
 *     excess = max(0, excess − ⌊rate × ms / 1000⌋ + 1000), and 0 for the first request of a key
 *     excess > burst × 1000 → rejected, nothing is counted
 *     excess > delay × 1000 → delayed by ⌊(excess − delay × 1000) × 1000 / rate⌋ ms, which is 0 for little
 *     otherwise             → passed
 *
 * where ms is the time since the key was last counted; a clock that is behind by up to a minute counts as
 * standing still, by more as having moved 1 ms. Several limits are looked at in their order up to the first
 * that rejects, and counted only if none does; the longest delay counts, the later limit's among equals.
 *
 * One thing is stricter than in nginx: there two requests that are looked at between each other's look and
 * count may both pass; here all the keys are locked until the answer stands. Locks are taken in the order
 * of the zones' names, so threads do not wait for each other in a circle.
 */
import type { Clock } from '../base/index.ts';
import { machineClock } from './machine-clock.ts';
import { RATE_MAX } from './options.ts';
import type { Seat } from './seat.ts';
import {
  createTable,
  NEVER_SET,
  SharedTable,
  type TableHandle,
  type TableViewOptions,
} from './shared-table.ts';
import { restoreTable, snapshotTable } from './table-snapshot.ts';

const EXCESS = 0;
const LAST = 0;
const REQUEST = 1000;
/** How long an entry has to be unused before it leaves on its own. Source: nginx, ngx_http_limit_req_expire. */
const IDLE_MS = 60_000;

/** What a zone of rates is made of. */
export interface RateZoneOptions {
  /** Unique among the zones of a process. */
  readonly name: string;
  /** Memory in bytes; a key takes 84 of them. */
  readonly bytes: number;
  /** Thousandths of a request a second, as `parseRate` gives them. */
  readonly rate: number;
  /** Highest index of a web thread. */
  readonly threads: number;
}

/** A zone of rates as it is handed to a thread, in `workerData` or a message. */
export interface RateZoneHandle {
  readonly name: string;
  readonly rate: number;
  readonly table: TableHandle;
}

/** Makes a zone of rates; for the main thread. @throws RangeError for a rate or a size that cannot be. */
export function createRateZone({ name, bytes, rate, threads }: RateZoneOptions): RateZoneHandle {
  if (!Number.isInteger(rate) || rate < 1 || rate > RATE_MAX * REQUEST)
    throw new RangeError(`A rate is 1 to ${RATE_MAX * REQUEST} thousandths a second, not ${rate}`);
  return { name, rate, table: createTable({ bytes, fields: 1, times: 1, threads }) };
}

/** nginx's difference of two moments: see the head of this file. */
function elapsed(now: number, last: number): number {
  const ms = now - last;
  if (ms < -60_000) return 1;
  return ms < 0 ? 0 : ms;
}

/** How a thread uses a zone of rates. */
export interface RateZoneViewOptions extends Pick<TableViewOptions, 'patience' | 'words'> {
  /** Must be the same for all threads; default `machineClock()`. */
  readonly clock?: Clock;
}

/** A zone of rates as one thread uses it: one for a thread, shared by all limits on the zone. */
export class RateZone {
  /** As in the handle. */
  readonly name: string;
  /** Thousandths of a request a second. */
  readonly rate: number;
  /** The excesses and when they were counted, by key. */
  readonly table: SharedTable;
  /** The time of the whole zone. */
  readonly clock: Clock;

  /** @throws Error where the seat's predecessor was not repaired; RangeError for a seat that is not there. */
  constructor(handle: RateZoneHandle, seat: Seat, options: RateZoneViewOptions = {}) {
    const { clock, ...view } = options;
    const { name, rate } = handle;
    this.name = name;
    this.rate = rate;
    this.clock = clock ?? machineClock();
    this.table = new SharedTable(handle.table, seat, {
      ...view,
      idle: (table, entry, now) => {
        const last = table.time(entry, LAST);
        if (last === NEVER_SET) return true;
        const ms = Math.abs(now - last);
        return ms >= IDLE_MS && table.field(entry, EXCESS) <= Math.floor((rate * ms) / 1000);
      },
    });
  }

  /** The excess of the entry if a request came now. */
  excessOf(entry: number, now: number): number {
    const last = this.table.time(entry, LAST);
    if (last === NEVER_SET) return 0;
    const leaked = Math.floor((this.rate * elapsed(now, last)) / 1000);
    return Math.max(0, this.table.field(entry, EXCESS) - leaked + REQUEST);
  }

  /** Counts a request whose excess is known. */
  count(entry: number, excess: number, now: number): void {
    const last = this.table.time(entry, LAST);
    this.table.setField(entry, EXCESS, excess);
    if (last === NEVER_SET || elapsed(now, last) !== 0) this.table.setTime(entry, LAST, now);
  }

  /** Frees what a thread held that is over; for the main thread. A request that it was counting is not counted. */
  repair(seat: Seat): boolean {
    this.table.repair(seat);
    this.table.leave(seat);
    return true;
  }

  /** The zone as bytes, or `null` where a thread stands still on it: to be tried again. */
  snapshot(): Uint8Array | null {
    return snapshotTable(this.table, this.clock);
  }

  /** Fills a zone that no thread uses yet; `null`, or why the snapshot is refused, and nothing has changed. */
  restore(bytes: Uint8Array): string | null {
    return restoreTable(this.table, bytes, this.clock);
  }
}

/** One limit of a location. Source: `limit_req`. */
export interface RateLimit {
  readonly zone: RateZone;
  /** Requests above the rate that are let in; 0 … `RATE_MAX`. */
  readonly burst: number;
  /** Requests above the rate that are not delayed; 0 delays all, `Infinity` is nginx's `nodelay`. */
  readonly delay: number;
}

/** What limits do where a thread stands still on a key. */
export interface RateLimitsOptions {
  /**
   * `pass` lets the request through uncounted, `reject` refuses it, `tell` answers `BUSY`, for who can ask again
   * later. Default `pass`: it lasts until the thread goes on or was repaired, and visitors should not pay for it.
   */
  readonly whenBusy?: 'pass' | 'reject' | 'tell';
}

/** The answer of `RateLimits.check` for a request that goes on at once. */
export const PASS = 0;
/** The answer of `RateLimits.check` for a request that is refused. */
export const REJECT = -1;

/** Answers that a thread stands still on a key: of `RateLimits.check` and `ConcurrencyZone.acquire`, if they are to tell. */
export const BUSY = -2;

/** The limits of a location, checked together. */
export class RateLimits {
  readonly #limits: readonly RateLimit[];
  /** Indexes in the order in which zones are locked. */
  readonly #order: readonly number[];
  readonly #whenBusy: number;
  readonly #entries: Int32Array;
  readonly #excesses: Float64Array;
  /** After `check`: the limit that rejected or delays, by index; -1 where none did. */
  limit = -1;
  /** After `check`: the excess of that limit in thousandths of a request; 0 where none did. */
  excess = 0;
  /** How many checks found a thread standing still on a key. */
  busy = 0;

  /** @throws RangeError for two limits on one zone, a burst or a delay that cannot be. */
  constructor(limits: readonly RateLimit[], options: RateLimitsOptions = {}) {
    if (new Set(limits.map(({ zone }) => zone)).size !== limits.length)
      throw new RangeError('Two limits of a location use the same zone');
    for (const { burst, delay } of limits) {
      if (!Number.isInteger(burst) || burst < 0 || burst > RATE_MAX)
        throw new RangeError(`A burst is 0 to ${RATE_MAX} requests, not ${burst}`);
      if (delay !== Infinity && (!Number.isInteger(delay) || delay < 0))
        throw new RangeError(`A delay begins after a whole number of requests, not ${delay}`);
    }
    this.#limits = limits;
    this.#order = limits
      .map((_, index) => index)
      .toSorted((a, b) => (nameOf(limits, a) < nameOf(limits, b) ? -1 : 1));
    this.#whenBusy = { pass: PASS, reject: REJECT, tell: BUSY }[options.whenBusy ?? 'pass'];
    this.#entries = new Int32Array(limits.length);
    this.#excesses = new Float64Array(limits.length);
  }

  /**
   * Counts a request by its keys, one for each limit; a limit whose key is empty does not apply. Answers
   * `PASS`, `REJECT`, `BUSY` if asked for, or for how many milliseconds the request has to wait before it goes on.
   *
   * @throws RangeError for a key that is no byte string.
   */
  check(keys: readonly string[]): number {
    this.limit = -1;
    this.excess = 0;
    try {
      for (const index of this.#order) {
        const key = keys[index] ?? '';
        if (key !== '' && !this.#at(index).zone.table.lock(key)) {
          this.busy++;
          return this.#whenBusy;
        }
      }
      return this.#look(keys) ? this.#count(keys) : REJECT;
    } finally {
      for (const { zone } of this.#limits) zone.table.unlock();
    }
  }

  #at(index: number): RateLimit {
    return this.#limits[index] as RateLimit;
  }

  /** Finds or makes the entries; `false` at the first limit that rejects. */
  #look(keys: readonly string[]): boolean {
    for (let index = 0; index < this.#limits.length; index++) {
      if ((keys[index] ?? '') === '') continue;
      const { zone, burst } = this.#at(index);
      const { table } = zone;
      const now = this.#now(zone);
      let entry = table.find();
      if (entry === 0) entry = table.insert(now);
      else table.touch(entry);
      // Also a request that is rejected keeps its entry from leaving.
      table.commit();
      const excess = zone.excessOf(entry, now);
      this.#entries[index] = entry;
      this.#excesses[index] = excess;
      if (excess <= burst * REQUEST) continue;
      this.limit = index;
      this.excess = excess;
      return false;
    }
    return true;
  }

  #count(keys: readonly string[]): number {
    let longest = 0;
    for (let index = this.#limits.length - 1; index >= 0; index--) {
      if ((keys[index] ?? '') === '') continue;
      const { zone, delay } = this.#at(index);
      const excess = this.#excesses[index] as number;
      zone.count(this.#entries[index] as number, excess, this.#now(zone));
      zone.table.commit();
      if (excess <= delay * REQUEST) continue;
      const wait = Math.floor(((excess - delay * REQUEST) * 1000) / zone.rate);
      if (wait <= longest) continue;
      longest = wait;
      this.limit = index;
      this.excess = excess;
    }
    return longest;
  }

  #now(zone: RateZone): number {
    return Math.floor(zone.clock.monotonic());
  }
}

function nameOf(limits: readonly RateLimit[], index: number): string {
  return (limits[index] as RateLimit).zone.name;
}
