/**
 * Symbolic links: a file may be served if it lies, links resolved, where the route allows.
 *
 * The check comes after the file is opened and asks the kernel where the open file lies. Checking the
 * path first and opening it then would leave a moment in which somebody who may write into the
 * directory exchanges a link.
 */
import type { Stats } from 'node:fs';
import { sep } from 'node:path';
import type { Clock } from '../base/index.ts';
import type { FileSystem } from './file-system.ts';

/**
 * `within-root`: links are followed if they end under the root. `follow`: always. `deny`: no link below
 * the root; the root itself and what lies above it may be one. nginx: `disable_symlinks`.
 */
export type SymlinkPolicy = 'within-root' | 'follow' | 'deny';

/** How long the resolved path of the root is believed: a deployment that switches a link moves it. */
const ROOT_AGE_MS = 1000;

const DELETED = ' (deleted)';

function slashed(path: Buffer): string {
  const text = path.toString('latin1');
  return sep === '/' ? text : text.replaceAll(sep, '/');
}

/** Checks open files against one root. */
export class RootGuard {
  readonly #files: FileSystem;
  readonly #clock: Clock;
  readonly #root: Buffer;
  readonly #policy: SymlinkPolicy;
  #real: string | null = null;
  #realAt = 0;

  /** `root` is absolute; empty means `/`. */
  constructor(root: Buffer, policy: SymlinkPolicy, files: FileSystem, clock: Clock) {
    this.#root = root.length === 0 ? Buffer.from('/') : root;
    this.#policy = policy;
    this.#files = files;
    this.#clock = clock;
  }

  /** Says whether the open file may be served. `inner` is the path below the root that was asked for. */
  check(
    descriptor: number,
    path: Buffer,
    inner: string,
    status: Stats,
    done: (allowed: boolean) => void,
  ): void {
    if (this.#policy === 'follow') {
      done(true);
      return;
    }
    this.#files.realPathOfOpen(descriptor, path, status, (error, bytes) => {
      if (error !== null) {
        done(false);
        return;
      }
      const real = slashed(bytes);
      const allows = (root: string | null): boolean =>
        root !== null && this.#allows(root, real, inner, status.nlink === 0);
      const isFresh = this.#real !== null && this.#clock.monotonic() - this.#realAt < ROOT_AGE_MS;
      if (isFresh && allows(this.#real)) done(true);
      else this.#resolve((root) => done(allows(root)));
    });
  }

  #resolve(done: (root: string | null) => void): void {
    const at = this.#clock.monotonic();
    this.#files.realPath(this.#root, (error, bytes) => {
      this.#real = error === null ? slashed(bytes) : null;
      this.#realAt = at;
      done(this.#real);
    });
  }

  #allows(root: string, real: string, inner: string, deleted: boolean): boolean {
    const above = root === '/' ? '' : root;
    if (this.#policy === 'within-root') return real === root || real.startsWith(`${above}/`);
    const straight = above + withoutEmptySegments(inner);
    // A file that was replaced a moment ago is still the one that was asked for.
    return real === (straight === '' ? '/' : straight) || (deleted && real === straight + DELETED);
  }
}

function withoutEmptySegments(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '');
  return segments.length === 0 ? '' : `/${segments.join('/')}`;
}
