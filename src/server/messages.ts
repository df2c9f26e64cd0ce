/**
 * What the main thread and a web thread say to each other. Sites and upstreams travel as JSON text, a batch
 * at a time and each batch only when the one before was dealt with: text is cheap to take over, and a thread
 * that serves requests takes a configuration of 10,000 of them without standing still.
 */
import type { ConfigModel, SocketAddress } from '../config/index.ts';
import type { HeldShare, LimitQuestion, LimitVerdict } from '../web/index.ts';
import type { BeatsHandle } from './beats.ts';
import type { LimitGrants } from './limit-grants.ts';
import type { ConnectionReport, NoteLevel, PeerReport, SiteFault } from './port.ts';
import type { TallyHandle } from './tallies.ts';
import type { NamedText, TextKind } from './texts.ts';

/** Name of the function in the global scope of a web thread that stops it from accepting, even while it stands still. */
export const LEAVE_NAME = 'daemunLeaveSockets';
/** What the debugger runs in a thread that stands still, to call it. */
export const LEAVE_SOCKETS = `globalThis.${LEAVE_NAME}()`;

/** A listen address on its way to a thread. */
export interface AddressMessage extends SocketAddress {
  /** The sockets that the thread is to listen on, and that it owns then. */
  readonly descriptors: readonly number[];
}

/** One server of an upstream as one thread has found it. */
export interface PeerSight extends PeerReport {
  readonly upstream: string;
}

/** What a web thread is told. */
export type ToThread =
  | {
      readonly type: 'model';
      /** Its first model says all that the thread listens on ever; later ones, what is served there. */
      readonly addresses: readonly AddressMessage[];
      readonly limits: ConfigModel['limits'];
      readonly hotFileMemory: number;
      /** Those of its first model are all that it ever has. */
      readonly apps: ConfigModel['apps'];
      readonly logs: ConfigModel['logs'];
      readonly zones: LimitGrants;
      /** Milliseconds after which the main thread is given up; 0 for never. */
      readonly stuckThreadTimeout: number;
    }
  | { readonly type: 'texts'; readonly kind: TextKind; readonly texts: readonly NamedText[] }
  /** All texts were sent: build. */
  | { readonly type: 'prepare' }
  | { readonly type: 'commit' }
  | { readonly type: 'discard' }
  /** Listen on these too: sockets of a thread that is lost. */
  | { readonly type: 'adopt'; readonly key: string; readonly descriptors: readonly number[] }
  | { readonly type: 'reopen-logs' }
  /** Tell who is connected and how the upstreams are doing. */
  | { readonly type: 'report' }
  /** Write a line to the error log of the configuration. */
  | { readonly type: 'note'; readonly level: NoteLevel; readonly text: string }
  /** Stop accepting and end connections: see `Listener.windDown`. */
  | { readonly type: 'wind-down' }
  /** Stop accepting; say `idle` when the last connection has ended. */
  | { readonly type: 'retire' }
  /** Another process decides about limits: say `limits-left`. */
  | { readonly type: 'leave-limits' }
  /** It does not after all. */
  | { readonly type: 'stay-limits' }
  | { readonly type: 'limit-verdict'; readonly id: number; readonly verdict: LimitVerdict }
  /** End the web applications; no request comes any more. */
  | { readonly type: 'end-applications' }
  /** Write the logs and end. */
  | { readonly type: 'stop' };

/** What a web thread answers. */
export type FromThread =
  | { readonly type: 'ready' }
  | { readonly type: 'more' }
  | { readonly type: 'prepared'; readonly siteFaults: readonly SiteFault[] }
  | { readonly type: 'committed' }
  /** It could not do what it was asked, and what it serves now is in no known state: it is ended. */
  | { readonly type: 'failed'; readonly reason: string }
  | {
      readonly type: 'report';
      readonly connections: readonly ConnectionReport[];
      readonly peers: readonly PeerSight[];
    }
  /** It accepts nothing any more. */
  | { readonly type: 'closed' }
  | { readonly type: 'idle' }
  /** It decides about no limit any more; what its requests hold. */
  | { readonly type: 'limits-left'; readonly held: readonly HeldShare[] }
  /** For the process that decides; answered with `limit-verdict`. */
  | { readonly type: 'limit-asked'; readonly id: number; readonly question: LimitQuestion }
  | { readonly type: 'limit-given-back'; readonly id: number }
  | { readonly type: 'applications-ended' }
  | { readonly type: 'stopped' };

/** What a web thread knows before its first message; it travels as `workerData`. */
export interface ThreadStart {
  /** Counts from 1. */
  readonly thread: number;
  /** Value of the `Server` field. */
  readonly serverName: string;
  /** Which of the threads of this number it is. */
  readonly generation: number;
  readonly tallies: TallyHandle;
  readonly beats: BeatsHandle;
}
