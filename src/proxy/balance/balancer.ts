import type { Peer } from '../peer.ts';

/**
 * A way to choose among the servers of an upstream. Its state is in the peers; each implementation
 * passes the suite in `test/conformance/balancer.ts`.
 */
export interface Balancer {
  /**
   * Chooses one of `peers` that is available at `now` and not among `tried`, or null where there is
   * none. Whoever calls it then calls `begin` of the peer.
   */
  pick(peers: readonly Peer[], now: number, tried: readonly Peer[]): Peer | null;
}

/** Whether a balancer may choose `peer`. */
export function isCandidate(peer: Peer, now: number, tried: readonly Peer[]): boolean {
  return peer.isAvailable(now) && !tried.includes(peer);
}
