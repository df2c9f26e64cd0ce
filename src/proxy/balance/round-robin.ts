import type { Peer } from '../peer.ts';
import { type Balancer, isCandidate } from './balancer.ts';

/**
 * Weighted and smooth, as nginx does it: each candidate is credited its weight, the richest is chosen
 * and pays the sum of all. Weights 5, 1, 1 give `a a b a c a a`, not five `a` in a row.
 */
export const roundRobin: Balancer = {
  pick(peers, now, tried) {
    let best: Peer | null = null;
    let total = 0;
    for (const peer of peers) {
      if (!isCandidate(peer, now, tried)) continue;
      total += credit(peer);
      if (best === null || peer.currentWeight > best.currentWeight) best = peer;
    }
    if (best !== null) best.currentWeight -= total;
    return best;
  },
};

/** Credits a candidate with its weight, which grows back after failures; returns what was credited. */
export function credit(peer: Peer): number {
  const weight = peer.effectiveWeight;
  peer.currentWeight += weight;
  if (weight < peer.policy.weight) peer.effectiveWeight++;
  return weight;
}
