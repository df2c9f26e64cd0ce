/**
 * A table of fixed size in shared memory: a byte string → a few numbers, exact under any number of threads.
 *
 * A thread takes the lock of the shard in which a key would be, works on it, commits and gives the lock
 * back. Every change goes through the undo log of the shard, and `commit` ends a group; a thread that dies
 * anywhere leaves the last committed state after `repair`, and one that throws after `unlock`. Entries that
 * are free hold nothing that counts, so the key of a new one is written without the log.
 *
 * Where a shard is full, entries leave from the least recently used on, as in nginx's `limit_req_zone`: a
 * new key removes one or two that are idle; if there was none, the oldest of all leaves, idle or not. A
 * table without a policy removes nothing and refuses new keys.
 */
import { randomBytes } from 'node:crypto';
import type { Patience } from './bounded-wait.ts';
import { OwnedLocks } from './owned-locks.ts';
import { Roster } from './roster.ts';
import { checkSeat, checkThreads, type Seat } from './seat.ts';
import { DIGESTED, PackedKey, unpackKey } from './table-key.ts';
import {
  ENTRY,
  FIELDS_AT,
  KEY_WORDS,
  SECRET_WORDS,
  type TableLayout,
  tableLayout,
  type TableShape,
} from './table-layout.ts';
import { UndoLog } from './undo-log.ts';

/** A table as it is handed to a thread, in `workerData` or a message. */
export interface TableHandle {
  readonly memory: SharedArrayBuffer;
  readonly shape: TableShape;
}

/** Which entries may leave when there is no room: those for which it answers true at the moment `now`. */
export type IdlePolicy = (table: SharedTable, entry: number, now: number) => boolean;

/** What may leave when there is no room, and how long is waited for others. */
export interface TableViewOptions {
  /** Default: nothing ever leaves. */
  readonly idle?: IdlePolicy;
  /** How long to wait for a lock; default `WEB_PATIENCE`. */
  readonly patience?: Patience;
  /** The words through which is stored; a test watches them. */
  readonly words?: Int32Array;
}

/** A key as it lies in a table. */
export interface KeptKey {
  /** The bytes, or those of the digest. */
  readonly bytes: string;
  /** Whether the key was longer than `KEY_BYTES`. */
  readonly digested: boolean;
}

const NEVER_HIGH = -0x8000_0000;
const TWO_32 = 2 ** 32;

/** Stands for a moment of a record where none was set yet; before every other moment. */
export const NEVER_SET = Number.NEGATIVE_INFINITY;

/**
 * Makes a table, empty, with fresh secrets; for the main thread.
 *
 * @throws RangeError where the memory has no room for a key, or the number of threads cannot be.
 */
export function createTable(
  shape: TableShape,
  random: (bytes: number) => Uint8Array = randomBytes,
): TableHandle {
  checkThreads(shape.threads);
  const { firstShard, shards, shardWords } = tableLayout(shape);
  const memory = new SharedArrayBuffer((firstShard + shards * shardWords) * 4);
  new Uint8Array(memory, 0, SECRET_WORDS * 4).set(random(SECRET_WORDS * 4));
  return { memory, shape };
}

/** The attachment of one thread, with the key that it works on and the shard that it has locked. */
export class SharedTable {
  readonly handle: TableHandle;
  /** Keys for which there is room. */
  readonly capacity: number;
  /** How many parts with a lock of their own there are. */
  readonly shards: number;
  readonly #layout: TableLayout;
  readonly #words: Int32Array;
  readonly #locks: OwnedLocks;
  readonly #roster: Roster;
  readonly #undo: UndoLog;
  readonly #idle: IdlePolicy | undefined;
  readonly #key: PackedKey;
  /** First word of the shard that is locked, or 0. */
  #shard = 0;
  #lock = -1;

