import { DEFAULT_H1_LIMITS, H1ClientProtocol } from '../http/h1/index.ts';
import type { SerialSettings } from '../http/message/index.ts';
import {
  IdleConnections,
  PeerTransport,
  type SerialProtocol,
  type WireThread,
} from '../net/index.ts';
import type { Endpoint } from '../schema/index.ts';
import { AjpClientProtocol } from '../wire/ajp/index.ts';
import type { Seat } from '../zone/index.ts';
import type { Balancer } from './balance/balancer.ts';
import { leastConnections } from './balance/least-connections.ts';
import { roundRobin } from './balance/round-robin.ts';
import type { PeerModel, UpstreamModel } from './options.ts';
import { Peer } from './peer.ts';
import { PeerZone, type PeerZoneHandle } from './peer-state.ts';
import { Upstream } from './upstream.ts';

const BALANCERS: Readonly<Record<UpstreamModel['balance'], Balancer>> = {
  'round-robin': roundRobin,
  'least-connections': leastConnections,
};

/** Interim responses in front of a final one. No server is known to send more than a few. */
const INTERIM_LIMIT = 32;

/** What upstreams need of the thread that they work in. */
export interface UpstreamPorts {
  readonly thread: WireThread;
  /** Hears of errors that handlers and filters threw while they were given a response. */
  readonly onDefect: (error: unknown) => void;
  /** The place of the thread in what all threads know. */
  readonly seat?: Seat;
}

/** An upstream together with its connections. */
export interface BuiltUpstream {
  readonly upstream: Upstream;
  /** Closes idle connections, and the others behind their requests: the model was replaced. */
  retire(): void;
}

/**
 * Makes the upstream that the configuration calls `name`, with the connections of one thread. `zone` is what all threads
 * know of its servers; without it this one knows what it has found out by itself.
 */
export function buildUpstream(
  name: string,
  model: UpstreamModel,
  ports: UpstreamPorts,
  zone?: PeerZoneHandle,
): BuiltUpstream {
  const { thread, onDefect, seat } = ports;
  const peerZone = zone === undefined || seat === undefined ? null : new PeerZone(zone, seat);
  const idle = new IdleConnections(model.keepAlive.connections);
  const settings: SerialSettings = {
    clock: thread.clock,
    budget: thread.budget,
    keepAlive: model.keepAlive.connections > 0,
    idleTimeout: model.keepAlive.idle,
    interimLimit: INTERIM_LIMIT,
    onDefect,
  };
  const http = new H1ClientProtocol({
    ...settings,
    limits: DEFAULT_H1_LIMITS,
    lenientLineEnds: false,
  });
  const spokenBy = ({ protocol, route }: PeerModel): SerialProtocol => {
    if (protocol === 'http') return http;
    const secret = model.ajp.secret ?? null;
    return new AjpClientProtocol({ ...settings, ...model.ajp, secret, route: route ?? null });
  };
  const transports: PeerTransport[] = [];
  const single = model.servers.length === 1;
  const peers = model.servers.map((server, index) => {
    const { endpoint, maxConnections, url } = server;
    const protocol = spokenBy(server);
    const transport = new PeerTransport({ endpoint, thread, protocol, idle, maxConnections });
    transports.push(transport);
    const names = {
      name: url,
      address: addressOf(endpoint),
      authority: authorityOf(endpoint),
      keepsHost: server.protocol === 'ajp',
    };
    return new Peer(names, server, transport, single, peerZone?.stateOf(index));
  });
  const upstream = new Upstream({
    name,
    peers,
    balancer: BALANCERS[model.balance],
    sticky: model.sticky ?? null,
    clock: thread.clock,
  });
  return {
    upstream,
    retire: () => {
      for (const transport of transports) transport.retire();
    },
  };
}

/** What a server is called in `Host`: its address, without the port that `http` has anyway. */
export function authorityOf(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return 'localhost';
  const host = bracketed(endpoint.host);
  return endpoint.port === 80 ? host : `${host}:${endpoint.port}`;
}

// As nginx's `$upstream_addr` has it; a host name stays one.
function addressOf(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return `unix:${endpoint.path}`;
  return `${bracketed(endpoint.host)}:${endpoint.port}`;
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
