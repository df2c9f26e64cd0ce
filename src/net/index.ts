/** Sockets, listeners and what joins them to protocol cores. */
export { ConnectionCensus, Listener } from './listener.ts';
export type { ListenerSettings, ListenTarget } from './listener.ts';
export { SocketWire } from './socket-wire.ts';
export type { Lingering, WireThread } from './socket-wire.ts';
export { Turn } from './turn.ts';
export { NET_FAULTS } from './faults.ts';
