/** Which page of an application answers for a status or an error (Jakarta Servlet section 10.9.2). */
import type { ErrorPageModel } from '../../descriptor/index.ts';

/** Java's names for what every error is. */
const EVERY_ERROR: ReadonlySet<string> = new Set([
  'Error',
  'java.lang.Throwable',
  'java.lang.Exception',
]);

/** See the head of this file. */
export class ErrorPageTable {
  readonly #byStatus = new Map<number, string>();
  readonly #byType = new Map<string, string>();
  #every: string | null = null;
  #fallback: string | null = null;

  constructor(pages: readonly ErrorPageModel[]) {
    for (const { status, exceptionType, location } of pages) {
      if (status !== null) this.#byStatus.set(status, location);
      else if (exceptionType === null) this.#fallback = location;
      else if (EVERY_ERROR.has(exceptionType)) this.#every = location;
      else this.#byType.set(simpleName(exceptionType), location);
    }
  }

  /**
   * The location of the page; null for none. For an error that was thrown, its class and those that it extends
   * are looked for by their names, the nearest first, then its cause, where a servlet says `ServletException`, then
   * the status.
   */
  find(status: number, error: unknown): string | null {
    const byError = error === null ? null : this.#byError(error);
    return byError ?? this.#byStatus.get(status) ?? this.#fallback;
  }

  #byError(error: unknown): string | null {
    const own = this.#byClass(error);
    if (own !== null) return own;
    if (error instanceof Error && error.name === 'ServletException' && error.cause !== undefined) {
      const inner = this.#byClass(error.cause);
      if (inner !== null) return inner;
    }
    return error instanceof Error ? this.#every : null;
  }

  #byClass(error: unknown): string | null {
    if (this.#byType.size === 0 || typeof error !== 'object' || error === null) return null;
    let prototype: unknown = Object.getPrototypeOf(error);
    while (typeof prototype === 'object' && prototype !== null) {
      const location = this.#byType.get(prototype.constructor.name);
      if (location !== undefined) return location;
      prototype = Object.getPrototypeOf(prototype);
    }
    return null;
  }
}

/** Classes know their names without the package. */
function simpleName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}
