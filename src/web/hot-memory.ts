/** Something kept as long as there is room. */
export interface Kept {
  /** Bytes. */
  readonly cost: number;
  /** Called when it had to go; never for what was dropped on request. */
  onEvict(): void;
}

/** A place in the order of use; belongs to one `HotMemory`. */
export class KeptSlot {
  readonly kept: Kept;
  readonly cost: number;
  newer: KeptSlot | null = null;
  older: KeptSlot | null = null;
  held = false;

  constructor(kept: Kept) {
    this.kept = kept;
    this.cost = kept.cost;
  }
}

/**
 * Memory for files of one thread, which several routes may share: above the limit, what was not used
 * for the longest time goes first.
 */
export class HotMemory {
  #limit: number;
  #held = 0;
  #count = 0;
  #newest: KeptSlot | null = null;
  #oldest: KeptSlot | null = null;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that may be held. */
  get limit(): number {
    return this.#limit;
  }

  /** Changes the limit, and makes room at once where it is lower. */
  resize(limit: number): void {
    this.#limit = limit;
    this.#makeRoom(0);
  }

  /** Bytes held now, never above `limit`. */
  get held(): number {
    return this.#held;
  }

  /** How many things are kept. */
  get count(): number {
    return this.#count;
  }

  /** Keeps something as the newest and makes room for it; null where it is larger than all there is. */
  keep(kept: Kept): KeptSlot | null {
    const slot = new KeptSlot(kept);
    if (slot.cost > this.limit) return null;
    this.#makeRoom(slot.cost);
    slot.held = true;
    this.#held += slot.cost;
    this.#count++;
    this.#push(slot);
    return slot;
  }

  #makeRoom(bytes: number): void {
    while (this.#held + bytes > this.#limit && this.#oldest !== null) {
      const oldest = this.#oldest;
      this.drop(oldest);
      oldest.kept.onEvict();
    }
  }

  /** Makes the slot the newest. */
  touch(slot: KeptSlot): void {
    if (slot === this.#newest || !slot.held) return;
    this.#unlink(slot);
    this.#push(slot);
  }

  /** Lets go of a slot; harmless for one that is gone. */
  drop(slot: KeptSlot): void {
    if (!slot.held) return;
    slot.held = false;
    this.#held -= slot.cost;
    this.#count--;
    this.#unlink(slot);
  }

  #push(slot: KeptSlot): void {
    slot.older = this.#newest;
    slot.newer = null;
    if (this.#newest === null) this.#oldest = slot;
    else this.#newest.newer = slot;
    this.#newest = slot;
  }

  #unlink(slot: KeptSlot): void {
    if (slot.newer === null) this.#newest = slot.older;
    else slot.newer.older = slot.older;
    if (slot.older === null) this.#oldest = slot.newer;
    else slot.older.newer = slot.newer;
    slot.newer = null;
    slot.older = null;
  }
}
