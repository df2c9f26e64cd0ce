/** A file of an application while it is read. */
import {
  closeSync,
  constants,
  fstatSync,
  openSync,
  read,
  readlinkSync,
  readSync,
  realpathSync,
  type Stats,
  statSync,
} from 'node:fs';
import type { ByteRange } from '../../../http/message/index.ts';
import { type Resource, resourceOf, saysNothing } from './resources.ts';

// Without O_NONBLOCK a pipe that took the place of the file would be waited for. On Windows, which has none of
// the flags but the first, they are undefined, and `|` takes that for 0.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY | constants.O_NOFOLLOW;

/**
 * Opens what `Resources.find` has found, to be closed by the caller. Null where it is there no more, has become
 * something other than a file, or may not be read.
 * @throws Error where the system fails, for want of descriptors for instance.
 */
export function openResource(found: Resource): OpenResource | null {
  let descriptor: number;
  try {
    descriptor = openSync(found.file, FLAGS);
  } catch (error) {
    if (saysNothing(error)) return null;
    throw error;
  }
  let status: Stats | null = null;
  try {
    status = fstatSync(descriptor);
    if (!status.isFile() || !liesAt(found.file, descriptor, status)) status = null;
  } finally {
    if (status === null) closeSync(descriptor);
  }
  if (status === null) return null;
  return new OpenResource(descriptor, resourceOf('file', found.path, found.file, status));
}

/** An open descriptor with what it was opened for; nobody but who opened it closes it. */
export class OpenResource {
  /** What it was when it was opened, which may be newer than what was found. */
  readonly resource: Resource;
  readonly #descriptor: number;
  #closed = false;

  constructor(descriptor: number, resource: Resource) {
    this.#descriptor = descriptor;
    this.resource = resource;
  }

  /**
   * The bytes of a range in a buffer of their own, before it returns.
   * @throws Error where the file has become shorter.
   */
  readNow({ start, end }: ByteRange): Uint8Array {
    const bytes = Buffer.allocUnsafe(end - start);
    for (let at = 0; at < bytes.length;) {
      const count = readSync(this.#descriptor, bytes, at, bytes.length - at, start + at);
      if (count === 0) throw this.#shorter();
      at += count;
    }
    return bytes;
  }

  /** The bytes of a range in a buffer of their own. Rejects where the file has become shorter. */
  async read({ start, end }: ByteRange): Promise<Uint8Array> {
    const bytes = Buffer.allocUnsafe(end - start);
    for (let at = 0; at < bytes.length;) {
      // oxlint-disable-next-line no-await-in-loop -- what is missing is known behind each read
      const count = await this.#readInto(bytes.subarray(at), start + at);
      if (count === 0) throw this.#shorter();
      at += count;
    }
    return bytes;
  }

  /** Harmless when it was closed. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
  }

  #readInto(target: Uint8Array, position: number): Promise<number> {
    return new Promise((done, failed) => {
      read(this.#descriptor, target, 0, target.length, position, (error, count) => {
        if (error === null) done(count);
        else failed(error);
      });
    });
  }

  #shorter(): Error {
    return new Error(`${this.resource.file} became shorter while it was sent`);
  }
}

/**
 * Whether an open file is the one of this name, free of symbolic links. Between the search and the opening
 * somebody who may write into a directory can put a link in place of it.
 */
function liesAt(file: string, descriptor: number, status: Stats): boolean {
  if (process.platform === 'linux') {
    try {
      const real = readlinkSync(`/proc/self/fd/${descriptor}`);
      // A file that was replaced a moment ago is still the one that was asked for.
      return real === file || (status.nlink === 0 && real === `${file} (deleted)`);
    } catch {
      // Without /proc the other way still works.
    }
  }
  try {
    const found = statSync(file);
    return (
      realpathSync.native(file) === file && found.ino === status.ino && found.dev === status.dev
    );
  } catch (error) {
    if (saysNothing(error)) return false;
    throw error;
  }
}
