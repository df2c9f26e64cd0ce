/**
 * What the main thread and a web thread say to each other. Sites and upstreams travel as JSON text, a batch
 * at a time and each batch only when the one before was dealt with: text is cheap to take over, and a thread
 * that serves requests takes a configuration of 10,000 of them without standing still.
 */
import type { ConfigModel } from '../config/index.ts';
import type { ListenTarget } from '../net/index.ts';
import type { SiteFault } from './site.ts';
import type { NamedText, TextKind } from './texts.ts';

/** Which sites are served on a listen address, and how. */
export interface AddressSites {
  readonly key: string;
  readonly lenientLineEnds: boolean;
  readonly hosts: readonly string[];
  readonly fallback: string;
}

/** A listen address without a socket of its own; see `covering.ts`. */
export interface NarrowAddress extends AddressSites {
  /** Where its connections arrive, as the system spells it: `127.0.0.1`; `0.0.0.0` or `::` for a family. */
  readonly host: string;
}

/** A listen address on its way to a thread. */
export interface AddressMessage extends AddressSites {
  readonly target: ListenTarget;
  readonly backlog: number;
  /** Whether other threads listen on it too. */
  readonly shared: boolean;
  /** Addresses whose connections arrive on its socket too. */
  readonly narrow: readonly NarrowAddress[];
}

/** What a web thread is told. */
export type ToThread =
  | {
      readonly type: 'model';
      readonly addresses: readonly AddressMessage[];
      readonly limits: ConfigModel['limits'];
      readonly hotFileMemory: number;
      readonly logs: ConfigModel['logs'];
    }
  | { readonly type: 'texts'; readonly kind: TextKind; readonly texts: readonly NamedText[] }
  /** All texts were sent: build, and open what is new. */
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
  /** The system's code, `EADDRINUSE`; `OVERLAP` where an address of this server is in the way. */
  readonly code: string;
  readonly message: string;
  /** What helps; for the codes of the system there is a table. */
  readonly cure?: string;
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
  /** It could not do what it was asked, what it serves now is in no known state: another takes its place. */
  | { readonly type: 'failed'; readonly reason: string }
  | { readonly type: 'idle' }
  | { readonly type: 'stopped' };

/** What a web thread knows before its first message; it travels as `workerData`. */
export interface ThreadStart {
  /** Counts from 1. */
  readonly thread: number;
  /** Value of the `Server` field. */
  readonly serverName: string;
}
