/** A site with one proxy route whose servers are played by the test. */
import {
  Peer,
  type PeerPolicy,
  proxyHandler,
  type ProxyRouteModel,
  resolveProxyRoute,
  roundRobin,
  Upstream,
  upstreamVariables,
} from '../../src/proxy/index.ts';
import type { Handler } from '../../src/pipeline/index.ts';
import type { MemoryExchange, MemoryRequest } from './memory-exchange.ts';
import { type MemoryLocation, MemorySite } from './memory-site.ts';
import { ScriptedTransport } from './scripted-transport.ts';

/** The options of a proxy route that says nothing. */
export const PROXY_DEFAULTS: ProxyRouteModel = {
  proxy: 'shop',
  uri: undefined,
  connectTimeout: 60_000,
  sendTimeout: 60_000,
  readTimeout: 60_000,
  hostHeader: undefined,
  preserveHost: false,
  forwarded: 'x-forwarded',
  trustedProxies: undefined,
  requestBody: 'buffer',
  responseBody: 'stream',
  bodySpool: { memory: 1 << 20, file: 1 << 30, directory: undefined },
  redirectRewrite: { mode: 'default', replace: {} },
  cookieRewrite: { domain: {}, path: {} },
  nextUpstream: { conditions: ['error', 'timeout'], tries: 0, timeout: 0 },
  websocket: true,
};

/** What a test says about the site. */
export interface ProxySetting {
  readonly route?: Partial<ProxyRouteModel>;
  readonly peers?: readonly Partial<PeerPolicy>[];
  readonly sticky?: string;
  /** Whether servers get the client's `Host`; not unless said. */
  readonly keepsHost?: boolean;
  /** Path of the route, and the part of it that it names. */
  readonly key?: string;
  readonly prefix?: string | null;
  readonly location?: MemoryLocation;
  /** Runs before the proxy. */
  readonly before?: Handler;
  /** Format of the access log; `combined` unless said. */
  readonly format?: string;
}

/** See the head of this file; servers are called `one`, `two` and so on. */
export class ProxySite {
  readonly servers: ScriptedTransport[] = [];
  readonly peers: Peer[] = [];
  readonly site: MemorySite;

  constructor(options: ProxySetting = {}) {
    const policies = options.peers ?? [{}];
    for (const [i, policy] of policies.entries()) {
      const server = new ScriptedTransport();
      const name = ['one', 'two', 'three'][i] ?? `server${i}`;
      this.servers.push(server);
      this.peers.push(
        new Peer(
          {
            name,
            address: `${name}.test:80`,
            authority: `${name}.test`,
            keepsHost: options.keepsHost ?? false,
          },
          {
            weight: 1,
            maxFails: 1,
            failTimeout: 10_000,
            maxConnections: 0,
            backup: false,
            down: false,
            route: undefined,
            ...policy,
          },
          server,
          policies.length === 1,
        ),
      );
    }
    const location: { handlers?: MemoryLocation['handlers'] } & MemoryLocation = {
      ...options.location,
    };
    const key = options.key ?? '/*';
    const routes = { [key]: location };
    // The clock of the site is the upstream's, so the handler is put in behind.
    const handlers: Handler[] = options.before === undefined ? [] : [options.before];
    routes[key] = { ...location, handlers };
    const variables = upstreamVariables();
    this.site = new MemorySite(
      { 'site.test': routes },
      options.format === undefined ? variables : { ...variables, format: options.format },
    );
    const upstream = new Upstream({
      name: 'shop',
      peers: this.peers,
      balancer: roundRobin,
      sticky: options.sticky ?? null,
      clock: this.site.clock,
    });
    const model = { ...PROXY_DEFAULTS, ...options.route };
    const prefix = options.prefix === undefined ? '/' : options.prefix;
    handlers.push(proxyHandler(resolveProxyRoute(model, upstream, prefix, []), variables.wants));
  }

  /** Gives one request to the site. */
  ask(request: MemoryRequest | MemoryExchange = {}): MemoryExchange {
    return this.site.ask(request);
  }

  /** The server number `index`. */
  server(index: number): ScriptedTransport {
    const server = this.servers[index];
    if (server === undefined) throw new Error(`there is no server ${index}`);
    return server;
  }

  /** Requests that servers believe to be under way. */
  get active(): number {
    return this.peers.reduce((sum, peer) => sum + peer.active, 0);
  }
}
