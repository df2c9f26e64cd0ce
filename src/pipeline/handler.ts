/**
 * The contract between the pipeline and its handlers: what a handler is, what it sees of a request, and
 * the place that answers. These types know each other, so they stand in one file.
 */
import type { Clock, Fault, FaultKind } from '../base/index.ts';
import type {
  BodyReceiver,
  Exchange,
  Fields,
  RequestHead,
  ResponseSink,
} from '../http/message/index.ts';
import type { LogLevel } from './log-level.ts';
import type { LogTime } from './log-time.ts';
import type { RequestIds } from './request-id.ts';
import type { CaptureGroups, LocationTable } from './route/location-table.ts';
import type { UpstreamTry } from './upstream-try.ts';

/** What a handler answers its phase. */
export const NEXT = 0;
/** The handler answers, or has answered, the request: no further handler is asked. */
export const DONE = 1;
/** The handler will call `context.resume` or answer the request later. */
export const PENDING = 2;

/** `NEXT`: not mine, ask the next one. `DONE`, `PENDING`: see there. */
export type Outcome = typeof NEXT | typeof DONE | typeof PENDING;

/**
 * The phases of a request in their order; a handler belongs to one, and within one phase the order is
 * that of the configuration. nginx has the same list, with more names.
 */
export const PHASES = ['post-read', 'rewrite', 'limit', 'access', 'try-files', 'content'] as const;

/** The place of a handler in the order of a request's work. */
export type Phase = (typeof PHASES)[number];

/**
 * One step of a location, made once at load and shared by all its requests: it keeps nothing of a
 * request in itself. A handler that throws ends the request with 500 and a line in the error log.
 */
export interface Handler {
  /** What the configuration calls it; `explain` and the error log print it. */
  readonly name: string;
  readonly phase: Phase;
  handle(context: Context): Outcome;
}

/**
 * Follows a content handler's request to its end; set by the handler with `context.follow` when it has
 * something to stop or to continue.
 */
export interface RequestFollower {
  /** The client takes bytes again after `write` answered false. */
  onDrain(): void;
  /** The request is over before its time; called at most once. Close files, give up the upstream. */
  onAbort(fault: Fault): void;
  /** The client closed its sending side behind a complete request and may still be reading. */
  onHalfClose?(): void;
}

/** Changes the head of a response before it is sent; runs for every final response of its location. */
export interface HeaderFilter {
  readonly name: string;
  /** Returns the fields to send: the same object, or a changed copy. `fields` may be shared and sealed. */
  filter(context: Context, status: number, fields: Fields): Fields;
}

/** Changes the body of a response on its way. */
export interface BodyFilter {
  readonly name: string;
  /**
   * Called with the head of a response. Returns the sink that the response goes into, which passes what
   * it makes of it on to `next`; or `next` itself for a response that is none of its business.
   */
  wrap(
    context: Context,
    status: number,
    fields: Fields,
    length: number,
    next: ResponseSink,
  ): ResponseSink;
}

/** Takes a line for each request that is over; an access log is one. */
export interface RequestLog {
  /** Called once a request, when everything is known of it. */
  log(context: Context): void;
}

/** What lives as long as somebody needs it; the logs of a virtual host are held so. */
export interface Held {
  /** One that needs it more. */
  hold(): void;
  /** One less. */
  release(): void;
}

/** Where troubles are told; the error log is one. */
export interface TroubleLog {
  /** Tells something, with what is known of the request where there is one. */
  log(level: LogLevel, message: string, context?: Context | null): void;
  /** Tells why a request did not end well. */
  fault(context: Context, fault: Fault): void;
  /** Tells that code of ours, or of a handler, threw. */
  defect(context: Context | null, error: unknown): void;
}

/** Where a request is answered: a route with everything that it inherits merged in. */
export interface Location {
  /** The route as the configuration spells it, for logs and `explain`. */
  readonly name: string;
  /** Handlers of all phases, flat, in the order in which they run. */
  readonly handlers: readonly Handler[];
  readonly headerFilters: readonly HeaderFilter[];
  /** From the handler outwards. */
  readonly bodyFilters: readonly BodyFilter[];
  /** Where the requests of this location are logged; empty for none. */
  readonly accessLogs: readonly RequestLog[];
  /** Largest request body in bytes, 0 for no limit. nginx: `client_max_body_size`. */
  readonly bodyLimit: number;
  /** What to answer with instead of the built-in page, by status. */
  readonly errorPages: ReadonlyMap<number, ErrorPage>;
  /** Whether only internal redirects reach it. nginx: `internal`. */
  readonly internal: boolean;
}

/** What answers for a status that a request failed with. */
export interface ErrorPage {
  /** Path of the same host that is answered instead, decoded; or `@name` for a named location. */
  readonly path: string;
  /** Status sent with it: 0 keeps the one that failed, -1 leaves it to the page (nginx `404 = /x`). */
  readonly status: number;
}

/** One virtual host: names, and the locations under them. */
export interface VirtualHost {
  /** The first name, for logs. */
  readonly name: string;
  readonly locations: LocationTable<Location>;
  /** Answers requests that no location takes, and those that were refused before one was looked for. */
  readonly fallback: Location;
  /** Whether slashes in a row count as one. nginx: `merge_slashes`, on. */
  readonly mergeSlashes: boolean;
  /** Answers CONNECT; without it such requests get 405. */
  readonly tunnel?: Location;
  /** Error log of this host; that of the pipeline unless said. */
  readonly errorLog?: TroubleLog;
  /** Its logs, which each request holds from its beginning until its line is written. */
  readonly logs?: Held;
}

