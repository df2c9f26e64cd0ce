/**
 * Values with a limit that holds to the last one: how many connections an upstream server has, how many
 * requests wait. A value is one 32-bit word, changed by compare-and-swap:
 *
 *     bits 8–31  the value
 *     bits 0–7   0, or thread + 1 of who is changing it
 *
 * and beside it is a word for each thread, its share. To change the value by one, a thread (1) swaps itself
 * into the low bits, (2) stores its new share, (3) stores the new value with low bits 0.
 *
 * Why nothing is lost or given back twice, wherever a thread dies: a share is stored only between (1) and
 * (3) of its own thread, and only one thread is between (1) and (3). So (a) while the low bits are 0 the
 * value is the sum of the shares; (b) while they name thread d, all shares but that of d stand still, and
 * are right. If d died outside of (1)–(3), its share is right, and the main thread takes it off like any
 * other change. If d died inside, nobody knows whether its share was stored, and nobody has to: the main
 * thread sets the value to the sum of the others' shares, which is what remains without d. In both cases
 * the share of d is 0 afterwards and the roster no longer has its generation, so a second repair finds
 * nothing to do. A value is a sum of shares, and no share goes below 0, so the value does not either.
 *
 * The compare-and-swap of a bare counter could not be repaired: between it and the store of the share there
 * is an instruction after which nobody can tell whether the dead one was counted.
 */
import { NO_SLEEP, waitALittle, WEB_PATIENCE } from './bounded-wait.ts';
import { Roster } from './roster.ts';
import { checkSeat, checkThreads, type Seat } from './seat.ts';

/** The highest limit: what 24 bits hold. */
export const EXACT_LIMIT_MAX = 0xff_ffff;

const OWNER_BITS = 8;
const OWNER = 0xff;
const LINE_WORDS = 16;

/** How many values there are, and for whom. */
export interface ExactValuesOptions {
  /** Number of values; they are named by index. */
  readonly count: number;
  /** Highest index of a web thread. */
  readonly threads: number;
}

/** Values as they are handed to a thread, in `workerData` or a message. */
export interface ExactValuesHandle {
  readonly memory: SharedArrayBuffer;
  readonly count: number;
  readonly threads: number;
}

/**
 * What came of asking for one more: it is `acquired`; it is `refused` because the limit is reached; or the
 * value is `busy`: another thread stands still in the middle of a change, and nobody knows.
 */
export type Acquisition = 'acquired' | 'refused' | 'busy';

function lines(words: number): number {
  return Math.ceil(words / LINE_WORDS) * LINE_WORDS;
}

/** Makes values, all zero; for the main thread. @throws RangeError for counts that cannot be. */
export function createExactValues({ count, threads }: ExactValuesOptions): ExactValuesHandle {
  checkThreads(threads);
  if (!Number.isInteger(count) || count < 1) throw new RangeError(`There are no ${count} values`);
  const words = lines(threads + 1) + count * lines(threads + 2);
  return { memory: new SharedArrayBuffer(words * 4), count, threads };
}

/** The attachment of one thread: it acquires and releases, and in the main thread repairs. */
export class ExactValues {
  readonly #handle: ExactValuesHandle;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #shares: Int32Array;
  readonly #roster: Roster;
  readonly #seat: Seat;
  readonly #owed: Int32Array;
  #gaveUpOn = -1;

  /**
   * `shares` are the words through which shares are stored; a test watches them.
   *
   * @throws Error where the seat's predecessor was not repaired; RangeError for a seat that is not there.
   */
  constructor(
    handle: ExactValuesHandle,
    seat: Seat,
    shares: Int32Array = new Int32Array(handle.memory),
  ) {
    checkSeat(seat, handle.threads);
    this.#handle = handle;
    this.#words = new Int32Array(handle.memory);
    this.#shares = shares;
    this.#roster = new Roster(this.#words, 0);
    this.#roster.take(seat);
    this.#seat = seat;
    this.#owed = new Int32Array(handle.count);
  }

