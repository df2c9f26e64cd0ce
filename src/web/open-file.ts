import type { Stats } from 'node:fs';
import type { FaultKind } from '../base/index.ts';
import { WEB_FAULTS } from './faults.ts';
import type { FilePath } from './file-path.ts';
import type { FileSystem } from './file-system.ts';
import type { RootGuard } from './root-guard.ts';

/** A read that takes longer, in milliseconds, was no copy from memory. */
const QUICK_MS = 5;
/** Quick reads that make up for a slow one. */
const MAKES_UP = 16;

/**
 * One open descriptor, shared by all that read the same version of a file at the same time. Whoever
 * keeps it beyond a callback retains it; the last release closes it, once.
 */
export class OpenFile {
  readonly descriptor: number;
  /** As it was when the content that is served from here was decided on. */
  status: Stats;
  #doubt = 0;
  readonly #files: FileSystem;
  #holders = 1;

  constructor(descriptor: number, status: Stats, files: FileSystem) {
    this.descriptor = descriptor;
    this.status = status;
    this.#files = files;
  }

  /** Whether reads took so long that the disk must have been asked: further ones go through the pool. */
  get isSlow(): boolean {
    return this.#doubt > MAKES_UP;
  }

  /**
   * How long, in milliseconds, the thread waited for a read. One slow read says little: the thread may have lost
   * the processor meanwhile. A second one soon behind it does not happen by chance.
   */
  readTook(milliseconds: number): void {
    if (milliseconds > QUICK_MS) this.#doubt += MAKES_UP;
    else if (this.#doubt > 0) this.#doubt--;
  }

  /** Whether the descriptor can still be read. */
  get isOpen(): boolean {
    return this.#holders > 0;
  }

  /** @throws Error when the descriptor is closed already: its number may belong to another file. */
  retain(): void {
    if (this.#holders === 0) throw new Error('A closed file was to be read');
    this.#holders++;
  }

  /** @throws Error when called more often than the file was retained. */
  release(): void {
    if (this.#holders === 0) throw new Error('A closed file was to be closed again');
    if (--this.#holders === 0) this.#files.close(this.descriptor);
  }
}

/** Why there is no file to serve. */
export interface Missing {
  readonly kind: 'missing';
  readonly fault: FaultKind;
  /** For the error log: the path and what the operating system said. */
  readonly detail: string;
}

/** What the errors of the operating system mean to a client; nginx's mapping but for EMFILE (500 there). */
function faultOf(code: string | undefined): FaultKind {
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
      return WEB_FAULTS['file-not-found'];
    case 'EACCES':
    case 'EPERM':
    case 'ELOOP':
      return WEB_FAULTS['file-forbidden'];
    case 'ENXIO':
    case 'ENODEV':
      return WEB_FAULTS['not-a-plain-file'];
    case 'EMFILE':
    case 'ENFILE':
    case 'ENOMEM':
      return WEB_FAULTS['descriptors-exhausted'];
    default:
      return WEB_FAULTS['file-unreadable'];
  }
}

/** What a failed call on a path means. */
export function missingBecause(error: NodeJS.ErrnoException, path: Buffer): Missing {
  const fault = faultOf(error.code);
  return { kind: 'missing', fault, detail: `${path.toString()}: ${error.code ?? error.message}` };
}

/**
 * Opens a file or directory for reading and checks it: what is neither, and what `guard` refuses, is
 * closed again. The caller of `done` holds the file and has to release it.
 */
export function openFile(
  files: FileSystem,
  path: FilePath,
  guard: RootGuard,
  done: (file: OpenFile | Missing) => void,
): void {
  files.open(path.bytes, (error, descriptor) => {
    if (error !== null) {
      done(missingBecause(error, path.bytes));
      return;
    }
    files.fstat(descriptor, (failed, status) => {
      if (failed !== null) {
        files.close(descriptor);
        done(missingBecause(failed, path.bytes));
        return;
      }
      const file = new OpenFile(descriptor, status, files);
      guard.check(descriptor, path.bytes, path.inner, status, (allowed) => {
        if (allowed && (status.isFile() || status.isDirectory())) {
          done(file);
          return;
        }
        file.release();
        const fault = allowed ? WEB_FAULTS['not-a-plain-file'] : WEB_FAULTS['link-refused'];
        done({ kind: 'missing', fault, detail: path.bytes.toString() });
      });
    });
  });
}
