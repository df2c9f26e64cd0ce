/** Which servlet of an application answers a path: its mappings, and welcome files where there are none. */
import type { Resources } from '../files/resources.ts';
import type { ServletHolder } from '../servlet-holder.ts';
import { type Mapped, ServletMapper } from './servlet-mapper.ts';

/** See the head of this file. */
export class ServletTable {
  readonly #mapper: ServletMapper<ServletHolder>;
  readonly #welcomeFiles: readonly string[];
  readonly #resources: Resources;

  constructor(
    mapper: ServletMapper<ServletHolder>,
    welcomeFiles: readonly string[],
    resources: Resources,
  ) {
    this.#mapper = mapper;
    this.#welcomeFiles = welcomeFiles;
    this.#resources = resources;
  }

  /** The servlet for a path within the application, `/` at least. */
  find(path: string): Mapped<ServletHolder> | null {
    const mapper = this.#mapper;
    return (
      mapper.exact(path) ??
      mapper.byPrefix(path) ??
      mapper.byEnding(path) ??
      (path.endsWith('/') ? this.#welcome(path) : null) ??
      mapper.fallback(path)
    );
  }

  /** The servlet that takes the bare path of the context, without the slash behind it; null where that is missing. */
  findBare(): Mapped<ServletHolder> | null {
    return this.#mapper.byPrefix('');
  }

  // Servlet section 10.10. A file that is there comes before an ending that a servlet would take without one.
  #welcome(directory: string): Mapped<ServletHolder> | null {
    const mapper = this.#mapper;
    for (const name of this.#welcomeFiles) {
      const path = directory + name;
      const mapped = mapper.exact(path) ?? mapper.byPrefix(path);
      if (mapped !== null) return mapped;
      if (this.#resources.find(path)?.kind === 'file') {
        return mapper.byEnding(path) ?? mapper.fallback(path);
      }
    }
    for (const name of this.#welcomeFiles) {
      const mapped = mapper.byEnding(directory + name);
      if (mapped !== null) return mapped;
    }
    return null;
  }
}
