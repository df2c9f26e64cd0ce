/**
 * Limits of how many requests or connections of a key are there at once, as in nginx's `limit_conn`. The
 * record of a key holds the number, and for each thread its share, changed together in one group of the
 * table's undo log. So the number is the sum of the shares after every repair, and what a dead thread held
 * is its shares: the main thread takes them off, entry by entry, each in a group of its own. It goes by
 * the roster, which has the dead generation only once, so nothing is given back twice.
 *
 * Keys that are held never leave; a key that nobody holds is taken out at once. Where the zone is full, a
 * new key is refused, as in nginx, or let through uncounted.
 *
 * A snapshot does not exist: what is counted here ends with its connections, and those stay in the process
 * that has them. Another process that is to count them is told what each request holds, and counts it under
 * a seat of its own.
 */
import type { Patience } from './bounded-wait.ts';
import { BUSY } from './rate-limit.ts';
import type { Seat } from './seat.ts';
import { createTable, SharedTable, type TableHandle } from './shared-table.ts';

const HELD = 0;
const SLOT_BITS = 20;
const SLOTS = 1 << SLOT_BITS;
const USES = 1 << 10;

/** Name, memory and number of web threads, all of which stay as they are while the zone lives. */
export interface ConcurrencyZoneOptions {
  /** Unique among the zones of a process. */
  readonly name: string;
  /** Memory in bytes; a key takes 76 of them and 4 for each thread. */
  readonly bytes: number;
  /** Highest index of a web thread. */
  readonly threads: number;
}

/** A zone of concurrency as it is handed to a thread, in `workerData` or a message. */
export interface ConcurrencyZoneHandle {
  readonly name: string;
  readonly table: TableHandle;
}

/** What a thread does when it cannot count: whether it fails open or closed. */
export interface ConcurrencyZoneViewOptions {
  /**
   * Where a thread stands still on a key: `pass` lets in uncounted, `reject` refuses, `tell` answers `BUSY`, for who
   * can ask again later. Default `pass`, because it lasts until that thread goes on or was repaired.
   */
  readonly whenBusy?: 'pass' | 'reject' | 'tell';
  /** Where there is no room for one more key: default `reject`, as in nginx. */
  readonly whenFull?: 'pass' | 'reject';
  /** How long to wait for a lock; default `WEB_PATIENCE`. */
  readonly patience?: Patience;
  /** The words through which is stored; a test watches them. */
  readonly words?: Int32Array;
}

/** The answer of `acquire` for a key that is at its limit. */
export const REFUSED = -1;
/** The answer of `acquire` for what is let in without being counted; releasing it does nothing. */
export const UNCOUNTED = 0;

/** Makes a zone of concurrency; for the main thread. @throws RangeError for a size that cannot be. */
export function createConcurrencyZone(options: ConcurrencyZoneOptions): ConcurrencyZoneHandle {
  const { name, bytes, threads } = options;
  return { name, table: createTable({ bytes, fields: 1 + threads, times: 0, threads }) };
}

/** The attachment of one thread: it gives out tokens, takes them back, and in the main thread repairs. */
export class ConcurrencyZone {
  /** As in the handle. */
  readonly name: string;
  /** The numbers and shares, by key. */
  readonly table: SharedTable;
  readonly #thread: number;
  readonly #whenBusy: number;
  readonly #whenFull: number;
  // Tokens: which entry each slot stands for (0: none), and how often the slot was used.
  #entryOf = new Int32Array(64);
  #useOf = new Int16Array(64);
  readonly #freeSlots: number[] = [];
  #slots = 1;
  /** Entries of which one is to be given back, because they were busy then. */
  readonly #owed: number[] = [];
  /** How many calls found a thread standing still on a key. */
  busy = 0;

  /** @throws Error where the seat's predecessor was not repaired; RangeError for a seat that is not there. */
  constructor(handle: ConcurrencyZoneHandle, seat: Seat, options: ConcurrencyZoneViewOptions = {}) {
    const { whenBusy = 'pass', whenFull = 'reject', ...view } = options;
    this.name = handle.name;
    this.table = new SharedTable(handle.table, seat, view);
    this.#thread = seat.thread;
    this.#whenBusy = { pass: UNCOUNTED, reject: REFUSED, tell: BUSY }[whenBusy];
    this.#whenFull = whenFull === 'pass' ? UNCOUNTED : REFUSED;
  }

