/** Options of sites and routes that limit requests and connections. */
import {
  boolean,
  byType,
  type Cursor,
  integer,
  type Invalid,
  list,
  type ModelOf,
  object,
  oneOf,
  optional,
  reference,
  refined,
  required,
  withDefault,
} from '../../schema/index.ts';

/** A limit of the rate of requests (nginx `limit_req`). */
export interface LimitRequestsOptions {
  /** Name of an entry in `rateZones`. */
  readonly zone: string;
  /** Requests above the rate of the zone that are let in; what comes then is refused (nginx `burst=`). */
  readonly burst?: number;
  /** Requests above the rate that are let through at once; those behind them wait their turn (nginx `delay=`). 0 unless said. */
  readonly delay?: number;
  /** Nothing that is let in waits (nginx `nodelay`). */
  readonly noDelay?: boolean;
}

const limitOfRequests = refined(
  object<LimitRequestsOptions>()({
    zone: required(
      reference('rateZones', 'rate zone', {
        recordKey: 'connectionZones',
        use: 'limitConnections',
      }),
    ),
    burst: withDefault(integer({ min: 0, max: 2_000_000, unit: 'requests' }), 0),
    delay: optional(integer({ min: 0, max: 2_000_000, unit: 'requests' })),
    noDelay: withDefault(boolean(), false),
  }),
  ({ zone, burst, delay = 0, noDelay }, cursor) =>
    delay > 0 && noDelay
      ? cursor.at('noDelay').report({
          code: 'conflict',
          message: 'With noDelay nothing is delayed, so delay means nothing',
          cure: 'Keep one of them',
        })
      : { zone, burst, delay, noDelay },
);

/** A resolved limit of the rate of requests. */
export type LimitRequestsModel = ModelOf<typeof limitOfRequests>;

/** A limit of requests that are under way at once (nginx `limit_conn`). */
export interface LimitConnectionsOptions {
  /** Name of an entry in `connectionZones`. */
  readonly zone: string;
  /** How many requests of one key may be under way, from their head to the end of their answer; what comes then is refused. */
  readonly max: number;
}

const limitOfConnections = object<LimitConnectionsOptions>()({
  zone: required(
    reference('connectionZones', 'connection zone', {
      recordKey: 'rateZones',
      use: 'limitRequests',
    }),
  ),
  max: required(integer({ min: 1, max: 65_535, unit: 'requests' })),
});

/** A resolved limit of requests that are under way at once. */
export type LimitConnectionsModel = ModelOf<typeof limitOfConnections>;

/** Where requests that are too fast get another status than requests that are too many at once. */
export interface LimitStatusOptions {
  /** Of what `limitRequests` refuses (nginx `limit_req_status`). */
  readonly requests?: number;
  /** Of what `limitConnections` refuses (nginx `limit_conn_status`). */
  readonly connections?: number;
}

const status = integer({ min: 400, max: 599 });
const statusByKind = object<LimitStatusOptions>()({
  requests: optional(status),
  connections: optional(status),
});

/** How grave it is in the error log that something was refused. */
export type LimitLogLevel = 'info' | 'notice' | 'warn' | 'error';

/** Where it is not as grave that requests are too fast as that they are too many at once. */
export interface LimitLogLevelOptions {
  /** Of what `limitRequests` refuses; what it delays is one less (nginx `limit_req_log_level`). */
  readonly requests?: LimitLogLevel;
  /** Of what `limitConnections` refuses (nginx `limit_conn_log_level`). */
  readonly connections?: LimitLogLevel;
}

const level = oneOf('info', 'notice', 'warn', 'error');
const levelByKind = object<LimitLogLevelOptions>()({
  requests: optional(level),
  connections: optional(level),
});

/** Whether each kind of limit only counts and tells. */
export interface LimitDryRunOptions {
  /** Of `limitRequests` (nginx `limit_req_dry_run`). */
  readonly requests?: boolean;
  /** Of `limitConnections` (nginx `limit_conn_dry_run`). */
  readonly connections?: boolean;
}

const dryRunByKind = object<LimitDryRunOptions>()({
  requests: optional(boolean()),
  connections: optional(boolean()),
});

/**
 * How many requests are let in. Each option of a route stands before that of its site; limits of requests apply before
 * those of connections, and each kind once to a request, also where it is answered by another route in the end.
 */
