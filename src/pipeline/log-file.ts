/**
 * Where log lines go: a file, a named pipe, or a stream that the process was started with. A log never
 * waits for its reader: pipes are opened so that a full one answers EAGAIN. The pool of threads that
 * file calls run on is shared by the whole process, and one reader that stands still would hold a thread
 * of it for ever.
 */
import fs from 'node:fs';

/** Called once when a write is over: what went wrong, and how many bytes were taken. */
export type WriteDone = (error: NodeJS.ErrnoException | null, written: number) => void;

/** A descriptor that lines are written to. */
export interface LogFile {
  /**
   * The most bytes that one write may have if it is to be taken whole or not at all; Infinity for a
   * file, where O_APPEND keeps every write in one piece.
   */
  readonly whole: number;
  /** Starts one write of bytes `[from, to)`; `done` is called later, never at once. */
  write(bytes: Buffer, from: number, to: number, done: WriteDone): void;
  /** Closes the descriptor, unless it is not ours. Errors are of no consequence. */
  close(done: () => void): void;
}

/** Opens a log under a path or a stream of the process; the port that tests replace. */
export interface LogFiles {
  /** Opens or creates `path`, waiting for it; throws the system's error. */
  open(path: string): LogFile;
  /** The same without waiting. */
  reopen(path: string, done: (error: Error | null, file: LogFile | null) => void): void;
  /** Standard output (1) or standard error (2). */
  standard(fd: 1 | 2): LogFile;
}

const { O_APPEND, O_CREAT, O_NONBLOCK, O_WRONLY } = fs.constants;
// O_NONBLOCK means nothing to a file. Windows has none, and no pipes in its file system either.
const NONBLOCK: number = process.platform === 'win32' ? 0 : O_NONBLOCK;
const FLAGS = O_WRONLY | O_APPEND | O_CREAT | NONBLOCK;
const MODE = 0o644;
/** PIPE_BUF of Linux: a pipe takes no more than this in one piece. */
const PIPE_WHOLE = 4096;

class DescriptorFile implements LogFile {
  readonly whole: number;
  readonly #fd: number;
  readonly #own: boolean;

  constructor(fd: number, isFile: boolean, own: boolean) {
    this.#fd = fd;
    this.whole = isFile ? Infinity : PIPE_WHOLE;
    this.#own = own;
  }

  write(bytes: Buffer, from: number, to: number, done: WriteDone): void {
    fs.write(this.#fd, bytes, from, to - from, null, done);
  }

  close(done: () => void): void {
    if (!this.#own) setImmediate(done);
    else {
      fs.close(this.#fd, () => {
        done();
      });
    }
  }
}

/** Files, pipes and standard streams of the machine, all opened so that a full pipe answers EAGAIN. */
export const systemLogFiles: LogFiles = {
  open(path) {
    const fd = fs.openSync(path, FLAGS, MODE);
    return new DescriptorFile(fd, fs.fstatSync(fd).isFile(), true);
  },

  reopen(path, done) {
    fs.open(path, FLAGS, MODE, (error, fd) => {
      if (error !== null) {
        done(error, null);
        return;
      }
      fs.fstat(fd, (_, stats) => {
        // The descriptor is fresh, so fstat fails only where stats are of no use anyway.
        done(
          null,
          new DescriptorFile(fd, (stats as fs.Stats | undefined)?.isFile() === true, true),
        );
      });
    });
  },

  standard(fd) {
    const stats = fs.fstatSync(fd);
    if (stats.isFIFO()) {
      // Setting O_NONBLOCK on the stream itself would set it for everybody who shares it. Under its
      // name in /proc it is opened anew, for us alone.
      try {
        const own = fs.openSync(`/proc/self/fd/${fd}`, O_WRONLY | O_APPEND | NONBLOCK);
        return new DescriptorFile(own, false, true);
      } catch {
        // Not Linux, or another user's pipe: the stream as it is, one write at a time.
      }
    }
    return new DescriptorFile(fd, stats.isFile(), false);
  },
};
