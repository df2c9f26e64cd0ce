import type { Peer } from '../peer.ts';
import { type Balancer, isCandidate } from './balancer.ts';
import { credit } from './round-robin.ts';

/**
 * The peer with the fewest requests under way for its weight (nginx `least_conn`); those that are equal
 * take turns by weight, so that an idle upstream is spread as round-robin spreads it.
 */
export const leastConnections: Balancer = {
  pick(peers, now, tried) {
    let least: Peer | null = null;
    for (const peer of peers) {
      if (!isCandidate(peer, now, tried)) continue;
      if (least === null || load(peer, least) < load(least, peer)) least = peer;
    }
    if (least === null) return null;
    let best: Peer | null = null;
    let total = 0;
    for (const peer of peers) {
      if (!isCandidate(peer, now, tried) || load(peer, least) !== load(least, peer)) continue;
      total += credit(peer);
      if (best === null || peer.currentWeight > best.currentWeight) best = peer;
    }
    if (best !== null) best.currentWeight -= total;
    return best;
  },
};

// Requests of `peer` on the scale of its weight and that of `other`, without a division.
function load(peer: Peer, other: Peer): number {
  return peer.active * other.policy.weight;
}
