import type { Wire, WireProtocol } from '../../src/http/message/index.ts';

/** A wire whose other end is a test: what is written collects here until `deliver`. */
export class MemoryWire implements Wire {
  protocol: WireProtocol | null = null;
  readonly highWater: number;
  /** Everything the peer has taken so far. */
  taken: Buffer = Buffer.alloc(0);
  paused = false;
  ended = false;
  closed = false;
  lingers = false;
  destroyed = false;
  /** While false, the peer takes nothing. */
  reading = true;
  /** How many system calls a socket would have made for what was written. */
  flushes = 0;
  #queue: Buffer[] = [];
  #queued = 0;
  #full = false;

  constructor(highWater = 64 * 1024) {
    this.highWater = highWater;
  }

  get queued(): number {
    return this.#queued;
  }

  write(data: string | Uint8Array): boolean {
    if (this.destroyed || this.ended) throw new Error('a write behind the end of the wire');
    const bytes = typeof data === 'string' ? Buffer.from(data, 'latin1') : Buffer.from(data);
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    if (this.#queued >= this.highWater) this.#full = true;
    return !this.#full;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  close(linger: boolean): void {
    this.closed = true;
    this.lingers = linger;
    this.ended = true;
  }

  end(): void {
    this.ended = true;
  }

  destroy(): void {
    this.destroyed = true;
    this.#queue = [];
    this.#queued = 0;
  }

  /** The end of a turn: the peer takes what was queued, if it reads. Returns whether anything happened. */
  turn(): boolean {
    if (this.#queued === 0) return false;
    if (!this.reading) {
      this.protocol?.onBlocked();
      return false;
    }
    this.taken = Buffer.concat([this.taken, ...this.#queue]);
    this.#queue = [];
    this.#queued = 0;
    this.flushes++;
    if (this.#full) {
      this.#full = false;
      this.protocol?.onDrain();
    }
    if (this.#queued === 0) this.protocol?.onFlushed();
    return true;
  }
}
