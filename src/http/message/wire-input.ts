import type { MemoryBudget } from '../../base/index.ts';
import type { Wire } from './wire.ts';

/** Who reads from the wire. */
export interface InputOwner {
  /** There is memory again: what waited for it may go on. */
  onRelief(): void;
}

/** The incoming half of a connection: whether it is read, and what it holds of the thread's memory budget. */
export class WireInput {
  readonly #wire: Wire;
  readonly #budget: MemoryBudget;
  #held = 0;
  #paused = false;
  #waits = false;
  #closed = false;

  constructor(wire: Wire, budget: MemoryBudget) {
    this.#wire = wire;
    this.#budget = budget;
  }

  /** Charges the budget for the bytes that are held now, instead of those that were. */
  hold(bytes: number): void {
    const change = bytes - this.#held;
    if (change === 0) return;
    this.#held = bytes;
    if (change > 0) this.#budget.take(change);
    else this.#budget.give(-change);
  }

  /** Stops reading. */
  pause(): void {
    if (this.#paused || this.#closed) return;
    this.#paused = true;
    this.#wire.pause();
  }

  /** Reads again. */
  resume(): void {
    if (!this.#paused || this.#closed) return;
    this.#paused = false;
    this.#wire.resume();
  }

  /** Whether reading waits until others have let go of memory. */
  get waits(): boolean {
    return this.#waits;
  }

  /** Reads on, unless memory is used up: then stops, and tells the owner once when there is some again. */
  resumeWithin(owner: InputOwner): void {
    if (!this.#budget.exhausted) {
      this.resume();
      return;
    }
    this.pause();
    if (this.#waits) return;
    this.#waits = true;
    this.#budget.onRelief(() => {
      this.#waits = false;
      owner.onRelief();
    });
  }

  /** The connection is gone: the wire is left alone from now on. What is held may still be read. */
  close(): void {
    this.#closed = true;
  }
}
