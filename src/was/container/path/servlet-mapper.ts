/**
 * Which servlet answers a path (Jakarta Servlet section 12.1): an exact pattern, the longest `/x/*`, the
 * ending `*.x`, then `/`. A pattern without its characters of meaning, `/a*`, stands for itself.
 */
import type { MappingMatch } from '../../api/index.ts';

/** A servlet that was found, and which part of the path its pattern took. */
export interface Mapped<T> {
  readonly target: T;
  readonly match: MappingMatch;
  readonly pattern: string;
  /** What the `*` of the pattern stood for; null where `/x/*` took `/x` itself. */
  readonly matchValue: string | null;
  /** The path that the pattern took; empty for the root of the context and for `/*`. */
  readonly servletPath: string;
  /** What is behind it; null where nothing is. */
  readonly pathInfo: string | null;
}

/** See the head of this file; `T` is what a pattern leads to. */
export class ServletMapper<T> {
  readonly #exact = new Map<string, Mapped<T>>();
  readonly #prefixes = new Map<string, T>();
  readonly #endings = new Map<string, T>();
  #default: T | null = null;
  #root: Mapped<T> | null = null;
  #longest = 0;

  /** Adds a pattern that the descriptor was found to be right about; the last of equal ones counts. */
  add(pattern: string, target: T): void {
    if (pattern === '') {
      this.#root = {
        target,
        match: 'CONTEXT_ROOT',
        pattern,
        matchValue: '',
        servletPath: '',
        pathInfo: '/',
      };
    } else if (pattern === '/') this.#default = target;
    else if (pattern.startsWith('*.')) this.#endings.set(pattern.slice(2), target);
    else if (pattern.endsWith('/*')) {
      const prefix = pattern.slice(0, -2);
      this.#prefixes.set(prefix, target);
      this.#longest = Math.max(this.#longest, prefix.length);
    } else {
      this.#exact.set(pattern, {
        target,
        match: 'EXACT',
        pattern,
        matchValue: pattern.slice(1),
        servletPath: pattern,
        pathInfo: null,
      });
    }
  }

  /** Whether a pattern is taken. */
  has(pattern: string): boolean {
    if (pattern === '') return this.#root !== null;
    if (pattern === '/') return this.#default !== null;
    if (pattern.startsWith('*.')) return this.#endings.has(pattern.slice(2));
    if (pattern.endsWith('/*')) return this.#prefixes.has(pattern.slice(0, -2));
    return this.#exact.has(pattern);
  }

  /** The servlet that a pattern names outright: exact, or the root of the context. */
  exact(path: string): Mapped<T> | null {
    return this.#exact.get(path) ?? (path === '/' ? this.#root : null);
  }

  /** The servlet of the longest `/x/*` that takes the path. */
  byPrefix(path: string): Mapped<T> | null {
    if (this.#prefixes.size === 0) return null;
    for (let end = path.length; end >= 0; end = end === 0 ? -1 : path.lastIndexOf('/', end - 1)) {
      if (end > this.#longest) continue;
      const prefix = path.slice(0, end);
      const target = this.#prefixes.get(prefix);
      if (target === undefined) continue;
      const pathInfo = end === path.length ? null : path.slice(end);
      return {
        target,
        match: 'PATH',
        pattern: `${prefix}/*`,
        matchValue: pathInfo === null ? null : path.slice(end + 1),
        servletPath: prefix,
        pathInfo,
      };
    }
    return null;
  }

  /** The servlet of the ending of the last segment. */
  byEnding(path: string): Mapped<T> | null {
    if (this.#endings.size === 0) return null;
    const dot = path.lastIndexOf('.');
    if (dot < 0 || path.indexOf('/', dot) >= 0) return null;
    const ending = path.slice(dot + 1);
    const target = this.#endings.get(ending);
    if (target === undefined) return null;
    return {
      target,
      match: 'EXTENSION',
      pattern: `*.${ending}`,
      matchValue: path.slice(1, dot),
      servletPath: path,
      pathInfo: null,
    };
  }

  /** The servlet that takes what no other does. */
  fallback(path: string): Mapped<T> | null {
    if (this.#default === null) return null;
    return {
      target: this.#default,
      match: 'DEFAULT',
      pattern: '/',
      matchValue: '',
      servletPath: path,
      pathInfo: null,
    };
  }
}
