/**
 * Deadlines without timers. A thread holds thousands of connections whose deadlines move with every
 * request; arming a timer for each costs far more than the request. So a deadline is a field, and one
 * sweep a thread compares the fields with the clock. The price is precision: a deadline is noticed up
 * to one sweep interval late, never early.
 */

/** The value of `deadline` that no sweep reaches: nothing is waited for. */
export const NEVER = Number.POSITIVE_INFINITY;

/** Something that waits, and must not wait for ever. */
export interface Deadlined {
  /** The monotonic time in milliseconds at which the wait is over, or `NEVER`. */
  deadline: number;
  /**
   * The time in `deadline` has passed. The field is `NEVER` when this is called; the receiver either
   * sets a new one (a deadline that moved) or gives up what it waited for.
   */
  onDeadline(now: number): void;
}

/** The waiting things of one thread. */
export class Deadlines {
  readonly #waiting = new Set<Deadlined>();

  /** How many things are watched. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Watches the `deadline` field of `item` until `remove`. */
  add(item: Deadlined): void {
    this.#waiting.add(item);
  }

  /** Ends the watch; harmless for one that is not watched. */
  remove(item: Deadlined): void {
    this.#waiting.delete(item);
  }

  /**
   * Calls `onDeadline` of everything whose time has come by `now`. One that throws does not keep the
   * others from being swept: the errors are collected and thrown together afterwards.
   */
  sweep(now: number): void {
    let errors: unknown[] | undefined;
    for (const item of this.#waiting) {
      if (item.deadline > now) continue;
      item.deadline = NEVER;
      try {
        item.onDeadline(now);
      } catch (error) {
        (errors ??= []).push(error);
      }
    }
    if (errors !== undefined) throw new AggregateError(errors, 'Deadlines that failed');
  }
}
