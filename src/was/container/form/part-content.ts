import { randomBytes } from 'node:crypto';
import { copyFile, type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { IllegalStateException } from '../../api/index.ts';

const READ_SIZE = 65_536;

/**
 * The content of one part: in memory up to a number of bytes, above that in a temporary file, which `remove` deletes.
 * It is filled with `append`, `store` and `close`, and then read.
 */
export class PartContent {
  readonly #directory: string;
  readonly #threshold: number;
  #memory: Buffer = Buffer.alloc(0);
  #size = 0;
  #isOnDisk = false;
  #path = '';
  /** Whether the file is ours to remove: not any more once it was moved. */
  #isOwned = false;
  #isRemoved = false;
  /** Open for writing, or by a reader that has not come to the end. */
  readonly #handles = new Set<FileHandle>();
  #writing: FileHandle | null = null;

  /** `threshold` is how many bytes stay in memory; the file of more is made in `directory`, which must exist. */
  constructor(directory: string, threshold: number) {
    this.#directory = directory;
    this.#threshold = threshold;
  }

  /** Bytes appended. */
  get size(): number {
    return this.#size;
  }

  /** Bytes of memory that it takes. */
  get memory(): number {
    return this.#memory.length;
  }

  /** Takes the next bytes. Gives those that `store` has to be called with, in order; null where they stay in memory. */
  append(bytes: Uint8Array): Uint8Array | null {
    const before = this.#size;
    this.#size += bytes.length;
    if (this.#isOnDisk) return Buffer.from(bytes);
    if (this.#size > this.#threshold) {
      this.#isOnDisk = true;
      const all = Buffer.concat([this.#memory.subarray(0, before), bytes]);
      this.#memory = Buffer.alloc(0);
      return all;
    }
    if (this.#size > this.#memory.length) {
      // doubled, as a client may send single bytes
      const room = Math.min(this.#threshold, Math.max(this.#size, 2 * this.#memory.length));
      const grown = Buffer.alloc(room);
      grown.set(this.#memory);
      this.#memory = grown;
    }
    this.#memory.set(bytes, before);
    return null;
  }

  /** Writes to the file. One call at a time. */
  async store(bytes: Uint8Array): Promise<void> {
    if (this.#writing === null) {
      this.#path = join(this.#directory, `daemun-part-${randomBytes(12).toString('hex')}`);
      this.#writing = await open(this.#path, 'wx', 0o600);
      this.#handles.add(this.#writing);
      this.#isOwned = true;
    }
    await this.#writing.appendFile(bytes);
  }

  /** Nothing more is appended. Rejects if the file system says so late that bytes were lost. */
  async close(): Promise<void> {
    const file = this.#writing;
    if (file === null) return;
    this.#writing = null;
    this.#handles.delete(file);
    await file.close();
  }

  /** The content, where it is in memory; not a copy. */
  inMemory(): Buffer {
    return this.#memory.subarray(0, this.#size);
  }

  /** A copy of the content. Rejects with an `IllegalStateException` after `remove`. */
  async bytes(): Promise<Uint8Array> {
    this.#check();
    return this.#isOnDisk ? readFile(this.#path) : Buffer.from(this.inMemory());
  }

  /** The content in pieces; `remove` ends it with an error. */
  async *pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    this.#check();
    if (!this.#isOnDisk) {
      if (this.#size > 0) yield Buffer.from(this.inMemory());
      return;
    }
    const file = await open(this.#path, 'r');
    this.#handles.add(file);
    try {
      for (;;) {
        // removed while the file was being opened, which closed those that were open then
        this.#check();
        const { bytesRead, buffer } = await file.read(Buffer.alloc(READ_SIZE), 0, READ_SIZE, null);
        if (bytesRead === 0) return;
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      this.#handles.delete(file);
      await file.close();
    }
  }

  /** Keeps the content as this file, which is replaced if it exists, with mode 0600 if not. It is read from there then. */
  async moveTo(path: string): Promise<void> {
    this.#check();
    if (!this.#isOnDisk) {
      await writeFile(path, this.inMemory(), { mode: 0o600 });
      return;
    }
    if (!this.#isOwned) {
      await copyFile(this.#path, path);
      return;
    }
    const from = this.#path;
    try {
      await rename(from, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
      await copyFile(from, path);
      await rm(from, { force: true });
    }
    this.#path = path;
    this.#isOwned = false;
  }

  /** Lets memory, descriptors and the temporary file go; not a file that was moved. */
  async remove(): Promise<void> {
    this.#isRemoved = true;
    this.#memory = Buffer.alloc(0);
    this.#writing = null;
    await Promise.all([...this.#handles].map((file) => file.close()));
    this.#handles.clear();
    if (!this.#isOwned) return;
    this.#isOwned = false;
    await rm(this.#path, { force: true });
  }

  #check(): void {
    if (this.#isRemoved) {
      throw new IllegalStateException('The part was deleted, or its request has ended');
    }
  }
}
