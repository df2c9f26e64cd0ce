/** Enough for a good many clients that take files at the same time: 8 MiB of chunks a thread. */
const KEPT = 128;

/**
 * Chunks that were taken by the operating system and may be filled again, the last used first: it still
 * lies in the processor's cache, and reading into it costs a fraction of reading into fresh memory.
 */
export class ChunkPool {
  /** Bytes of every chunk. */
  readonly size: number;
  readonly #free: Buffer[] = [];

  constructor(size: number) {
    this.size = size;
  }

  /** A chunk whose content is anybody's; its new owner fills it. */
  take(): Buffer {
    return this.#free.pop() ?? Buffer.allocUnsafeSlow(this.size);
  }

  /** Gives a chunk back that nobody reads any more. One of another size is left to the garbage collector. */
  give(chunk: Buffer): void {
    if (chunk.length === this.size && this.#free.length < KEPT) this.#free.push(chunk);
  }
}
