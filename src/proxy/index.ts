/** Hands requests on to other servers: upstreams, balancing, and the handler of proxy routes. */
export type { Balancer } from './balance/balancer.ts';
export { leastConnections } from './balance/least-connections.ts';
export { roundRobin } from './balance/round-robin.ts';
export {
  authorityOf,
  type BuiltUpstream,
  buildUpstream,
  type UpstreamPorts,
} from './build-upstream.ts';
export { PROXY_FAULTS } from './faults.ts';
export type { PeerModel, ProxyRouteModel, UpstreamModel } from './options.ts';
export { Peer, type PeerNames, type PeerPolicy } from './peer.ts';
export { Upstream, type UpstreamParts } from './upstream.ts';
export { proxyHandler } from './proxy-handler.ts';
export { type ProxyRoute, resolveProxyRoute } from './proxy-route.ts';
export type { TraceWants } from './upstream-trace.ts';
export { type UpstreamVariables, upstreamVariables } from './upstream-variables.ts';
export { createPeerZone, PeerZone, type PeerZoneHandle, repairPeerZone } from './peer-state.ts';
