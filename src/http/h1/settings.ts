import type { MemoryBudget } from '../../base/index.ts';
import type { ExchangeHandler } from '../message/exchange.ts';
import type { ServerTimes } from '../message/server-watch.ts';
import type { H1Limits } from './limits.ts';

/** What the server connections of a listener have in common. */
export interface H1ServerSettings extends ServerTimes {
  readonly handler: ExchangeHandler;
  readonly budget: MemoryBudget;
  readonly limits: H1Limits;
  /** Whether LF alone ends a line of a head. nginx takes it; RFC 9112 section 2.2 lets us refuse it. */
  readonly lenientLineEnds: boolean;
  /** How many requests a connection may carry. nginx: `keepalive_requests`. */
  readonly keepAliveRequests: number;
  /** Bytes of an unclaimed body that are read and thrown away to keep the connection; above, it is closed. */
  readonly discardLimit: number;
  /** Hears of exceptions that a handler let through; the exchange was ended already. */
  readonly onDefect: (error: unknown) => void;
}
