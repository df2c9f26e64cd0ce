/** A connection as the list of idle ones knows it. The two neighbours are the list's to set. */
export interface IdleConnection {
  older: IdleConnection | null;
  newer: IdleConnection | null;
  /** Closes the connection. */
  retire(): void;
}

/**
 * The connections that one thread keeps open between requests, over several peers together; above the
 * limit the one that has been idle longest goes. A list that its members carry themselves, because two
 * changes a request are many. nginx: `keepalive` of an upstream.
 */
export class IdleConnections {
  readonly #limit: number;
  #oldest: IdleConnection | null = null;
  #newest: IdleConnection | null = null;
  #size = 0;

  /** `limit` 0 keeps none. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** How many are kept now. */
  get size(): number {
    return this.#size;
  }

  /** Takes a connection in, which may close another one, or this one. */
  add(connection: IdleConnection): void {
    connection.older = this.#newest;
    if (this.#newest === null) this.#oldest = connection;
    else this.#newest.newer = connection;
    this.#newest = connection;
    this.#size++;
    const oldest = this.#oldest;
    if (this.#size <= this.#limit || oldest === null) return;
    this.remove(oldest);
    oldest.retire();
  }

  /** The connection is used again, or gone; harmless for one that is not idle. */
  remove(connection: IdleConnection): void {
    const { older, newer } = connection;
    if (older === null && newer === null && this.#oldest !== connection) return;
    if (older === null) this.#oldest = newer;
    else older.newer = newer;
    if (newer === null) this.#newest = older;
    else newer.older = older;
    connection.older = null;
    connection.newer = null;
    this.#size--;
  }
}
