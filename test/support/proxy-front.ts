/** A proxy route over real sockets: a front, a pipeline with one location, and an upstream. */
import assert from 'node:assert/strict';
import { Turn, TurnClock } from '../../src/net/index.ts';
import {
  buildUpstream,
  type BuiltUpstream,
  type PeerModel,
  proxyHandler,
  type ProxyRouteModel,
  resolveProxyRoute,
} from '../../src/proxy/index.ts';
import { eventually } from './eventually.ts';
import { MemorySite } from './memory-site.ts';
import { PROXY_DEFAULTS } from './proxy-site.ts';
import { SocketServer } from './socket-server.ts';

export type { PeerModel, ProxyRouteModel };

/** Where a server of the test listens. */
export type Where = { readonly port: number } | { readonly path: string };

const NO_AJP = {
  secret: undefined,
  packetSize: 8192,
  ping: 'off',
  pingTimeout: 1000,
  pingInterval: 0,
} as const;

/** A server as the configuration would have it. */
export function peer(where: Where, options: Partial<PeerModel> = {}): PeerModel {
  const endpoint =
    'port' in where
      ? ({ kind: 'tcp', host: '127.0.0.1', port: where.port } as const)
      : ({ kind: 'unix', path: where.path } as const);
  return {
    url: 'port' in where ? `http://127.0.0.1:${where.port}` : `unix:${where.path}`,
    protocol: 'http',
    endpoint,
    weight: 1,
    maxFails: 1,
    failTimeout: 10_000,
    maxConnections: 0,
    backup: false,
    down: false,
    route: undefined,
    ...options,
  };
}

/** A site with one proxy route, on a port of its own. */
export interface ProxyFront {
  readonly port: number;
  readonly server: SocketServer;
  readonly built: BuiltUpstream;
  /** Closes everything, and fails on what is left behind. */
  close(): Promise<void>;
}

/** Opens a site whose only route leads to `peers`. */
export async function openProxy(
  peers: readonly PeerModel[],
  route: Partial<ProxyRouteModel> = {},
): Promise<ProxyFront> {
  const handlers: ReturnType<typeof proxyHandler>[] = [];
  const site = new MemorySite({ 'site.test': { '/*': { handlers } } });
  const server = await SocketServer.open(
    (exchange) => {
      site.pipeline.onExchange(exchange);
    },
    { budget: 1 << 26 },
  );
  const { clock, deadlines, budget, defects } = server;
  const thread = {
    turn: new Turn(new TurnClock(clock), (error) => defects.push(error)),
    clock,
    deadlines,
    budget,
  };
  const built = buildUpstream(
    'shop',
    {
      servers: peers,
      balance: 'round-robin',
      sticky: undefined,
      keepAlive: { connections: 16, idle: 60_000 },
      ajp: NO_AJP,
    },
    { thread, onDefect: (error) => defects.push(error) },
  );
  const model = {
    ...PROXY_DEFAULTS,
    ...route,
  };
  handlers.push(proxyHandler(resolveProxyRoute(model, built.upstream, '/', [])));
  const close = async (): Promise<void> => {
    built.retire();
    await server.close();
    assert.deepEqual(defects, []);
    await eventually('the memory budget to be back at nothing', () => budget.held === 0);
  };
  return { port: server.port, server, built, close };
}
