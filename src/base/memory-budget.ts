/**
 * A budget of bytes for what a thread holds on behalf of others: partial heads, bodies that wait for a
 * slow reader, spooled uploads. Above it the thread stops reading, and answers new requests with 503,
 * instead of growing until the process is killed and everybody loses.
 */
export class MemoryBudget {
  /** The bytes that may be held at once. */
  readonly limit: number;
  #held = 0;
  #relieved: (() => void)[] = [];

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Bytes held now. It may exceed `limit` by what was already in flight when the limit was met. */
  get held(): number {
    return this.#held;
  }

  /** Whether new work has to wait or be refused. */
  get exhausted(): boolean {
    return this.#held >= this.limit;
  }

  /** Counts bytes that are held already; it never fails, because they exist. Ask `exhausted` before reading more. */
  take(bytes: number): void {
    this.#held += bytes;
  }

  /** Counts bytes that were let go; wakes those that wait once an eighth of the budget is free again. */
  give(bytes: number): void {
    this.#held -= bytes;
    if (this.#relieved.length > 0 && this.#held <= this.limit - (this.limit >> 3)) {
      const waiting = this.#relieved;
      this.#relieved = [];
      for (const wake of waiting) wake();
    }
  }

  /** Calls `wake` once, when there is room again. */
  onRelief(wake: () => void): void {
    this.#relieved.push(wake);
  }
}
