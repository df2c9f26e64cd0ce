/**
 * What the supervisor and a server process say to each other. Types alone: the supervisor keeps its rights, and loads
 * nothing of what serves.
 */
import type { CertificateTexts, ConfigModel } from '../config/index.ts';
import type { Path } from '../schema/index.ts';
import type { HeldShare, LimitQuestion, LimitVerdict, ZoneName } from '../web/index.ts';

/** Something wrong that shows when a configuration is built. */
export interface SiteFault {
  readonly path: Path;
  readonly message: string;
  readonly cure: string;
}

/**
 * A configuration with what the supervisor has read for it, because a server process may not: certificates by
 * `certificateName`.
 */
export interface ConfigOffer {
  readonly config: ConfigModel;
  readonly certificates: Readonly<Record<string, CertificateTexts>>;
}

/** The sockets of a listen address, as descriptors of the server process. */
export interface SocketGrant {
  /** The text of the address in the configuration. */
  readonly key: string;
  /** The port that it has, 0 for a unix socket. */
  readonly port: number;
  /** For each thread its own descriptors, which it closes in the end. */
  readonly descriptors: readonly (readonly number[])[];
  /** For each thread descriptors of the sockets that it alone listens on: for another one when it is lost. */
  readonly spares: readonly number[][];
}

/** Sums since a process was started, by name; see `StatusReport.counters`. */
export type Totals = Readonly<Record<string, number>>;

/** Who may ask on the listener of the administration. */
export type AdminPass =
  /** A unix socket: the rights of its file decide. */
  | { readonly kind: 'unix' }
  | { readonly kind: 'tcp'; readonly hosts: readonly string[]; readonly token: string };

/** The listener of the administration. */
export interface AdminGrant {
  /** Its socket, as a descriptor of the server process. */
  readonly descriptor: number;
  /** The path of a unix socket; null for TCP. */
  readonly unixPath: string | null;
  readonly pass: AdminPass;
}

/** What the main thread of a server process has the supervisor do or tell. */
export type Order =
  | { readonly kind: 'report' }
  | { readonly kind: 'reload' }
  | { readonly kind: 'stop'; readonly limit: number };

/** What a server process is told before it loads anything; it travels on its command line. */
export interface ServerStart {
  /** Whom the process becomes; null where it stays who it is. */
  readonly user: { readonly name: string; readonly group: string } | null;
  /** Value of the `Server` field. */
  readonly serverName: string;
  /** Version of Daemun. */
  readonly version: string;
  /** Counts the server processes of one supervisor, from 1. */
  readonly generation: number;
}

/** Levels of lines in the error log that are not about a request. */
export type NoteLevel = 'crit' | 'warn' | 'notice';

/** A web thread among those of all processes of a supervisor. */
export interface ThreadPlace {
  /** Number of the process; see `ServerStart`. */
  readonly generation: number;
  readonly thread: number;
}

/** What the requests of a thread hold in zones of connections. */
export interface GuestShares {
  readonly from: ThreadPlace;
  readonly held: readonly HeldShare[];
}

/** All that a process has counted for its limits, on its way to the one that takes its place. */
export interface LimitState {
  /** Zones of rates, as `RateZone.snapshot` makes them, in base64. */
  readonly rates: readonly (ZoneName & { readonly bytes: string })[];
  /** Requests under way, its own and those of the processes before it. */
  readonly guests: readonly GuestShares[];
}

/** A request of another thread asks, and is answered with `limit-verdict`; or gives back what it got. */
type LimitRequest =
  | {
      readonly type: 'limit-asked';
      readonly from: ThreadPlace;
      readonly id: number;
      readonly question: LimitQuestion;
    }
  | { readonly type: 'limit-given-back'; readonly from: ThreadPlace; readonly id: number }
  /** What requests held that were under way before; of a thread that was late to say so. */
  | ({ readonly type: 'limit-held' } & GuestShares);

/** What a server process is told. */
export type ToServer =
  /** Start the threads, build all and open nothing yet; answered with `built`. */
  | {
      readonly type: 'prepare';
      readonly offer: ConfigOffer;
      readonly threads: number;
      readonly sockets: readonly SocketGrant[];
      readonly admin: AdminGrant | null;
    }
  /** What came of an order: a `SupervisorReport`, a `ReloadReport`, or nothing. */
  | {
      readonly type: 'outcome';
      readonly id: number;
      readonly outcome: SupervisorReport | ReloadReport | null;
    }
  /** Serve what was prepared; answered with `serving`. */
  | { readonly type: 'serve' }
  /** Serve another configuration on the sockets of now; answered with `applied`. */
  | { readonly type: 'apply'; readonly offer: ConfigOffer }
  | { readonly type: 'reopen-logs' }
  /** Write a line to the error log of the configuration. */
  | { readonly type: 'note'; readonly level: NoteLevel; readonly text: string }
  /**
   * Stop accepting (answered with `draining`), and end when all connections have ended, or after `limit` milliseconds. Connections that wait for
   * a request are closed at once, or have `idle` milliseconds for a last one.
   */
  | {
      readonly type: 'drain';
      /** Milliseconds for which all goes on before that; only readiness is denied. */
      readonly delay: number;
      readonly idle: number;
      readonly limit: number;
      /** Whether another process has taken its place; else its administration is there until it ends. */
      readonly replaced: boolean;
    }
  /** Another process is to decide about limits: stop, and answer with `limits-left`. */
  | { readonly type: 'limits-leave' }
  /** It does not after all: decide again. */
  | { readonly type: 'limits-stay' }
  /** Go on with what another process has counted; said between `prepare` and `serve`, answered with `limits-taken`. */
  | { readonly type: 'limits-take'; readonly state: LimitState }
  | LimitRequest
  /** A process is over, or that thread of it; what it held is free. */
  | { readonly type: 'limit-left'; readonly generation: number; readonly thread: number | null }
  /** The answer to a request of one of its threads. */
  | {
      readonly type: 'limit-verdict';
      readonly thread: number;
      readonly id: number;
      readonly verdict: LimitVerdict;
    };

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
  /** The supervisor is to do or tell something; answered with an `outcome` of the same number. */
  | { readonly type: 'order'; readonly id: number; readonly order: Order }
  /** What it has counted so far, and how many client connections are open; told every second, as a sign of life too. */
  | { readonly type: 'census'; readonly connections: number; readonly totals: Totals }
  /** A web thread is over and not replaced; the others serve on. */
  | { readonly type: 'thread-lost'; readonly thread: number; readonly reason: string }
  | { readonly type: 'limits-left'; readonly state: LimitState }
  | { readonly type: 'limits-taken' }
  | LimitRequest
  | {
      readonly type: 'limit-verdict';
      readonly to: ThreadPlace;
      readonly id: number;
      readonly verdict: LimitVerdict;
    }
  /** What the requests of a web thread held is free: it is over. */
  | { readonly type: 'limit-thread-over'; readonly thread: number }
  /** It cannot go on, and ends. */
  | { readonly type: 'failed'; readonly reason: string };

