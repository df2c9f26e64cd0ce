import type { ManualClock, MemoryBudget, Secret } from '../../src/base/index.ts';
import type { ExchangeHandler } from '../../src/http/message/index.ts';
import { AjpServerConnection, type AjpServerSettings } from '../../src/wire/ajp/index.ts';
import { AjpClientSide } from './ajp-client-side.ts';
import type { FrontWire } from './front-wire.ts';

/** What web servers speak, for the harnesses of exchanges. */
export const ajpFrontWire: FrontWire = {
  name: 'AJP',
  carries: { trailers: false, tunnels: false, interims: false },
  server: (wire, facts, { handler, clock, budget, defects }) =>
    new AjpServerConnection(wire, facts, ajpTestSettings(handler, clock, budget, defects)),
  side: (line) => new AjpClientSide(line),
};

/** The settings of the harness for one handler: packets of 8 KiB, and no secret unless one is given. */
export function ajpTestSettings(
  handler: ExchangeHandler,
  clock: ManualClock,
  budget: MemoryBudget,
  defects: unknown[],
  secret: Secret | null = null,
): AjpServerSettings {
  return {
    handler,
    clock,
    budget,
    packetSize: 8192,
    secret,
    keepAliveTimeout: 5000,
    headTimeout: 1000,
    bodyTimeout: 1000,
    minimumBodyRate: 0,
    bodyRateGrace: 0,
    sendTimeout: 1000,
    minimumSendRate: 10,
    onDefect: (error) => defects.push(error),
  };
}