export interface LimitOptions {
  /**
   * Limits of the rate of requests; a request must be within all of them. Those of the site unless said; `[]` is none (nginx
   * `limit_req`).
   */
  readonly limitRequests?: readonly LimitRequestsOptions[];
  /**
   * Limits of how many requests are under way at once; a request must be within all of them. Those of the site unless said;
   * `[]` is none (nginx `limit_conn`).
   */
  readonly limitConnections?: readonly LimitConnectionsOptions[];
  /** Status of what is refused; an error page for it answers. 503 unless said (nginx `limit_req_status`, `limit_conn_status`). */
  readonly limitStatus?: number | LimitStatusOptions;
  /**
   * Level of what is refused in the error log; what is delayed is one less. `error` unless said (nginx
   * `limit_req_log_level`, `limit_conn_log_level`).
   */
  readonly limitLogLevel?: LimitLogLevel | LimitLogLevelOptions;
  /**
   * Counts and tells, but lets all through at once. Off unless said (nginx `limit_req_dry_run`, `limit_conn_dry_run`).
   */
  readonly limitDryRun?: boolean | LimitDryRunOptions;
}

interface Zoned {
  readonly zone: string;
}

function eachZoneOnce<M extends Zoned>(
  limits: readonly M[],
  cursor: Cursor,
): readonly M[] | Invalid {
  const seen = new Set<string>();
  for (const [index, { zone }] of limits.entries()) {
    if (seen.has(zone))
      return cursor.at(index).report({
        code: 'duplicate',
        message: `Two limits of the list use the zone ${JSON.stringify(zone)}`,
        cure: 'Keep one of them, or define another zone with the same key',
      });
    seen.add(zone);
  }
  return limits;
}

/** Something for each kind of limit. */
export interface ByKind<T> {
  readonly requests: T;
  readonly connections: T;
}

function forBoth<T>(value: T): ByKind<T | undefined> {
  return { requests: value, connections: value };
}

/** Reads `LimitOptions`; what is undefined in the model is inherited, see `inheritLimits`. */
export const limitOptions = object<LimitOptions>()({
  limitRequests: optional(refined(list(limitOfRequests), eachZoneOnce)),
  limitConnections: optional(refined(list(limitOfConnections), eachZoneOnce)),
  limitStatus: optional(byType({ number: refined(status, forBoth), object: statusByKind })),
  limitLogLevel: optional(byType({ string: refined(level, forBoth), object: levelByKind })),
  limitDryRun: optional(byType({ boolean: refined(boolean(), forBoth), object: dryRunByKind })),
});

/** What a site or a route says of limits, or leaves to be inherited. */
export type WrittenLimits = ModelOf<typeof limitOptions>;

/** The limits of a site or a route, nothing left to inherit. */
export interface LimitModel {
  readonly limitRequests: readonly LimitRequestsModel[];
  readonly limitConnections: readonly LimitConnectionsModel[];
  readonly limitStatus: ByKind<number>;
  readonly limitLogLevel: ByKind<LimitLogLevel>;
  readonly limitDryRun: ByKind<boolean>;
}

/** What holds where nobody says otherwise. */
export const NO_LIMITS: LimitModel = {
  limitRequests: [],
  limitConnections: [],
  limitStatus: { requests: 503, connections: 503 },
  limitLogLevel: { requests: 'error', connections: 'error' },
  limitDryRun: { requests: false, connections: false },
};

/** The limits of a route under those of its site, or of a site under `NO_LIMITS`. */
export function inheritLimits(outer: LimitModel, own: WrittenLimits): LimitModel {
  return {
    limitRequests: own.limitRequests ?? outer.limitRequests,
    limitConnections: own.limitConnections ?? outer.limitConnections,
    limitStatus: inherit(outer.limitStatus, own.limitStatus),
    limitLogLevel: inherit(outer.limitLogLevel, own.limitLogLevel),
    limitDryRun: inherit(outer.limitDryRun, own.limitDryRun),
  };
}

function inherit<T>(outer: ByKind<T>, own: ByKind<T | undefined> | undefined): ByKind<T> {
  return {
    requests: own?.requests ?? outer.requests,
    connections: own?.connections ?? outer.connections,
  };
}
