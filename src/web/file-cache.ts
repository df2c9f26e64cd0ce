/**
 * What the paths of a route are, kept in memory: small files with their content, large ones without,
 * directories with their index. Whatever is kept is believed for a short time only and then compared
 * with the file system.
 *
 * Names that do not exist are kept apart, few and for a moment: whoever asks for random names neither
 * fills the memory nor drives out files that are in use.
 */
import type { Clock } from '../base/index.ts';
import { WEB_FAULTS } from './faults.ts';
import {
  FileLoader,
  type FileLoaderModel,
  type Found,
  type FoundDirectory,
} from './file-loader.ts';
import type { FileSystem } from './file-system.ts';
import type { HotMemory, Kept, KeptSlot } from './hot-memory.ts';
import type { Missing, OpenFile } from './open-file.ts';
import type { StoredFile } from './stored-file.ts';

/** What is kept, and for how long it is believed. */
export interface FileCacheModel extends FileLoaderModel {
  /** Names tried for a directory, in order (nginx `index`). */
  readonly index: readonly string[];
  /** Milliseconds for which what was found is served without asking the file system. */
  readonly revalidateMs: number;
}

/** What the cache needs from outside. */
export interface FileCachePorts {
  readonly clock: Clock;
  readonly files: FileSystem;
  /** May be shared by the routes of one thread. */
  readonly memory: HotMemory;
}

const MISSING_COUNT = 1024;
const MISSING_LENGTH = 1024;
const MISSING_AGE_MS = 1000;

type Waiting = (found: Found) => void;

class CacheEntry implements Kept {
  readonly path: string;
  readonly found: StoredFile | FoundDirectory;
  readonly cost: number;
  readonly entries: Map<string, CacheEntry>;
  slot: KeptSlot | null = null;
  checkedAt: number;

  constructor(
    path: string,
    found: StoredFile | FoundDirectory,
    entries: Map<string, CacheEntry>,
    checkedAt: number,
  ) {
    this.path = path;
    this.found = found;
    this.entries = entries;
    this.checkedAt = checkedAt;
    this.cost = path.length + (found.kind === 'file' ? found.cost : 500);
  }

  onEvict(): void {
    this.entries.delete(this.path);
  }
}

/** See the head of this file. Belongs to one route and one thread. */
export class FileCache {
  readonly #model: FileCacheModel;
  readonly #clock: Clock;
  readonly #memory: HotMemory;
  readonly #loader: FileLoader;
  readonly #entries = new Map<string, CacheEntry>();
  readonly #missing = new Map<string, { readonly found: Missing; readonly at: number }>();
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #opening = new Map<StoredFile, ((file: OpenFile | Missing | null) => void)[]>();

  constructor(model: FileCacheModel, ports: FileCachePorts) {
    this.#model = model;
    this.#clock = ports.clock;
    this.#memory = ports.memory;
    this.#loader = new FileLoader(model, ports.files, ports.clock);
  }

  /** How many names that do not exist are remembered. */
  get missingCount(): number {
    return this.#missing.size;
  }

