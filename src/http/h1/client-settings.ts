import type { Clock, MemoryBudget } from '../../base/index.ts';
import type { H1Limits } from './limits.ts';

/** What the client connections to a back end have in common. Times are milliseconds. */
export interface H1ClientSettings {
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  readonly limits: H1Limits;
  /** Whether LF alone ends a line of a response head, as old CGI programs write it. */
  readonly lenientLineEnds: boolean;
  /** Whether connections are used again; if not, each request says `Connection: close`. */
  readonly keepAlive: boolean;
  /** How long a connection waits for its next call. nginx: `keepalive_timeout` of an upstream, 60 s. */
  readonly idleTimeout: number;
  /** Interim responses (1xx) that a final one may be preceded by; more are an attempt to keep us busy. */
  readonly interimLimit: number;
  /** Hears of exceptions that a receiver let through; its call was ended already. */
  readonly onDefect: (error: unknown) => void;
}
