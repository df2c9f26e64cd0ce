import type { ManualClock, MemoryBudget } from '../../src/base/index.ts';
import type { ExchangeHandler } from '../../src/http/message/index.ts';
import {
  DEFAULT_H1_LIMITS,
  HeadOpening,
  H1ServerConnection,
  type H1ServerSettings,
} from '../../src/http/h1/index.ts';
import type { FrontWire } from './front-wire.ts';
import { H1ClientSide } from './h1-client-side.ts';

/** HTTP/1.1, for the harnesses. */
export const h1FrontWire: FrontWire = {
  name: 'HTTP/1.1',
  carries: { trailers: true, tunnels: true, interims: true },
  server: (wire, facts, { handler, clock, budget, defects }) =>
    new H1ServerConnection(
      wire,
      facts,
      h1TestSettings(handler, clock, budget, defects),
      new HeadOpening('Daemun'),
    ),
  side: (line) => new H1ClientSide(line),
};

/** The settings of the harness for one handler; tests of the connection itself begin from them. */
export function h1TestSettings(
  handler: ExchangeHandler,
  clock: ManualClock,
  budget: MemoryBudget,
  defects: unknown[],
): H1ServerSettings {
  return {
    handler,
    clock,
    budget,
    limits: DEFAULT_H1_LIMITS,
    lenientLineEnds: false,
    keepAliveTimeout: 5000,
    keepAliveRequests: 1000,
    headTimeout: 1000,
    bodyTimeout: 1000,
    minimumBodyRate: 0,
    bodyRateGrace: 0,
    sendTimeout: 1000,
    minimumSendRate: 10,
    discardLimit: 64 * 1024,
    onDefect: (error) => defects.push(error),
  };
}