  #at(index: number): number {
    if (!(index >= 0 && index < this.#handle.count))
      throw new RangeError(`There is no value ${index}`);
    return lines(this.#handle.threads + 1) + index * lines(this.#handle.threads + 2);
  }

  /** The value now, by whoever it was acquired. */
  value(index: number): number {
    return Atomics.load(this.#words, this.#at(index)) >>> OWNER_BITS;
  }

  /**
   * Adds one to a value that is below `limit` (at most `EXACT_LIMIT_MAX`, more is taken as that), to be
   * released by this thread.
   */
  tryAcquire(index: number, limit: number): Acquisition {
    const at = this.#at(index);
    const value = this.#enter(at);
    if (value < 0) return 'busy';
    const owed = this.#owed[index] as number;
    const free = value - owed < Math.min(limit, EXACT_LIMIT_MAX);
    this.#leave(index, at, value, (free ? 1 : 0) - owed);
    return free ? 'acquired' : 'refused';
  }

  /**
   * Gives one back. Where another thread stands still on the value it is given back later: with the next
   * call for the same value, or by `settle`. `false`, and nothing done, if this thread holds none.
   */
  release(index: number): boolean {
    const at = this.#at(index);
    const share = this.#shares[at + 1 + this.#seat.thread] as number;
    if (share - (this.#owed[index] as number) <= 0) return false;
    (this.#owed[index] as number)++;
    this.#pay(index);
    return true;
  }

  /** Gives back what `release` could not; to be called now and then, and before the thread ends by itself. `true` when nothing is left. */
  settle(): boolean {
    let settled = true;
    for (let index = 0; index < this.#handle.count; index++)
      if (this.#owed[index] !== 0 && !this.#pay(index)) settled = false;
    return settled;
  }

  #pay(index: number): boolean {
    const at = this.#at(index);
    const value = this.#enter(at);
    if (value < 0) return false;
    this.#leave(index, at, value, -(this.#owed[index] as number));
    return true;
  }

  /** Begins a change of the word: its value, or -1 when somebody else was changing it all the time. */
  #enter(at: number): number {
    const words = this.#words;
    const me = this.#seat.thread + 1;
    const patience = at === this.#gaveUpOn ? NO_SLEEP : WEB_PATIENCE;
    let seen = Atomics.load(words, at);
    for (let attempt = 0; ; attempt++) {
      const owner = seen & OWNER;
      if (owner === 0) {
        const found = Atomics.compareExchange(words, at, seen, seen | me);
        if (found === seen) {
          if (at === this.#gaveUpOn) this.#gaveUpOn = -1;
          return seen >>> OWNER_BITS;
        }
        seen = found;
      } else if (owner === me) {
        // An exception left this thread inside. Its share is what it is; the value is their sum.
        return this.#sumWithout(at, -1);
      }
      if (!waitALittle(words, at, seen, attempt, patience)) break;
      seen = Atomics.load(words, at);
    }
    this.#gaveUpOn = at;
    return -1;
  }

  #leave(index: number, at: number, value: number, change: number): void {
    if (change !== 0) (this.#shares[at + 1 + this.#seat.thread] as number) += change;
    this.#owed[index] = 0;
    Atomics.store(this.#words, at, (value + change) << OWNER_BITS);
  }

  #sumWithout(at: number, thread: number): number {
    let sum = 0;
    for (let other = 0; other <= this.#handle.threads; other++)
      if (other !== thread) sum += this.#shares[at + 1 + other] as number;
    return sum;
  }

  /**
   * Gives back what a thread held that is over; for the main thread, after the `exit` event and before the
   * replacement. `true` when all is done (also where it was done before); `false` where a living thread
   * stands still on a value: to be called again, from the event loop and not at once, because what is in
   * the way may be a dead thread too, whose `exit` event is still to come.
   */
  repair({ thread, generation }: Seat): boolean {
    if (!this.#roster.has(thread, generation)) return true;
    for (let index = 0; index < this.#handle.count; index++)
      if (!this.#takeBack(this.#at(index), thread)) return false;
    this.#roster.leave(thread, generation);
    return true;
  }

  #takeBack(at: number, dead: number): boolean {
    const share = at + 1 + dead;
    if ((Atomics.load(this.#words, at) & OWNER) === dead + 1) {
      this.#shares[share] = 0;
      Atomics.store(this.#words, at, this.#sumWithout(at, dead) << OWNER_BITS);
      return true;
    }
    const held = this.#shares[share] as number;
    if (held === 0) return true;
    const value = this.#enter(at);
    if (value < 0) return false;
    this.#shares[share] = 0;
    Atomics.store(this.#words, at, (value - held) << OWNER_BITS);
    return true;
  }
}
