/**
 * What goes over the wire between an administrator and a server process: where to ask, and what comes back. Bodies of
 * answers are JSON in UTF-8 unless said, and what is refused a sentence of text; times are milliseconds and sizes bytes.
 */
export type { ConnectionReport, ReloadReport, StatusReport } from '../server/port.ts';

/** The paths of the resources. All are asked with GET but `reload`, `drain` and `stop`, which take POST. */
export const ADMIN_PATHS = {
  /** 200 as long as the process runs, in plain text. */
  live: '/live',
  /** 200 or 503, in plain text. */
  ready: '/ready',
  /** `StatusReport` */
  status: '/status',
  /** OpenMetrics or Prometheus text. */
  metrics: '/metrics',
  /** The configuration that is served, with everything filled in that was not written. */
  config: '/config',
  /** A list of `ConnectionReport`. */
  connections: '/connections',
  /** `ReloadReport`; 200 where the configuration was taken over, 409 where it was refused. */
  reload: '/reload',
  /** `StopReport` with 202; takes `StopOrder` as JSON, or its `limit` in the query. */
  drain: '/drain',
  /** `StopReport` with 202: as `drain`, waiting for nobody. */
  stop: '/stop',
} as const;

/** The body of `drain`; another member than those is refused. */
export interface StopOrder {
  /** How long connections may take to end, as a text such as `30s`, at most `24h`. @default '60s' */
  readonly limit?: string;
}

/** The server was told to end; it does so once this answer has left. */
export interface StopReport {
  readonly stopping: true;
  /** Milliseconds that connections have to end. */
  readonly limit: number;
  /** Process that ends: while an upgrade runs there are two that may have taken the order. */
  readonly supervisor: number;
}

/**
 * Counters of `StatusReport` that `daemun top` shows and for which metrics have an explanation. There may be more, and
 * one that a server does not count is missing.
 */
export type KnownCounter =
  | 'connections'
  | 'connections_refused'
  | 'requests'
  | 'requests_unanswered'
  | 'responses_1xx'
  | 'responses_2xx'
  | 'responses_3xx'
  | 'responses_4xx'
  | 'responses_5xx'
  | 'received_bytes'
  | 'sent_bytes'
  | 'dropped_log_lines';
