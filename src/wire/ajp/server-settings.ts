import type { MemoryBudget, Secret } from '../../base/index.ts';
import type { ExchangeHandler, ServerTimes } from '../../http/message/index.ts';

/** What the connections of web servers to a listener have in common. */
export interface AjpServerSettings extends ServerTimes {
  readonly handler: ExchangeHandler;
  readonly budget: MemoryBudget;
  /** The most bytes of a packet in both directions, head included. */
  readonly packetSize: number;
  /** What web servers have to know; null where any may come. Asked anew for each request. */
  readonly secret: Secret | null;
  /** Hears of exceptions that a handler let through; the exchange was ended already. */
  readonly onDefect: (error: unknown) => void;
}
