/**
 * Brings files from the file system: opens, checks, reads the small ones, and finds their precompressed
 * twins. Knows nothing of what is kept; `FileCache` does.
 */
import type { Clock } from '../base/index.ts';
import { WEB_FAULTS } from './faults.ts';
import { type FilePath, filePath, type FilePathModel } from './file-path.ts';
import type { FileSystem } from './file-system.ts';
import { contentTypeOf, type MediaTypeModel } from './media-types.ts';
import { type Missing, missingBecause, OpenFile, openFile } from './open-file.ts';
import { RootGuard, type SymlinkPolicy } from './root-guard.ts';
import { isVersion, StoredFile, versionOf } from './stored-file.ts';

/** A content coding for which twins are looked up. */
export type TwinCoding = 'br' | 'gzip' | 'zstd';

const ENDINGS: Readonly<Record<TwinCoding, string>> = { br: '.br', gzip: '.gz', zstd: '.zst' };

/** What is served, and with which fields. */
export interface FileLoaderModel extends FilePathModel, MediaTypeModel {
  readonly symlinks: SymlinkPolicy;
  /** Codings with twins in order of preference (nginx `gzip_static`). */
  readonly precompressed: readonly TwinCoding[];
  /** nginx `etag`. */
  readonly etag: boolean;
  /** Value of Cache-Control, null for none. */
  readonly cacheControl: string | null;
  /** Largest file, in bytes, whose content is kept in memory; 0 for none. */
  readonly keptFileSize: number;
}

/** What a path leads to when it is no file: the answer is an index or a redirect. */
export interface FoundDirectory {
  readonly kind: 'directory';
  /** The index file that answers for it: its name, or null where there is none. Only for paths that end in a slash. */
  readonly index: string | null;
}

/** What a path turned out to be. */
export type Found = StoredFile | FoundDirectory | Missing;

// Times of a file come from a clock that ticks every few milliseconds (every one or two seconds in some
// file systems, recognised by whole seconds). A file that was written within the current tick may be
// written again without its times changing.
const TICK_MS = 50;
const COARSE_TICK_MS = 2000;

const READ_TRIES = 3;

interface Content {
  readonly file: OpenFile;
  readonly content: Buffer | string | null;
}

/** Belongs to one route; each call goes to the file system, nothing is remembered but the place of the root. */
export class FileLoader {
  readonly #model: FileLoaderModel;
  readonly #files: FileSystem;
  readonly #clock: Clock;
  readonly #guard: RootGuard;

  constructor(model: FileLoaderModel, files: FileSystem, clock: Clock) {
    this.#model = model;
    this.#files = files;
    this.#clock = clock;
    this.#guard = new RootGuard(model.root, model.symlinks, files, clock);
  }

