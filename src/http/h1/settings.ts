import type { Clock, MemoryBudget } from '../../base/index.ts';
import type { ExchangeHandler } from '../message/exchange.ts';
import type { H1Limits } from './limits.ts';

/** What the server connections of a listener have in common. Times are milliseconds. */
export interface H1ServerSettings {
  readonly handler: ExchangeHandler;
  readonly clock: Clock;
  readonly budget: MemoryBudget;
  readonly limits: H1Limits;
  /** Whether LF alone ends a line of a head. nginx takes it; RFC 9112 section 2.2 lets us refuse it. */
  readonly lenientLineEnds: boolean;
  /** How long a connection may wait for its next request. nginx: `keepalive_timeout`. */
  readonly keepAliveTimeout: number;
  /** How many requests a connection may carry. nginx: `keepalive_requests`. */
  readonly keepAliveRequests: number;
  /** How long a head may take from its first byte, and the first byte from the connection. nginx: `client_header_timeout`. */
  readonly headTimeout: number;
  /** How long a body may pause. nginx: `client_body_timeout`. */
  readonly bodyTimeout: number;
  /** Bytes a second that a body must reach on average once `bodyRateGrace` is over; 0 for no minimum. */
  readonly minimumBodyRate: number;
  /** Time from the start of a body in which its rate is not looked at. */
  readonly bodyRateGrace: number;
  /** How long a client may take no byte of a response. nginx: `send_timeout`. */
  readonly sendTimeout: number;
  /** Bytes a second that a client must take in each `sendTimeout` in which it never took all; 0 for no minimum. */
  readonly minimumSendRate: number;
  /** Bytes of an unclaimed body that are read and thrown away to keep the connection; above, it is closed. */
  readonly discardLimit: number;
  /** Hears of exceptions that a handler let through; the exchange was ended already. */
  readonly onDefect: (error: unknown) => void;
}
