/**
 * Locks that outlive their holder. A thread may be terminated while it holds one; a lock that says only
 * "taken" would then be taken for ever. The word therefore holds the seat of its holder. When a thread is
 * over, the main thread calls `repair`, which finds its locks, has what they protect mended and frees them.
 *
 * Why this is right: a word goes from 0 to a seat by compare-and-swap only, and from a seat to 0 only by
 * that seat, or by the main thread once that seat's thread is over; so a lock has one holder, and the one
 * who mends holds it as the dead did. A dead thread executes nothing more, and its end is ordered before
 * the `exit` event, so the main thread sees every store that it made. A seat's generation is not used
 * twice, so a repair that comes late or twice never frees a lock of the replacement.
 */
import { NO_SLEEP, type Patience, waitALittle, WEB_PATIENCE } from './bounded-wait.ts';
import { type Seat, seatWord } from './seat.ts';

/** Where the locks lie in the words of a zone. */
export interface LockLayout {
  /** Index of the first lock's word. */
  readonly first: number;
  /** Words from one lock to the next. */
  readonly stride: number;
  /** How many locks there are. */
  readonly count: number;
}

/** The locks of a zone, as one thread sees them. */
export class OwnedLocks {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #layout: LockLayout;
  readonly #me: number;
  readonly #patience: Patience;
  /** The lock on which this thread gave up last. While it is held, nobody sleeps for it a second time. */
  #gaveUpOn = -1;

  /** `patience` is how long `acquire` waits; default `WEB_PATIENCE`. */
  constructor(
    words: Int32Array<SharedArrayBuffer>,
    layout: LockLayout,
    seat: Seat,
    patience = WEB_PATIENCE,
  ) {
    this.#words = words;
    this.#layout = layout;
    this.#me = seatWord(seat);
    this.#patience = patience;
  }

  /**
   * Takes a lock; `false` if somebody else held it for the whole patience. It also succeeds where this
   * thread holds the lock already, which happens only after an exception between taking and releasing.
   */
  acquire(lock: number): boolean {
    const at = this.#at(lock);
    const seen = Atomics.compareExchange(this.#words, at, 0, this.#me);
    return seen === 0 || seen === this.#me || this.#acquireSlowly(lock, at, seen);
  }

  #acquireSlowly(lock: number, at: number, held: number): boolean {
    const patience = lock === this.#gaveUpOn ? NO_SLEEP : this.#patience;
    let seen = held;
    for (let attempt = 0; waitALittle(this.#words, at, seen, attempt, patience); attempt++) {
      // A plain look first: compare-and-swap takes the cache line away from the holder.
      seen = Atomics.load(this.#words, at);
      if (seen !== 0) continue;
      seen = Atomics.compareExchange(this.#words, at, 0, this.#me);
      if (seen !== 0) continue;
      if (lock === this.#gaveUpOn) this.#gaveUpOn = -1;
      return true;
    }
    this.#gaveUpOn = lock;
    return false;
  }

  /** Gives a lock back; nothing if this thread does not hold it. */
  release(lock: number): void {
    Atomics.compareExchange(this.#words, this.#at(lock), this.#me, 0);
  }

  /** Whether this thread holds the lock. */
  isMine(lock: number): boolean {
    return Atomics.load(this.#words, this.#at(lock)) === this.#me;
  }

  /**
   * Frees what the thread of a seat held, which is over; for the main thread, after its `exit` event.
   * `mend` is called for each such lock before it is free, and makes whole what it protects.
   * Answers the locks: what they protect may have been half-written.
   */
  repair(seat: Seat, mend: (lock: number) => void): readonly number[] {
    const dead = seatWord(seat);
    const freed: number[] = [];
    for (let lock = 0; lock < this.#layout.count; lock++) {
      const at = this.#at(lock);
      if (Atomics.load(this.#words, at) !== dead) continue;
      mend(lock);
      Atomics.store(this.#words, at, 0);
      freed.push(lock);
    }
    return freed;
  }

  #at(lock: number): number {
    return this.#layout.first + lock * this.#layout.stride;
  }
}
