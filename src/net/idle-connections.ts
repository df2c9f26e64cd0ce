import type { H1ClientConnection } from '../http/h1/index.ts';

/**
 * The connections that one thread keeps open between requests, over several peers together; above the
 * limit the one that has been idle longest goes. nginx: `keepalive` of an upstream.
 */
export class IdleConnections {
  readonly #limit: number;
  // A Set keeps the order in which its members came.
  readonly #idle = new Set<H1ClientConnection>();

  /** `limit` 0 keeps none. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many are kept now. */
  get size(): number {
    return this.#idle.size;
  }

  /** Takes a connection in, which may close another one, or this one. */
  add(connection: H1ClientConnection): void {
    this.#idle.add(connection);
    if (this.#idle.size <= this.#limit) return;
    for (const oldest of this.#idle) {
      this.#idle.delete(oldest);
      oldest.retire();
      return;
    }
  }

  /** The connection is used again, or gone. */
  remove(connection: H1ClientConnection): void {
    this.#idle.delete(connection);
  }
}