  /** The file for a path, or null for a name that is never served. */
  nameOf(path: string): FilePath | null {
    return filePath(this.#model, path);
  }

  /**
   * Finds what lies at `name`. Descriptors of files that are not in memory are open during `done`;
   * who reads them later retains them there. `settled` says whether a later change is sure to show in
   * the times of the file, which is what makes keeping it safe.
   */
  load(name: FilePath, done: (found: Found, settled: boolean) => void): void {
    openFile(this.#files, name, this.#guard, (file) => {
      if (!(file instanceof OpenFile)) {
        done(file, true);
        return;
      }
      if (file.status.isDirectory()) {
        file.release();
        done({ kind: 'directory', index: null }, true);
        return;
      }
      this.#read(name, file, (content) => {
        if ('kind' in content) done(content, false);
        else this.#findTwins(name, content, [], 0, done);
      });
    });
  }

  #findTwins(
    name: FilePath,
    original: Content,
    twins: (readonly [TwinCoding, FilePath, Content])[],
    next: number,
    done: (found: Found, settled: boolean) => void,
  ): void {
    const coding = this.#model.precompressed[next];
    if (coding === undefined) {
      this.#finish(name, original, twins, done);
      return;
    }
    const twinName = withEnding(name, ENDINGS[coding]);
    const proceed = (): void => this.#findTwins(name, original, twins, next + 1, done);
    openFile(this.#files, twinName, this.#guard, (file) => {
      if (!(file instanceof OpenFile)) {
        proceed();
      } else if (file.status.isDirectory()) {
        file.release();
        proceed();
      } else {
        this.#read(twinName, file, (content) => {
          if (!('kind' in content)) twins.push([coding, twinName, content]);
          proceed();
        });
      }
    });
  }

  #finish(
    name: FilePath,
    original: Content,
    twins: readonly (readonly [TwinCoding, FilePath, Content])[],
    done: (found: Found, settled: boolean) => void,
  ): void {
    const varies = twins.length > 0;
    const contentType = contentTypeOf(this.#model, name.inner);
    const { etag, cacheControl } = this.#model;
    const shared = { contentType, etag, cacheControl, varies };
    const make = (
      path: FilePath,
      { file, content }: Content,
      coding: TwinCoding | null,
    ): StoredFile => {
      const ranges = coding === null;
      const version = versionOf(file.status);
      const stored = new StoredFile(path, version, content, { ...shared, coding, ranges });
      if (content === null) stored.open = file;
      return stored;
    };
    const stored = make(name, original, null);
    stored.twins = twins.map(([coding, path, content]) => make(path, content, coding));
    // One list for all files that have every twin: choosing among it can be remembered.
    const { precompressed } = this.#model;
    stored.codings =
      twins.length === precompressed.length ? precompressed : twins.map(([coding]) => coding);
    const opened = [original.file, ...twins.map(([, , content]) => content.file)];
    try {
      done(
        stored,
        opened.every((file) => this.#isSettled(file)),
      );
    } finally {
      for (const file of opened) file.release();
    }
  }

  #isSettled(file: OpenFile): boolean {
    const changed = file.status.ctimeMs;
    const tick = changed % 1000 === 0 ? COARSE_TICK_MS : TICK_MS;
    return Math.abs(this.#clock.wall() - changed) > tick;
  }

  /** The content of a small file; a file that keeps changing while it is read stays on disk. */
  #read(name: FilePath, file: OpenFile, done: (content: Content | Missing) => void): void {
    const limit = this.#model.keptFileSize;
    if (limit === 0 || file.status.size > limit) {
      done({ file, content: null });
      return;
    }
    this.#readAll(name, file, READ_TRIES, done);
  }

  #readAll(
    name: FilePath,
    file: OpenFile,
    tries: number,
    done: (content: Content | Missing) => void,
  ): void {
    const { descriptor, status } = file;
    const target = Buffer.allocUnsafeSlow(status.size);
    const again = (error: NodeJS.ErrnoException | null): void => {
      if (error !== null) {
        file.release();
        done(missingBecause(error, name.bytes));
        return;
      }
      // What was read belongs to `status` only if the file is the same before and after.
      this.#files.fstat(descriptor, (failed, after) => {
        if (failed !== null) {
          file.release();
          done(missingBecause(failed, name.bytes));
        } else if (isVersion(versionOf(status), after)) {
          done({ file, content: asSent(target) });
        } else {
          file.status = after;
          if (tries > 1 && after.size <= this.#model.keptFileSize) {
            this.#readAll(name, file, tries - 1, done);
          } else {
            done({ file, content: null });
          }
        }
      });
    };
    const fill = (filled: number): void => {
      if (filled === status.size) {
        again(null);
        return;
      }
      this.#files.read(descriptor, target, filled, status.size - filled, filled, (error, count) => {
        if (error !== null) again(error);
        else if (count === 0) again(null);
        else fill(filled + count);
      });
    };
    fill(0);
  }

  /** Opens a file whose content is not in memory. Null: it is another version by now. */
  reopen(stored: StoredFile, done: (file: OpenFile | Missing | null) => void): void {
    const { bytes } = stored.path;
    this.#files.open(bytes, (error, descriptor) => {
      if (error !== null) {
        done(missingBecause(error, bytes));
        return;
      }
      this.#files.fstat(descriptor, (failed, status) => {
        // The same file was checked against the root when it was found: its number says enough.
        if (failed === null && isVersion(stored.version, status)) {
          done(new OpenFile(descriptor, status, this.#files));
        } else {
          this.#files.close(descriptor);
          done(failed === null ? null : missingBecause(failed, bytes));
        }
      });
    });
  }

  /** Asks the file system whether a file and its twins are as they were. */
  isCurrent(stored: StoredFile, done: (current: boolean) => void): void {
    this.#files.stat(stored.path.bytes, (error, status) => {
      if (error !== null || !isVersion(stored.version, status)) done(false);
      else this.#areTwinsCurrent(stored, 0, done);
    });
  }

  #areTwinsCurrent(stored: StoredFile, next: number, done: (current: boolean) => void): void {
    const coding = this.#model.precompressed[next];
    if (coding === undefined) {
      done(true);
      return;
    }
    const known = stored.twins[stored.codings.indexOf(coding)];
    const { bytes } = withEnding(stored.path, ENDINGS[coding]);
    this.#files.stat(bytes, (error, status) => {
      const same =
        error === null
          ? known !== undefined && isVersion(known.version, status)
          : known === undefined;
      if (same) this.#areTwinsCurrent(stored, next + 1, done);
      else done(false);
    });
  }

  /** The path of the file that this path would be a twin of, or null: `/a.js` for `/a.js.gz`. */
  originalOf(path: string): string | null {
    for (const coding of this.#model.precompressed) {
      const ending = ENDINGS[coding];
      if (path.endsWith(ending)) return path.slice(0, -ending.length);
    }
    return null;
  }

  /** The answer for names that are never served. */
  refused(path: string): Missing {
    return { kind: 'missing', fault: WEB_FAULTS['name-refused'], detail: path };
  }
}

function withEnding(name: FilePath, ending: string): FilePath {
  return { bytes: Buffer.concat([name.bytes, Buffer.from(ending)]), inner: name.inner + ending };
}

/** Up to this many bytes, text is written with less work than a buffer; above, its copies cost more. */
const TEXT_BYTES = 16 * 1024;

function asSent(bytes: Buffer): Buffer | string {
  return bytes.length <= TEXT_BYTES ? bytes.toString('latin1') : bytes;
}