  /** What a path is, if that is known and recent; else null: ask `find`. The way of the hot request. */
  peek(path: string): Found | null {
    const entry = this.#entries.get(path);
    if (entry !== undefined) {
      if (this.#clock.monotonic() - entry.checkedAt >= this.#model.revalidateMs) return null;
      if (entry.slot !== null) this.#memory.touch(entry.slot);
      return entry.found;
    }
    if (this.#missing.size === 0) return null;
    const missing = this.#missing.get(path);
    if (missing === undefined) return null;
    const age = this.#clock.monotonic() - missing.at;
    return age < Math.min(this.#model.revalidateMs, MISSING_AGE_MS) ? missing.found : null;
  }

  /**
   * Finds out what a path is; requests for one path share the work. `done` may be called before this
   * returns. The descriptor of a large file is open while `done` runs; see `FileLoader.load`.
   */
  find(path: string, done: Waiting): void {
    const known = this.peek(path);
    if (known !== null) {
      done(known);
      return;
    }
    const waiting = this.#waiting.get(path);
    if (waiting !== undefined) {
      waiting.push(done);
      return;
    }
    // The text of a path may be a slice of a whole request, which a long-lived key would keep alive.
    const key = Buffer.from(path, 'latin1').toString('latin1');
    this.#waiting.set(key, [done]);
    const entry = this.#entries.get(key);
    const at = this.#clock.monotonic();
    if (entry === undefined || entry.found.kind === 'directory') {
      this.#load(key, at);
      return;
    }
    this.#loader.isCurrent(entry.found, (current) => {
      if (current) {
        entry.checkedAt = at;
        if (entry.slot !== null) this.#memory.touch(entry.slot);
        this.#tell(key, entry.found);
      } else {
        this.#load(key, at);
      }
    });
  }

  #load(path: string, at: number): void {
    const name = this.#loader.nameOf(path);
    if (name === null) {
      this.#tell(path, this.#loader.refused(path));
      return;
    }
    this.#loader.load(name, (found, settled) => {
      if (found.kind === 'directory' && path.endsWith('/')) {
        this.#findIndex(path, 0, (index) => {
          if (index !== null && typeof index === 'object') this.#tell(path, index);
          else this.#settle(path, { kind: 'directory', index }, at, true);
        });
      } else {
        this.#settle(path, found, at, settled);
      }
    });
  }

  /** The first index that exists, or that only lacks permission; a fault of the machine ends the search. */
  #findIndex(path: string, next: number, done: (index: string | null | Missing) => void): void {
    const name = this.#model.index[next];
    if (name === undefined) {
      done(null);
      return;
    }
    this.find(path + name, (found) => {
      if (found.kind === 'file') done(name);
      else if (found.kind === 'directory' || found.fault.status === 404) {
        this.#findIndex(path, next + 1, done);
      } else done(found.fault.status === 403 ? name : found);
    });
  }

  #settle(path: string, found: Found, at: number, settled: boolean): void {
    const old = this.#entries.get(path);
    if (old !== undefined) {
      this.#entries.delete(path);
      if (old.slot !== null) this.#memory.drop(old.slot);
    }
    this.#missing.delete(path);
    if (found.kind === 'missing') this.#keepMissing(path, found, at);
    else if (settled) this.#keep(new CacheEntry(path, found, this.#entries, at));
    this.#tell(path, found);
  }

  #keep(entry: CacheEntry): void {
    entry.slot = this.#memory.keep(entry);
    if (entry.slot !== null) this.#entries.set(entry.path, entry);
  }

  #keepMissing(path: string, found: Missing, at: number): void {
    const { status } = found.fault;
    if (path.length > MISSING_LENGTH || (status !== 404 && status !== 403)) return;
    if (this.#missing.size >= MISSING_COUNT) {
      const [oldest] = this.#missing.keys();
      if (oldest !== undefined) this.#missing.delete(oldest);
    }
    this.#missing.set(path, { found, at });
  }

  #tell(path: string, found: Found): void {
    const waiting = this.#waiting.get(path);
    this.#waiting.delete(path);
    for (const done of waiting ?? []) done(found);
  }

  /**
   * Opens a large file that was found earlier. The file is open while `done` runs, and longer for who
   * retains it. Null: it has changed and has to be found anew.
   */
  open(stored: StoredFile, done: (file: OpenFile | Missing | null) => void): void {
    const { open } = stored;
    if (open !== null && open.isOpen) {
      done(open);
      return;
    }
    const opening = this.#opening.get(stored);
    if (opening !== undefined) {
      opening.push(done);
      return;
    }
    const waiting = [done];
    this.#opening.set(stored, waiting);
    this.#loader.reopen(stored, (file) => {
      this.#opening.delete(stored);
      const isFile = file !== null && !('kind' in file);
      if (isFile) stored.open = file;
      try {
        for (const each of waiting) each(file);
      } finally {
        if (isFile) file.release();
      }
    });
  }

  /** Forgets what is known of a path, so that the next `find` asks the file system. */
  forget(path: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    if (entry.slot !== null) this.#memory.drop(entry.slot);
  }

  /** The path that a path would be a precompressed twin of, or null. */
  originalOf(path: string): string | null {
    return this.#loader.originalOf(path);
  }

  /** Lets go of everything kept; for a route that a reload took away. */
  clear(): void {
    for (const { slot } of this.#entries.values()) if (slot !== null) this.#memory.drop(slot);
    this.#entries.clear();
    this.#missing.clear();
  }

  /** The answer for a directory without an index. */
  static noIndex(path: string): Missing {
    return { kind: 'missing', fault: WEB_FAULTS['no-index'], detail: path };
  }
}
