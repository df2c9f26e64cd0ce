import { randomBytes } from 'node:crypto';
import { close, open, read, unlink, write } from 'node:fs';
import { join } from 'node:path';

/**
 * A temporary file without a name: it is unlinked as soon as it is open, so that nothing is left behind
 * whatever happens to the process. One operation at a time; calls back with the error, or null.
 */
export class SpoolFile {
  readonly #directory: string;
  #fd = -1;
  #busy = false;
  #closing = false;

  /** Nothing is opened before the first `append`. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Writes all of `bytes` at `position`. */
  append(bytes: Uint8Array, position: number, done: (error: Error | null) => void): void {
    this.#busy = true;
    if (this.#fd >= 0) {
      this.#write(bytes, position, done);
      return;
    }
    const path = join(this.#directory, `daemun-body-${randomBytes(12).toString('hex')}`);
    open(path, 'wx+', 0o600, (error, fd) => {
      if (error !== null) {
        this.#idle();
        done(error);
        return;
      }
      this.#fd = fd;
      unlink(path, (unlinkError) => {
        if (unlinkError === null) this.#write(bytes, position, done);
        else {
          this.#idle();
          done(unlinkError);
        }
      });
    });
  }

  #write(bytes: Uint8Array, position: number, done: (error: Error | null) => void): void {
    write(this.#fd, bytes, 0, bytes.length, position, (error, written) => {
      if (error === null && written < bytes.length) {
        this.#write(bytes.subarray(written), position + written, done);
        return;
      }
      this.#idle();
      done(error);
    });
  }

  /** Reads up to `into.length` bytes from `position`; calls back with how many came. */
  read(into: Buffer, position: number, done: (error: Error | null, bytes: number) => void): void {
    this.#busy = true;
    read(this.#fd, into, 0, into.length, position, (error, bytes) => {
      this.#idle();
      done(error, bytes);
    });
  }

  #idle(): void {
    this.#busy = false;
    if (this.#closing) this.close();
  }

  /** Lets the file go, once what is under way has ended. */
  close(): void {
    this.#closing = true;
    if (this.#busy || this.#fd < 0) return;
    close(this.#fd, () => {});
    this.#fd = -1;
  }
}
