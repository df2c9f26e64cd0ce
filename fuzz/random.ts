/** Numbers that look random and are the same for the same seed on every machine (splitmix32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** 0 to 2^32 - 1. */
  next(): number {
    this.#state = (this.#state + 0x9e3779b9) | 0;
    let mixed = this.#state ^ (this.#state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  }

  /** 0 to `limit - 1`; 0 where `limit` is below 1. */
  below(limit: number): number {
    return limit < 1 ? 0 : this.next() % limit;
  }

  /** Whether something that happens `percent` times in a hundred happens now. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  /** One of the list, which must not be empty. */
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }
}

/** The seed of stream `index` of a run with `seed`; neighbours have nothing in common. */
export function streamSeed(seed: number, index: number): number {
  return new Random(seed ^ Math.imul(new Random(index).next(), 0x9e3779b1)).next();
}
