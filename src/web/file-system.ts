/**
 * The calls of the operating system that serving files needs, as a port: tests count them and make them
 * fail. Callbacks, not promises, because these run for every file that is not in memory.
 */
import {
  close,
  constants,
  fstat,
  open,
  read,
  readlink,
  readSync,
  realpath,
  stat,
  type Stats,
} from 'node:fs';

/** The outcome of a call; `error` is null for success. */
export type Done<T> = (error: NodeJS.ErrnoException | null, value: T) => void;

/** See the head of this file. Every `done` is called later, never before the call returns. */
export interface FileSystem {
  /** Opens for reading without waiting for the other end of a pipe; value: the descriptor. */
  open(path: Buffer, done: Done<number>): void;
  /** The status of an open file. */
  fstat(descriptor: number, done: Done<Stats>): void;
  /** The status of what a path leads to, links followed. */
  stat(path: Buffer, done: Done<Stats>): void;
  /** Reads up to `length` bytes at `position` to `target[offset…]`; value: how many, 0 at the end. */
  read(
    descriptor: number,
    target: Uint8Array,
    offset: number,
    length: number,
    position: number,
    done: Done<number>,
  ): void;
  /**
   * The same, before it returns: for bytes that are expected in the page cache, where a thread of the pool
   * would cost more than the read. Throws the system's error. A file system that cannot promise to be quick
   * leaves it out.
   */
  readNow?(descriptor: number, target: Uint8Array, length: number, position: number): number;
  close(descriptor: number): void;
  /** The path without links, of a path. */
  realPath(path: Buffer, done: Done<Buffer>): void;
  /** The path without links of an open file that was opened as `path` and has this status. */
  realPathOfOpen(descriptor: number, path: Buffer, status: Stats, done: Done<Buffer>): void;
}

// O_NONBLOCK: a pipe without a writer would hold a thread of the pool forever. On Windows, which has
// neither flag, both are undefined, and `|` takes that for 0.
const FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY;

/**
 * The path of an open file by name: the path is resolved and what is found there has to be the same
 * file as the open one. Where the kernel does not tell the path of a descriptor, this is how a link that
 * changes between check and use is noticed.
 */
export function realPathByName(path: Buffer, status: Stats, done: Done<Buffer>): void {
  realpath.native(path, 'buffer', (error, real) => {
    if (error !== null) {
      done(error, real);
      return;
    }
    stat(real, (failed, found) => {
      const same = failed === null && found.ino === status.ino && found.dev === status.dev;
      const moved: NodeJS.ErrnoException = new Error('The file was replaced while it was opened');
      done(same ? null : (failed ?? moved), real);
    });
  });
}

function realPathOnLinux(
  descriptor: number,
  path: Buffer,
  status: Stats,
  done: Done<Buffer>,
): void {
  readlink(`/proc/self/fd/${descriptor}`, 'buffer', (error, real) => {
    // Without /proc (a bare chroot) the other way still works.
    if (error === null) done(null, real);
    else realPathByName(path, status, done);
  });
}

/** `node:fs` behind the port: what runs outside of tests. */
export const nodeFileSystem: FileSystem = {
  open: (path, done) => open(path, FLAGS, done),
  fstat,
  stat,
  read: (descriptor, target, offset, length, position, done) =>
    read(descriptor, target, offset, length, position, done),
  readNow: (descriptor, target, length, position) =>
    readSync(descriptor, target, 0, length, position),
  // A read-only descriptor has nothing left to lose: an error of close tells nothing.
  close: (descriptor) => close(descriptor, () => {}),
  realPath: (path, done) => realpath.native(path, 'buffer', done),
  realPathOfOpen:
    process.platform === 'linux'
      ? realPathOnLinux
      : (_descriptor, path, status, done) => realPathByName(path, status, done),
};
