/**
 * Deaths between two stores, all of them. A thread that dies leaves the memory as it was after one of its
 * stores; so the memory is copied before each store of an operation and after the last, and every copy is
 * what some death leaves behind.
 */

/** Copies shared memory before each plain store that goes through `words`. */
export class StoreWatch {
  readonly #memory: SharedArrayBuffer;
  /** Copies of the memory: one before each store since `watch` was called. */
  readonly images: SharedArrayBuffer[] = [];
  /** To be given to what is watched, in place of its own view of the memory. */
  readonly words: Int32Array;
  #watching = false;

  constructor(memory: SharedArrayBuffer) {
    this.#memory = memory;
    this.words = new Proxy(new Int32Array(memory), {
      get: (target, name): unknown => Reflect.get(target, name, target),
      set: (target, name, value: unknown) => {
        if (this.#watching) this.images.push(copyOf(this.#memory));
        return Reflect.set(target, name, value, target);
      },
    });
  }

  /** Runs an operation and answers all that deaths in it could have left, the finished state last. */
  watch(operation: () => void): readonly SharedArrayBuffer[] {
    this.images.length = 0;
    this.#watching = true;
    try {
      operation();
    } finally {
      this.#watching = false;
    }
    return [...this.images, copyOf(this.#memory)];
  }
}

/** The same bytes in other memory. */
export function copyOf(memory: SharedArrayBuffer): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(memory.byteLength);
  new Uint8Array(copy).set(new Uint8Array(memory));
  return copy;
}
