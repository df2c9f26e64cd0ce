/**
 * What the main thread and a web thread say to each other. Sites travel as JSON text, a batch at a time
 * and each batch only when the one before was dealt with: text is cheap to take over, and a thread that
 * serves requests takes a configuration of 10,000 sites without standing still.
 */
import type { ConfigModel } from '../config/index.ts';
import type { ListenTarget } from '../net/index.ts';
import type { SiteFault } from './site.ts';

/** A listen address on its way to a thread. */
export interface AddressMessage {
  readonly key: string;
  readonly target: ListenTarget;
  readonly backlog: number;
  readonly lenientLineEnds: boolean;
  readonly hosts: readonly string[];
  readonly fallback: string;
  /** Whether other threads listen on it too. */
  readonly shared: boolean;
}

/** What a web thread is told. */
export type ToThread =
  | {
      readonly type: 'model';
      readonly addresses: readonly AddressMessage[];
      readonly upstreams: ConfigModel['upstreams'];
      readonly limits: ConfigModel['limits'];
      readonly hotFileMemory: number;
      readonly logs: ConfigModel['logs'];
    }
  /** Sites by main name; null for one that is the same as in the model that is served. */
  | {
      readonly type: 'sites';
      readonly sites: readonly (readonly [host: string, json: string | null])[];
    }
  /** All sites were sent: build, and open what is new. */
  | { readonly type: 'prepare' }
  | { readonly type: 'commit' }
  | { readonly type: 'discard' }
  | { readonly type: 'reopen-logs' }
  /** Stop accepting; say `idle` when the last connection has ended. */
  | { readonly type: 'retire' }
  /** Write the logs and end. */
  | { readonly type: 'stop' };

/** A listen address that could not be opened. */
export interface OpenFault {
  readonly key: string;
  /** The system's code, `EADDRINUSE`. */
  readonly code: string;
  readonly message: string;
}

/** What a web thread answers. */
export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'more' }
  | {
      readonly type: 'prepared';
      readonly siteFaults: readonly SiteFault[];
      readonly openFaults: readonly OpenFault[];
      /** The ports that were opened, by key: what a listen on port 0 got. */
      readonly ports: readonly (readonly [key: string, port: number])[];
    }
  | { readonly type: 'committed' }
  | { readonly type: 'idle' }
  | { readonly type: 'stopped' };

/** What a web thread knows before its first message; it travels as `workerData`. */
export interface ThreadStart {
  /** Counts from 1. */
  readonly thread: number;
  /** Value of the `Server` field. */
  readonly serverName: string;
}