/** What the location look-up found. */
export interface Routed {
  readonly location: Location;
  readonly captures: readonly string[] | null;
  /** Captures of named groups. */
  readonly groups?: CaptureGroups | null;
  /** The decoded, normalised path that was looked up. */
  readonly path: string;
}

/** What the pipeline does for the requests in it, and what it shares among them. */
export interface PipelinePort {
  readonly clock: Clock;
  readonly time: LogTime;
  readonly requestIds: RequestIds;
  readonly errorLog: TroubleLog;
  readonly errorPages: {
    /** Answers a request that failed; see `ErrorPages`. */
    answer(context: Context, status: number, fault: Fault, fields: Fields | null): void;
  };
  /** Looks the location up again for the path that the context has now; false if that failed the request. */
  reroute(context: Context): boolean;
  /** Logs a request that is over. */
  finished(context: Context): void;
}

/** What limits made of a request; the variables that show it call them so. */
export const LIMITED = {
  /** No limit applied, or none was asked yet. */
  none: 0,
  passed: 1,
  delayed: 2,
  rejected: 3,
  delayedInDryRun: 4,
  rejectedInDryRun: 5,
} as const;

/** A value of `LIMITED`, as a request carries it. */
export type Limited = (typeof LIMITED)[keyof typeof LIMITED];

/** Something to be done when a request is over; it is in the list of one request at a time. */
export interface EndWork {
  /** The next in the list; for who keeps the list. */
  nextEndWork: EndWork | null;
  /** The request is over, however it ended. Called exactly once. */
  onRequestEnd(): void;
}

/**
 * What the pipeline knows of one request while handlers work on it, and the sink of its response, so
 * that header and body filters stand between a handler and the wire without the handler knowing.
 */
export interface Context extends ResponseSink {
  readonly exchange: Exchange;
  readonly pipeline: PipelinePort;
  /** The virtual host that the request is for. */
  readonly host: VirtualHost;
  /** The location that answers; changes with an internal redirect. */
  location: Location;
  /** The path that rules see: decoded once, dot segments removed, latin1 bytes. */
  path: string;
  /** The query as sent, without `?`; null for none. */
  query: string | null;
  /** Captures of the regular expression that selected the location, `$1` first; null for other kinds. */
  captures: readonly string[] | null;
  /** The same by name, for groups that have one. */
  groups: CaptureGroups | null;
  /** What the regular expression captured that selected the virtual host; null for other kinds. */
  hostMatch: RegExpExecArray | null;
  /** Values of variables by slot, filled as they are asked for, null for none; see `variables.ts`. */
  values: (string | null | undefined)[] | null;
  /**
   * The servers that were asked for this request, in their order; a null stands between those of one
   * location and those of the next. Null where nobody reads it: a proxy records it only for variables.
   */
  tries: (UpstreamTry | null)[] | null;
  /** Internal redirects so far (index, try-files, error pages). */
  redirects: number;
  /** The status that an error page answers for, 0 outside of error pages. */
  errorStatus: number;
  /**
   * The status that a successful answer of an error page is sent with: 0 leaves it as it is. Handlers
   * answer as always, with 200.
   */
  pageStatus: number;
  /** Header fields that the failed request asks for whichever page answers: Allow, Retry-After. */
  errorFields: Fields | null;
  /** What limits of the rate of requests came to; it stays through internal redirects, so that a request counts once. */
  requestLimit: Limited;
  /** What limits of requests under way came to, likewise. */
  connectionLimit: Limited;
  /** The fields of the final response as they went to the protocol, null before. */
  readonly sentFields: Fields | null;
  /** The length of the final response as it was declared; `UNKNOWN_LENGTH` also before. */
  readonly sentLength: number;
  /** The head of the request as the client sent it. */
  readonly request: RequestHead;
  /**
   * The method that handlers go by: that of the request, but GET for an error page unless the client
   * wants a head alone; a page is fetched, whatever the request was meant to do.
   */
  readonly method: string;
  /** The id of this request: 32 hexadecimal digits, drawn when first asked for. */
  readonly requestId: string;
  /** Where this request's troubles are told: the log of its host, else that of the pipeline. */
  readonly errorLog: TroubleLog;
  /**
   * Claims the request body under the location's `bodyLimit`: a body of unknown length that grows above
   * it is broken off, and the request fails with 413. For an error page there is no body.
   */
  receive(receiver: BodyReceiver): void;
  /** Goes on behind the handler that answered `PENDING`. Harmless once the request is over. */
  resume(): void;
  /**
   * Continues the request at another path of the same host, with the same exchange: the location is
   * looked up again and its phases run from the start. nginx calls this an internal redirect. Above 10
   * of them the request fails, because the rules lead in a circle. Always returns `DONE`, for handlers
   * to return.
   */
  redirect(path: string, query: string | null): Outcome;
  /** `redirect` to the location called `@name`; path and query stay. Always returns `DONE`. */
  redirectNamed(name: string): Outcome;
  /** Sets who hears of drain, abort and half-close from now on; the latest wins. */
  follow(follower: RequestFollower): void;
  /** Has something done when the request is over, after what was asked for later. */
  atEnd(work: EndWork): void;
  /**
   * Ends the request with the status and error page of a fault, or cuts it off where a response has
   * already begun. `detail` is for the error log alone.
   */
  fail(kind: FaultKind, detail?: string, cause?: unknown): void;
  /**
   * `fail`, for a fault that exists already. `fields` go into the answer, whichever page it is. A
   * fault without a status that can be sent (0, 499) cuts the request off; one that comes behind a
   * complete response changes nothing.
   */
  failWith(fault: Fault, fields?: Fields | null): void;
  /** Ends the request because code threw: the error goes to the log with its stack, the client sees 500. */
  failed(error: unknown): void;
}
