import { PACKET_HEAD } from './codes.ts';

/** Why what comes cannot be packets: it begins as none does, or one is longer than was agreed. */
export type PacketFlaw = 'magic' | 'too-large';

const NOTHING = new Uint8Array(0);

/**
 * Finds the packets in what comes over a connection. One that came whole is read where it lies; only one that was
 * split is copied.
 */
export class PacketReader {
  /** The buffer of the packet that `next` has found; its payload is in `[start, end)`. */
  bytes: Uint8Array = NOTHING;
  start = 0;
  end = 0;
  /** Once there is one, no packet follows: where the next one begins cannot be known. */
  flaw: PacketFlaw | null = null;

  readonly #magic: number;
  readonly #largest: number;
  #chunk: Uint8Array = NOTHING;
  #at = 0;
  #chunkEnd = 0;
  // A packet that was split, as far as it came; of its head alone as long as its length is not known.
  #part: Uint8Array | null = null;
  #partLength = 0;

  /** For packets that begin with `magic`, of at most `largest` bytes with their head. */
  constructor(magic: number, largest: number) {
    this.#magic = magic;
    this.#largest = largest;
  }

  /** Whether nothing is there but whole packets that were read. */
  get idle(): boolean {
    return this.#part === null && this.#at === this.#chunkEnd;
  }

  /** Bytes of memory that what was not read yet takes. */
  get held(): number {
    return (this.#part?.length ?? 0) + this.#chunkEnd - this.#at;
  }

  /** Gives it bytes `[start, end)` of `chunk`, which have to stay until `next` says false or `keepUnread` was called. */
  push(chunk: Uint8Array, start: number, end: number): void {
    const left = this.#chunkEnd - this.#at;
    if (left > 0) {
      // Somebody waits with what came before.
      const joined = new Uint8Array(left + end - start);
      joined.set(this.#chunk.subarray(this.#at, this.#chunkEnd));
      joined.set(chunk.subarray(start, end), left);
      this.#chunk = joined;
      this.#at = 0;
      this.#chunkEnd = joined.length;
      return;
    }
    this.#chunk = chunk;
    this.#at = start;
    this.#chunkEnd = end;
  }

  /** Goes to the next packet; false where none is there as a whole. What it found before is not to be used any more. */
  next(): boolean {
    if (this.flaw !== null) return false;
    if (this.#part !== null) return this.#goOn(this.#part);
    const left = this.#chunkEnd - this.#at;
    if (left < PACKET_HEAD) {
      if (left > 0) this.#split(PACKET_HEAD, left);
      return false;
    }
    const size = this.#sizeAt(this.#chunk, this.#at);
    if (size === 0) return false;
    if (left < size) {
      this.#split(size, left);
      return false;
    }
    this.#found(this.#chunk, this.#at, size);
    this.#at += size;
    return true;
  }

  /** Copies what is not read yet, so that the buffer of the last `push` may be used again. */
  keepUnread(): void {
    const left = this.#chunkEnd - this.#at;
    // A buffer's own slice is no copy.
    this.#chunk =
      left === 0 ? NOTHING : new Uint8Array(this.#chunk.subarray(this.#at, this.#chunkEnd));
    this.#chunkEnd = left;
    this.#at = 0;
  }

  /** Copies the packet that was found as well, with what is not read yet, so that who reads it may keep its bytes. */
  keepAll(): void {
    // One that was split was copied when it came.
    if (this.bytes !== this.#chunk) {
      this.keepUnread();
      return;
    }
    const { start } = this;
    this.#chunk = new Uint8Array(this.#chunk.subarray(start, this.#chunkEnd));
    this.bytes = this.#chunk;
    this.start = 0;
    this.end -= start;
    this.#at -= start;
    this.#chunkEnd -= start;
  }

  #goOn(begun: Uint8Array): boolean {
    let part = begun;
    for (;;) {
      const taken = Math.min(part.length - this.#partLength, this.#chunkEnd - this.#at);
      part.set(this.#chunk.subarray(this.#at, this.#at + taken), this.#partLength);
      this.#at += taken;
      this.#partLength += taken;
      if (this.#partLength < part.length) return false;
      const size = this.#sizeAt(part, 0);
      if (size === 0) return false;
      if (size === part.length) break;
      const whole = new Uint8Array(size);
      whole.set(part);
      part = whole;
      this.#part = whole;
    }
    this.#part = null;
    this.#found(part, 0, part.length);
    return true;
  }

  #split(size: number, there: number): void {
    const part = new Uint8Array(size);
    part.set(this.#chunk.subarray(this.#at, this.#chunkEnd));
    this.#part = part;
    this.#partLength = there;
    this.#at = this.#chunkEnd;
  }

  #found(bytes: Uint8Array, at: number, size: number): void {
    this.bytes = bytes;
    this.start = at + PACKET_HEAD;
    this.end = at + size;
  }

  // How long the packet is whose head is there; 0 where it is flawed.
  #sizeAt(bytes: Uint8Array, at: number): number {
    const size = PACKET_HEAD + wordAt(bytes, at + 2);
    if (wordAt(bytes, at) !== this.#magic) this.flaw = 'magic';
    else if (size > this.#largest) this.flaw = 'too-large';
    return this.flaw === null ? size : 0;
  }
}

/** The number of 16 bits at `at`, its high byte first; bytes that are not there are 0. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}
