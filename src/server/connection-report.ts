/** A client connection, as an administrator sees it. */
import type { OpenConnection } from '../net/index.ts';
import type { ConnectionReport } from './port.ts';

/** Tells of a connection of a thread at `now`, monotonic milliseconds. */
export function connectionReport(
  thread: number,
  { facts, wire, protocol, since }: OpenConnection,
  now: number,
): ConnectionReport {
  const { received, sent } = wire.bytes;
  return {
    thread,
    id: facts.id,
    descriptor: wire.descriptor,
    remote: endText(facts.remoteAddress, facts.remotePort),
    local: endText(facts.localAddress, facts.localPort),
    state: protocol.activity,
    requests: facts.requests,
    bytesIn: received,
    bytesOut: sent,
    age: Math.round(now - since),
    quiet: Math.round(now - wire.lastByte),
  };
}

// A unix socket has a path on our side, and nothing on the other.
function endText(address: string, port: number): string {
  if (port === 0) return address.startsWith('/') ? `unix:${address}` : address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
