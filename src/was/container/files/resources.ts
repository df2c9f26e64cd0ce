/** The files of an application, as they are in its directory now. */
import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { dirname, sep } from 'node:path';

/** A file or directory of an application. */
export interface Resource {
  readonly kind: 'file' | 'directory';
  /** Its path in the application, canonical; without a slash at the end, but for the root. */
  readonly path: string;
  /** Its absolute path, free of symbolic links. */
  readonly file: string;
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970, whole, never negative. */
  readonly modified: number;
  /** Tomcat's entity tag, which is weak: size and modification do not tell every change. */
  readonly etag: string;
}

/** Names that are none, or mean another file than the one they spell, on the system that they are asked of. */
const REFUSED = process.platform === 'win32' ? /[\0-\x1f\\:*?"<>|]/ : /[\0\\]/;

/**
 * Finds the files of an application. Nothing outside its directory can be reached, and nothing in it by another
 * name than its own: a path with a symbolic link in it, or in another case than the name has on a file system
 * that does not care, leads nowhere, even where the link stays inside. Tomcat does the same unless it is told
 * `allowLinking`; otherwise one file would have several names, of which rules for paths know one.
 */
export class Resources {
  /** The directory, absolute and free of symbolic links: where a link to it leads when the application starts counts. */
  readonly root: string;
  readonly #prefix: string;

  /** @throws Error where there is no such directory. */
  constructor(root: string) {
    this.root = realpathSync.native(root);
    if (!statSync(this.root).isDirectory()) throw new Error(`${root} is not a directory`);
    this.#prefix = this.root.endsWith(sep) ? this.root : this.root + sep;
  }

  /**
   * What is at a path, decoded and canonical (`/a/b.txt`), `/WEB-INF/` included; a slash at the end asks for a
   * directory. Null for nothing, for a path that is not canonical, and for devices, sockets and pipes.
   * @throws Error where the file system fails.
   */
  find(path: string): Resource | null {
    const file = this.#fileOf(path);
    if (file === null) return null;
    const status = statusOf(file);
    if (status === null || realPathOf(file) !== file) return null;
    const isDirectory = status.isDirectory();
    if (!isDirectory && (path.endsWith('/') || !status.isFile())) return null;
    return resourceOf(isDirectory ? 'directory' : 'file', withoutSlash(path), file, status);
  }

  /**
   * The paths directly below a directory, sorted, those of directories with a slash behind; null where there is
   * no such directory. What `find` does not find is left out.
   */
  list(path: string): readonly string[] | null {
    const found = this.find(path);
    if (found?.kind !== 'directory') return null;
    const above = found.path === '/' ? '/' : `${found.path}/`;
    const paths: string[] = [];
    for (const name of readdirSync(found.file).toSorted()) {
      const below = this.find(above + name);
      if (below !== null) paths.push(below.kind === 'directory' ? `${below.path}/` : below.path);
    }
    return paths;
  }

  /**
   * The file that a path means, whether or not it exists; null for a path that does not begin with `/`, would
   * leave the application, or has a symbolic link on it. The path need not be canonical: a servlet may have put
   * it together. A slash at its end stays.
   */
  realPath(path: string): string | null {
    const canonical = canonicalPath(path);
    const file = canonical === null ? null : this.#fileOf(canonical);
    if (canonical === null || file === null) return null;
    let existing = file;
    while (existing !== this.root && !exists(existing)) existing = dirname(existing);
    if (realPathOf(existing) !== existing) return null;
    return canonical.endsWith('/') && !file.endsWith(sep) ? file + sep : file;
  }

  /** The absolute path that a canonical one stands for; null where it is none. */
  #fileOf(path: string): string | null {
    if (path === '/') return this.root;
    if (REFUSED.test(path) || canonicalPath(path) !== path) return null;
    const inner = withoutSlash(path).slice(1);
    return this.#prefix + (sep === '/' ? inner : inner.replaceAll('/', sep));
  }
}

/** What a status says about a file that was found. */
export function resourceOf(
  kind: Resource['kind'],
  path: string,
  file: string,
  { size, mtimeMs }: Stats,
): Resource {
  const modified = Math.max(0, Math.floor(mtimeMs));
  return { kind, path, file, size, modified, etag: `W/"${size}-${modified}"` };
}

/** Whether a failure of the file system says that there is nothing to be had under a name. */
export function saysNothing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return (
    code === 'ENOENT' ||
    code === 'ENOTDIR' ||
    code === 'ELOOP' ||
    code === 'ENAMETOOLONG' ||
    code === 'EACCES' ||
    code === 'EPERM' ||
    // A socket, which cannot be opened.
    code === 'ENXIO'
  );
}

function statusOf(file: string): Stats | null {
  return orNull(() => statSync(file, { throwIfNoEntry: false }));
}

// A link that leads nowhere exists here: what is written to it would land elsewhere.
function exists(file: string): boolean {
  return orNull(() => lstatSync(file, { throwIfNoEntry: false })) !== null;
}

// The native one alone gives names the case that they have on disk.
function realPathOf(file: string): string | null {
  return orNull(() => realpathSync.native(file));
}

function orNull<T>(call: () => T | undefined): T | null {
  try {
    return call() ?? null;
  } catch (error) {
    if (saysNothing(error)) return null;
    throw error;
  }
}

function withoutSlash(path: string): string {
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
}

/** A path without empty and dot segments, null for one that leads above the root or does not begin there. */
function canonicalPath(path: string): string | null {
  if (!path.startsWith('/')) return null;
  const kept: string[] = [];
  const segments = path.split('/');
  for (const segment of segments) {
    if (segment === '..') {
      if (kept.pop() === undefined) return null;
    } else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const last = segments.at(-1);
  const isOpen = kept.length > 0 && (last === '' || last === '.' || last === '..');
  return `/${kept.join('/')}${isOpen ? '/' : ''}`;
}
