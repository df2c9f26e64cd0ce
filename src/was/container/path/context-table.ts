/** Which application answers a path: the one with the longest context path that the path begins with. */

/** What stands at a context path. */
export interface Context {
  /** `/shop`, or empty for the root. */
  readonly path: string;
}

/** See the head of this file. */
export class ContextTable<T extends Context> {
  readonly #byPath: ReadonlyMap<string, T>;
  readonly #longest: number;

  /** Each path may be there once. */
  constructor(contexts: readonly T[]) {
    this.#byPath = new Map(contexts.map((context) => [context.path, context]));
    this.#longest = Math.max(0, ...contexts.map(({ path }) => path.length));
  }

  /** The application for a canonical path, null where there is none. */
  find(path: string): T | null {
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      if (end > this.#longest) continue;
      const found = this.#byPath.get(end === path.length ? path : path.slice(0, end));
      if (found !== undefined) return found;
    }
    return this.#byPath.get('') ?? null;
  }
}