  /** @throws Error where the seat's predecessor was not repaired; RangeError for a seat that is not there. */
  constructor(handle: TableHandle, seat: Seat, options: TableViewOptions = {}) {
    checkSeat(seat, handle.shape.threads);
    const layout = tableLayout(handle.shape);
    const shared = new Int32Array(handle.memory);
    this.handle = handle;
    this.#layout = layout;
    this.shards = layout.shards;
    this.capacity = layout.shards * layout.shardEntries;
    this.#words = options.words ?? shared;
    this.#undo = new UndoLog(this.#words, layout.undoPairs);
    this.#idle = options.idle;
    this.#key = new PackedKey(new Int32Array(handle.memory, 0, SECRET_WORDS));
    this.#roster = new Roster(shared, layout.roster);
    this.#roster.take(seat);
    const { firstShard: first, shardWords: stride, shards: count } = layout;
    this.#locks = new OwnedLocks(shared, { first, stride, count }, seat, options.patience);
  }

  /**
   * Locks the shard of a key and makes that key the current one; `false` if a thread stands still on it.
   * To be followed by `unlock` in a `finally`. A thread has one shard of a table locked at a time.
   *
   * @throws RangeError for text that is no byte string.
   */
  lock(key: string): boolean {
    this.#key.pack(key);
    return this.lockShard(this.#key.hash & (this.shards - 1));
  }

  /** The same for a key that `keyOf` of this table, or of the one it was copied from, gave away. */
  lockKept({ bytes, digested }: KeptKey): boolean {
    this.#key.packKept(bytes, digested);
    return this.lockShard(this.#key.hash & (this.shards - 1));
  }

  /** Locks a shard by its number, to walk over it. */
  lockShard(number: number): boolean {
    if (!this.#locks.acquire(number)) return false;
    this.#lock = number;
    this.#shard = this.#layout.firstShard + number * this.#layout.shardWords;
    // Only after an exception of this thread, which came between taking and giving back.
    if (this.#words[this.#log] !== 0) this.#undo.rollback(this.#log);
    return true;
  }

  /** Locks the shard in which an entry is. */
  lockEntry(entry: number): boolean {
    return this.lockShard(Math.floor((entry - this.#layout.firstShard) / this.#layout.shardWords));
  }

  /** Ends a group of changes: they stay, whatever happens. */
  commit(): void {
    this.#undo.commit(this.#log);
  }

  /** Gives the lock back; what was not committed is taken back. Nothing where nothing is locked. */
  unlock(): void {
    if (this.#lock < 0) return;
    if (this.#words[this.#log] !== 0) this.#undo.rollback(this.#log);
    this.#locks.release(this.#lock);
    this.#lock = -1;
    this.#shard = 0;
  }

  get #log(): number {
    return this.#shard + this.#layout.log;
  }

  #change(index: number, value: number): void {
    this.#undo.change(this.#log, index, value);
  }

  /** The entry of the current key, or 0. Entries are numbers that mean something while the shard is locked. */
  find(): number {
    const words = this.#words;
    const { hash, length } = this.#key;
    for (let entry = words[this.#bucket(hash)] as number; entry !== 0;) {
      if (
        words[entry + ENTRY.hash] === hash &&
        words[entry + ENTRY.length] === length &&
        this.#isKeyOf(entry)
      )
        return entry;
      entry = words[entry + ENTRY.chain] as number;
    }
    return 0;
  }

  #bucket(hash: number): number {
    // The high bits: the low ones chose the shard.
    const bucket = Math.floor(((hash >>> 0) / TWO_32) * this.#layout.shardEntries);
    return this.#shard + this.#layout.buckets + bucket;
  }

  #isKeyOf(entry: number): boolean {
    const words = this.#words;
    const key = this.#key.words;
    for (let i = 0; i < KEY_WORDS; i++) if (words[entry + ENTRY.key + i] !== key[i]) return false;
    return true;
  }

  /**
   * Makes an entry for the current key, which `find` did not find: all fields 0, all times `NEVER_SET`, and
   * the most recently used. 0 where there is no room. Removals for the sake of room are committed.
   * Without `sweep` idle entries stay as long as there is room: for filling a table from a snapshot.
   */
  insert(now: number, sweep = true): number {
    if (this.#idle !== undefined && sweep) this.#expire(this.#idle, now, 1, 2);
    let entry = this.#allocate();
    if (entry === 0) {
      if (this.#idle === undefined) return 0;
      this.#expire(this.#idle, now, 0, sweep ? 2 : 0);
      entry = this.#allocate();
    }
    const words = this.#words;
    const { fields, times } = this.handle.shape;
    words[entry + ENTRY.length] = this.#key.length;
    for (let i = 0; i < KEY_WORDS; i++) words[entry + ENTRY.key + i] = this.#key.words[i] as number;
    for (let i = 0; i < fields; i++) words[entry + FIELDS_AT + i] = 0;
    for (let i = 0; i < times; i++) words[entry + FIELDS_AT + fields + 2 * i] = NEVER_HIGH;
    const { hash } = this.#key;
    words[entry + ENTRY.hash] = hash;
    const bucket = this.#bucket(hash);
    this.#change(entry + ENTRY.chain, words[bucket] as number);
    this.#change(bucket, entry);
    this.#linkAsNewest(entry);
    return entry;
  }

  #allocate(): number {
    const words = this.#words;
    const layout = this.#layout;
    const used = this.#shard + layout.used;
    const free = this.#shard + layout.free;
    const unused = this.#shard + layout.unused;
    let entry = words[free] as number;
    if (entry !== 0) this.#change(free, words[entry + ENTRY.chain] as number);
    else {
      const fresh = words[unused] as number;
      if (fresh >= layout.shardEntries) return 0;
      this.#change(unused, fresh + 1);
      entry = this.#shard + layout.entries + fresh * layout.entryWords;
    }
    this.#change(used, (words[used] as number) + 1);
    return entry;
  }

  /** nginx's order: from `round` 0 the oldest leaves unasked; rounds 1 and 2 end at the first that is not idle. */
  #expire(idle: IdlePolicy, now: number, first: number, last: number): void {
    const oldest = this.#shard + this.#layout.oldest;
    for (let round = first; round <= last; round++) {
      const entry = this.#words[oldest] as number;
      if (entry === 0) return;
      if (round > 0 && !idle(this, entry, now)) return;
      if (round === 0) {
        const forced = this.#shard + this.#layout.forced;
        this.#change(forced, ((this.#words[forced] as number) + 1) | 0);
      }
      this.remove(entry);
      this.commit();
    }
  }

  /** Makes an entry the most recently used one. */
  touch(entry: number): void {
    if (this.#words[this.#shard + this.#layout.newest] === entry) return;
    this.#unlink(entry);
    this.#linkAsNewest(entry);
  }

  #linkAsNewest(entry: number): void {
    const newest = this.#shard + this.#layout.newest;
    const before = this.#words[newest] as number;
    this.#change(entry + ENTRY.newer, 0);
    this.#change(entry + ENTRY.older, before);
    if (before === 0) this.#change(this.#shard + this.#layout.oldest, entry);
    else this.#change(before + ENTRY.newer, entry);
    this.#change(newest, entry);
  }

  #unlink(entry: number): void {
    const newer = this.#words[entry + ENTRY.newer] as number;
    const older = this.#words[entry + ENTRY.older] as number;
    if (newer === 0) this.#change(this.#shard + this.#layout.newest, older);
    else this.#change(newer + ENTRY.older, older);
    if (older === 0) this.#change(this.#shard + this.#layout.oldest, newer);
    else this.#change(older + ENTRY.newer, newer);
  }

  /** Takes an entry out. */
  remove(entry: number): void {
    const words = this.#words;
    let link = this.#bucket(words[entry + ENTRY.hash] as number);
    while (words[link] !== entry) link = (words[link] as number) + ENTRY.chain;
    this.#change(link, words[entry + ENTRY.chain] as number);
    this.#unlink(entry);
    const free = this.#shard + this.#layout.free;
    this.#change(entry + ENTRY.chain, words[free] as number);
    this.#change(free, entry);
    const used = this.#shard + this.#layout.used;
    this.#change(used, (words[used] as number) - 1);
  }

  /** A number of a record, by its index. */
  field(entry: number, index: number): number {
    return this.#words[entry + FIELDS_AT + index] as number;
  }

  /** Changes a number of a record, signed 32 bits. In one group each field is set once. */
  setField(entry: number, index: number, value: number): void {
    this.#change(entry + FIELDS_AT + index, value);
  }

  /** A time of a record in milliseconds, or `NEVER_SET`. */
  time(entry: number, index: number): number {
    const at = entry + FIELDS_AT + this.handle.shape.fields + 2 * index;
    const high = this.#words[at] as number;
    if (high === NEVER_HIGH) return NEVER_SET;
    return high * TWO_32 + ((this.#words[at + 1] as number) >>> 0);
  }

  /** Changes a time of a record: whole milliseconds, also before 0, or `NEVER_SET`. Both words are kept: it never wraps. */
  setTime(entry: number, index: number, value: number): void {
    const at = entry + FIELDS_AT + this.handle.shape.fields + 2 * index;
    const high = value === NEVER_SET ? NEVER_HIGH : Math.floor(value / TWO_32);
    this.#change(at, high);
    this.#change(at + 1, value === NEVER_SET ? 0 : value - high * TWO_32);
  }

  /** The least recently used entry of the locked shard, or 0. */
  oldest(): number {
    return this.#words[this.#shard + this.#layout.oldest] as number;
  }

  /** The entry that was used next after this one, or 0. */
  newer(entry: number): number {
    return this.#words[entry + ENTRY.newer] as number;
  }

  /** The key of an entry. */
  keyOf(entry: number): KeptKey {
    const length = this.#words[entry + ENTRY.length] as number;
    return {
      bytes: unpackKey(this.#words, entry + ENTRY.key, length & ~DIGESTED),
      digested: (length & DIGESTED) !== 0,
    };
  }

  /** Keys in the table now; exact where no other thread works on it. */
  get size(): number {
    return this.#sum(this.#layout.used);
  }

  /** How often an entry that was not idle left to make room; 32 bits a shard, so it may wrap. */
  get forced(): number {
    return this.#sum(this.#layout.forced);
  }

  #sum(offset: number): number {
    let sum = 0;
    for (let shard = 0; shard < this.shards; shard++)
      sum += this.#words[
        this.#layout.firstShard + shard * this.#layout.shardWords + offset
      ] as number;
    return sum;
  }

  /** Whether no web thread uses the table. */
  get isUnused(): boolean {
    return this.#roster.isEmpty(this.handle.shape.threads);
  }

  /** The secret of the digests of long keys, and nothing of the hash. */
  get digestSecret(): Int32Array {
    return new Int32Array(this.handle.memory, 8, SECRET_WORDS - 2);
  }

  /** Whether a generation of a thread uses the table, and was not taken off by `leave`. */
  has({ thread, generation }: Seat): boolean {
    return this.#roster.has(thread, generation);
  }

  /**
   * Frees the locks of a thread that is over and takes back what it had not committed; for the main thread.
   * Answers the shards.
   */
  repair(seat: Seat): readonly number[] {
    if (!this.has(seat)) return [];
    return this.#locks.repair(seat, (lock) => {
      const shard = this.#layout.firstShard + lock * this.#layout.shardWords;
      this.#undo.rollback(shard + this.#layout.log);
    });
  }

  /** Ends a repair: the seat is free for the next generation. */
  leave({ thread, generation }: Seat): void {
    this.#roster.leave(thread, generation);
  }
}
