/** Sockets, listeners and what joins them to protocol cores. */
export { ConnectionCensus, Listener } from './listener.ts';
export type {
  ConnectionTally,
  ListenerLimits,
  ListenerSettings,
  ListenTarget,
  OpenConnection,
} from './listener.ts';
export { Certificate } from './tls-handshake.ts';
export type { TlsFront } from './tls-handshake.ts';
export { SocketWire } from './socket-wire.ts';
export type { Lingering, WireThread } from './socket-wire.ts';
export { descriptorRoom } from './descriptor-room.ts';
export type { DescriptorRoom } from './descriptor-room.ts';
export { Turn } from './turn.ts';
export { TurnClock } from './turn-clock.ts';
export { PeerTransport } from './client-pool.ts';
export type { PeerTransportSettings, SerialProtocol } from './client-pool.ts';
export { IdleConnections } from './idle-connections.ts';
export { isIdempotent } from './pooled-call.ts';
export { DIAL_FAULTS, NET_FAULTS } from './faults.ts';