/** What the server process shows to and takes from an administrator; implemented by the composition root. */
export interface ServerView {
  /** Version of Daemun. */
  readonly version: string;
  /** False from the moment on at which it is to end or another process takes its place. */
  readonly ready: boolean;
  /** What is going on, gathered from the supervisor and from every thread. */
  status(): Promise<StatusReport>;
  /** The client connections of this process that are open now, oldest first. */
  connections(): Promise<readonly ConnectionReport[]>;
  /** The configuration that is served; nothing in it is secret to who may ask. */
  config(): ConfigModel;
  /** Has the supervisor load the configuration again, as HUP does. */
  reload(): Promise<ReloadReport>;
  /** Number of the process above this one, which follows orders. */
  readonly supervisor: number;
  /** Has the supervisor end the server: stop accepting, wait up to `limit` milliseconds for connections, end. */
  stop(limit: number): Promise<void>;
}

/** Whether a configuration was taken over. */
export interface ReloadReport {
  readonly taken: boolean;
  /** Why not, as a person reads it, with file, line and cure; empty where it was taken. */
  readonly reasons: string;
  /** Whether it was refused because the server is ending: nothing goes on with the configuration of before. */
  readonly ending: boolean;
}

/** One child of the supervisor, which serves or ends. */
export interface ProcessReport {
  readonly pid: number;
  /** Counts the server processes of one supervisor, from 1. */
  readonly generation: number;
  /** Milliseconds since it was started. */
  readonly age: number;
  /** `draining`: another one has taken its place, and it ends with its last connection. */
  readonly state: 'serving' | 'draining';
  /** Client connections that are open; null where it does not answer. */
  readonly connections: number | null;
}

/** The parent process, and what it has been through. */
export interface SupervisorReport {
  readonly pid: number;
  /** Milliseconds since it was started. */
  readonly age: number;
  /** Path of the configuration file; null where the command line said all. */
  readonly configFile: string | null;
  /** Milliseconds since the configuration that is served was taken over. */
  readonly configAge: number;
  /** Configurations that were taken over, and that were refused, since the start. */
  readonly reloads: number;
  readonly refusals: number;
  /** Times that a process took the place of another. */
  readonly handOvers: number;
  /** Server processes that ended by themselves. */
  readonly crashes: number;
  /** What all other processes have counted so far, those that are over included. */
  readonly others: Totals;
  readonly processes: readonly ProcessReport[];
}

/** One web thread of this process. */
export interface ThreadReport {
  /** Counts from 1. */
  readonly thread: number;
  readonly state: 'serving' | 'stuck' | 'lost';
  readonly connections: number;
  readonly requests: number;
  /** The longest time that its event loop stood still within the last ten seconds or so, in milliseconds. */
  readonly stall: number;
}

/** One server of an upstream, over all threads. */
export interface PeerReport {
  readonly url: string;
  readonly state: 'up' | 'failed';
  /** Requests that it has not answered yet. */
  readonly inFlight: number;
  readonly requests: number;
  readonly failures: number;
}

/** What an administrator asks for first: who runs, since when, and how it goes. */
export interface StatusReport {
  readonly version: string;
  readonly pid: number;
  readonly supervisor: SupervisorReport;
  readonly threads: readonly ThreadReport[];
  readonly addresses: readonly {
    readonly key: string;
    readonly port: number;
    readonly hosts: readonly string[];
  }[];
  /** Since the supervisor was started, over all its processes; names as in docs/reference. */
  readonly counters: { readonly [name: string]: number };
  readonly upstreams: readonly { readonly name: string; readonly peers: readonly PeerReport[] }[];
  /** Bytes that the process has resident. */
  readonly resident: number;
}

/** Who is connected, from where, and what it does. */
export interface ConnectionReport {
  readonly thread: number;
  /** Counts the connections of its thread. */
  readonly id: number;
  /** Its descriptor; null where the system has none. */
  readonly descriptor: number | null;
  /** Address and port of either side; `unix:` and the path for a unix socket. */
  readonly remote: string;
  readonly local: string;
  /** `reading` a request, `answering` it, `idle` between two, or a `tunnel`. */
  readonly state: 'reading' | 'answering' | 'idle' | 'tunnel';
  readonly requests: number;
  /** Bytes that came from the client, and that went to it. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  /** Milliseconds since it was accepted, and since a byte went either way. */
  readonly age: number;
  readonly quiet: number;
}
