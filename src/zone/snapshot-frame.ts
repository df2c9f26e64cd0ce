/**
 * The frame around everything that leaves a process as bytes: `DMNZ`, version, kind, length, SHA-256 of all
 * the rest. A reader refuses before it looks inside, so a snapshot is taken whole or not at all.
 */
import { createHash } from 'node:crypto';

/** The version that is written, and the only one that is read. */
export const SNAPSHOT_VERSION = 1;

/** What a snapshot holds; the number is part of the format. */
export const SNAPSHOT_KINDS = { counters: 1, table: 2 } as const;

/** A name out of `SNAPSHOT_KINDS`: counters are not restored from tables. */
export type SnapshotKind = keyof typeof SNAPSHOT_KINDS;

const MAGIC = 0x444d4e5a; // DMNZ
const DIGEST_AT = 16;
const HEAD = 48;

/** Writes numbers, little end first, and bytes; grows as needed. */
export class SnapshotWriter {
  readonly #kind: SnapshotKind;
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = HEAD;

  /** Begins a snapshot of that kind. */
  constructor(kind: SnapshotKind) {
    this.#kind = kind;
  }

  #grow(more: number): number {
    const at = this.#length;
    this.#length += more;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }

  /** An unsigned 16-bit number. */
  uint16(value: number): void {
    const at = this.#grow(2);
    this.#view.setUint16(at, value, true);
  }

  /** A signed 32-bit number. */
  int32(value: number): void {
    const at = this.#grow(4);
    this.#view.setInt32(at, value, true);
  }

  /** A double. */
  float64(value: number): void {
    const at = this.#grow(8);
    this.#view.setFloat64(at, value, true);
  }

  /** A byte string of at most 65,535 bytes with its length before it. */
  text(value: string): void {
    this.uint16(value.length);
    const at = this.#grow(value.length);
    for (let i = 0; i < value.length; i++) this.#bytes[at + i] = value.charCodeAt(i);
  }

  /** Closes the frame. */
  finish(): Uint8Array {
    const bytes = this.#bytes.slice(0, this.#length);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, MAGIC);
    view.setUint16(4, SNAPSHOT_VERSION, true);
    view.setUint16(6, SNAPSHOT_KINDS[this.#kind], true);
    view.setFloat64(8, this.#length, true);
    bytes.set(digestOf(bytes), DIGEST_AT);
    return bytes;
  }
}

/** Reads what a `SnapshotWriter` wrote, in the same order. */
export class SnapshotReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #text: Buffer;
  #at = HEAD;

  /** Only for bytes that `openSnapshot` has judged. */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  #take(bytes: number): number {
    const at = this.#at;
    this.#at += bytes;
    if (this.#at > this.#bytes.length) throw new RangeError('The snapshot ends too early');
    return at;
  }

  /** An unsigned 16-bit number. @throws RangeError at the end of the snapshot, like all readings. */
  uint16(): number {
    return this.#view.getUint16(this.#take(2), true);
  }

  /** A signed 32-bit number. */
  int32(): number {
    return this.#view.getInt32(this.#take(4), true);
  }

  /** A double. */
  float64(): number {
    return this.#view.getFloat64(this.#take(8), true);
  }

  /** A byte string with its length before it. */
  text(): string {
    const length = this.uint16();
    const at = this.#take(length);
    return this.#text.toString('latin1', at, at + length);
  }

  /** @throws RangeError unless everything was read. */
  end(): void {
    if (this.#at !== this.#bytes.length)
      throw new RangeError('The snapshot has more than its parts');
  }
}

/** Judges a frame: a reader of its inside, or in one sentence why it is refused. */
export function openSnapshot(bytes: Uint8Array, kind: SnapshotKind): SnapshotReader | string {
  if (bytes.length < HEAD) return `The snapshot has ${bytes.length} bytes, less than its head`;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0) !== MAGIC) return 'These bytes are no snapshot of a zone';
  const version = view.getUint16(4, true);
  if (version !== SNAPSHOT_VERSION)
    return `The snapshot has version ${version}; only ${SNAPSHOT_VERSION} can be read`;
  if (view.getUint16(6, true) !== SNAPSHOT_KINDS[kind])
    return `The snapshot is not one of a ${kind} zone`;
  const length = view.getFloat64(8, true);
  if (length !== bytes.length) return `The snapshot has ${bytes.length} bytes instead of ${length}`;
  const digest = digestOf(bytes);
  for (let i = 0; i < digest.length; i++)
    if (digest[i] !== bytes[DIGEST_AT + i])
      return 'The snapshot was changed: its checksum does not fit';
  return new SnapshotReader(bytes);
}

/** Runs a reading; what it throws about the content becomes the reason to refuse. */
export function readingOf<T>(read: () => T): { readonly value: T } | string {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
}

function digestOf(bytes: Uint8Array): Uint8Array {
  return createHash('sha256')
    .update(bytes.subarray(0, DIGEST_AT))
    .update(bytes.subarray(HEAD))
    .digest();
}
