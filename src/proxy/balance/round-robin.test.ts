import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balancerConformance, testPeer } from '../../../test/conformance/balancer.ts';
import { roundRobin } from './round-robin.ts';

balancerConformance('round-robin', roundRobin);

test('a heavy server’s requests are spread among those of the others', () => {
  const peers = [testPeer('a', { weight: 5 }), testPeer('b'), testPeer('c')];
  const order = Array.from({ length: 14 }, () => roundRobin.pick(peers, 0, [])?.name);
  assert.equal(order.join(' '), 'a a b a c a a a a b a c a a');
});