  /**
   * Counts one more of a key if fewer than `limit` are there: a token to be released by this thread, or
   * `REFUSED`, or `UNCOUNTED`, also for an empty key; or `BUSY`, if asked for.
   *
   * @throws RangeError for a key that is no byte string, and in the main thread, which has no share.
   */
  acquire(key: string, limit: number): number {
    if (this.#thread === 0) throw new RangeError('The main thread holds nothing in a zone');
    if (key === '') return UNCOUNTED;
    if (this.#owed.length > 0) this.settle();
    if (this.#freeSlots.length === 0 && this.#slots === SLOTS) return this.#whenFull;
    if (!this.table.lock(key)) {
      this.busy++;
      return this.#whenBusy;
    }
    try {
      let entry = this.table.find();
      if (entry === 0) entry = this.table.insert(0);
      else if (this.table.field(entry, HELD) >= limit) return REFUSED;
      if (entry === 0) return this.#whenFull;
      this.#changeBy(entry, 1);
      this.table.commit();
      return this.#tokenFor(entry);
    } finally {
      this.table.unlock();
    }
  }

  #changeBy(entry: number, one: 1 | -1): void {
    const share = HELD + this.#thread;
    this.table.setField(entry, HELD, this.table.field(entry, HELD) + one);
    this.table.setField(entry, share, this.table.field(entry, share) + one);
  }

  #tokenFor(entry: number): number {
    const slot = this.#freeSlots.pop() ?? this.#slots++;
    if (slot >= this.#entryOf.length) {
      const entries = new Int32Array(slot * 2);
      entries.set(this.#entryOf);
      this.#entryOf = entries;
      const uses = new Int16Array(slot * 2);
      uses.set(this.#useOf);
      this.#useOf = uses;
    }
    this.#entryOf[slot] = entry;
    return ((this.#useOf[slot] as number) << SLOT_BITS) | slot;
  }

  /**
   * Gives back what `acquire` answered. A token counts once: `false`, and nothing done, for one that was
   * released before. Where a thread stands still on the key it is given back later, see `settle`.
   */
  release(token: number): boolean {
    if (token === UNCOUNTED) return true;
    const slot = token & (SLOTS - 1);
    const use = token >>> SLOT_BITS;
    const entry = this.#entryOf[slot] ?? 0;
    if (entry === 0 || this.#useOf[slot] !== use) return false;
    this.#entryOf[slot] = 0;
    this.#useOf[slot] = (use + 1) & (USES - 1);
    this.#freeSlots.push(slot);
    if (this.#owed.length > 0) this.settle();
    if (!this.#giveBack(entry)) this.#owed.push(entry);
    return true;
  }

  #giveBack(entry: number): boolean {
    if (!this.table.lockEntry(entry)) {
      this.busy++;
      return false;
    }
    try {
      this.#changeBy(entry, -1);
      if (this.table.field(entry, HELD) === 0) this.table.remove(entry);
      this.table.commit();
      return true;
    } finally {
      this.table.unlock();
    }
  }

  /**
   * Gives back what `release` could not; to be called now and then, and done with every `acquire` and
   * `release`. `true` when nothing is left.
   */
  settle(): boolean {
    for (let entry = this.#owed.pop(); entry !== undefined; entry = this.#owed.pop()) {
      if (this.#giveBack(entry)) continue;
      this.#owed.push(entry);
      return false;
    }
    return true;
  }

  /** How many of a key are there now; `null` where a thread stands still on it. */
  value(key: string): number | null {
    if (!this.table.lock(key)) return null;
    try {
      const entry = this.table.find();
      return entry === 0 ? 0 : this.table.field(entry, HELD);
    } finally {
      this.table.unlock();
    }
  }

  /**
   * Gives back all that a thread held that is over; for the main thread, after its `exit` event and before
   * its replacement. `true` when all is done (also where it was done before); `false` where a living thread
   * stands still on a key: to be called again, from the event loop and not at once, because what is in the
   * way may be a dead thread too, whose `exit` event is still to come.
   */
  repair(seat: Seat): boolean {
    if (!this.table.has(seat)) return true;
    this.table.repair(seat);
    for (let shard = 0; shard < this.table.shards; shard++)
      if (!this.#takeBack(shard, HELD + seat.thread)) return false;
    this.table.leave(seat);
    return true;
  }

  #takeBack(shard: number, share: number): boolean {
    if (!this.table.lockShard(shard)) return false;
    try {
      let next = 0;
      for (let entry = this.table.oldest(); entry !== 0; entry = next) {
        next = this.table.newer(entry);
        const held = this.table.field(entry, share);
        if (held === 0) continue;
        const left = this.table.field(entry, HELD) - held;
        this.table.setField(entry, HELD, left);
        this.table.setField(entry, share, 0);
        if (left === 0) this.table.remove(entry);
        this.table.commit();
      }
      return true;
    } finally {
      this.table.unlock();
    }
  }
}
