/**
 * What the supervisor and a server process say to each other. Types alone: the supervisor keeps its rights, and loads
 * nothing of what serves.
 */
import type { ConfigModel } from '../config/index.ts';
import type { Path } from '../schema/index.ts';

/** Something wrong that shows when a configuration is built. */
export interface SiteFault {
  readonly path: Path;
  readonly message: string;
  readonly cure: string;
}

/** The sockets of a listen address, as descriptors of the server process. */
export interface SocketGrant {
  /** The text of the address in the configuration. */
  readonly key: string;
  /** For each thread its own descriptors, which it closes in the end. */
  readonly descriptors: readonly (readonly number[])[];
  /** For each thread descriptors of the sockets that it alone listens on: for another one when it is lost. */
  readonly spares: readonly number[][];
}

/** What a server process is told before it loads anything; it travels on its command line. */
export interface ServerStart {
  /** Whom the process becomes; null where it stays who it is. */
  readonly user: { readonly name: string; readonly group: string } | null;
  /** Value of the `Server` field. */
  readonly serverName: string;
  /** Counts the server processes of one supervisor, from 1. */
  readonly generation: number;
}

/** What a server process is told. */
export type ToServer =
  /** Start the threads, build all and open nothing yet; answered with `built`. */
  | {
      readonly type: 'prepare';
      readonly config: ConfigModel;
      readonly threads: number;
      readonly sockets: readonly SocketGrant[];
    }
  /** Serve what was prepared; answered with `serving`. */
  | { readonly type: 'serve' }
  /** Serve another configuration on the sockets of now; answered with `applied`. */
  | { readonly type: 'apply'; readonly config: ConfigModel }
  | { readonly type: 'reopen-logs' }
  /**
   * Stop accepting (answered with `draining`), and end when all connections have ended, or after `limit` milliseconds. Connections that wait for
   * a request are closed at once, or have `idle` milliseconds for a last one.
   */
  | { readonly type: 'drain'; readonly idle: number; readonly limit: number };

/** What a server process says. */
export type FromServer =
  /** It has become its user, loaded its program, and can be told to prepare. */
  | { readonly type: 'ready' }
  | { readonly type: 'built'; readonly siteFaults: readonly SiteFault[] }
  | { readonly type: 'serving' }
  /** `failure` says why nothing changed where that is no fault of the configuration. */
  | {
      readonly type: 'applied';
      readonly siteFaults: readonly SiteFault[];
      readonly failure: string | null;
    }
  /** It accepts no connection any more. */
  | { readonly type: 'draining' }
  /** A web thread is over and not replaced; the others serve on. */
  | { readonly type: 'thread-lost'; readonly thread: number; readonly reason: string }
  /** It cannot go on, and ends. */
  | { readonly type: 'failed'; readonly reason: string };
