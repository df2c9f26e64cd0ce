import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balancerConformance, testPeer } from '../../../test/conformance/balancer.ts';
import { leastConnections } from './least-connections.ts';

balancerConformance('least-connections', leastConnections);

test('the server with the fewest requests for its weight is next', () => {
  const [a, b, c] = [testPeer('a'), testPeer('b', { weight: 3 }), testPeer('c')];
  const begin = (peer: ReturnType<typeof testPeer>, times: number): void => {
    for (let i = 0; i < times; i++) peer.begin(0);
  };
  begin(a, 2);
  begin(b, 5);
  begin(c, 2);
  assert.equal(leastConnections.pick([a, b, c], 0, []), b);
  begin(b, 2);
  c.release();
  assert.equal(leastConnections.pick([a, b, c], 0, []), c);
  assert.equal(leastConnections.pick([a, b, c], 0, [c]), a);
});

test('requests that stay open fill the servers by weight', () => {
  const peers = [
    testPeer('a', { weight: 1 }),
    testPeer('b', { weight: 2 }),
    testPeer('c', { weight: 3 }),
  ];
  for (let i = 0; i < 600; i++) leastConnections.pick(peers, 0, [])?.begin(0);
  assert.deepEqual(
    peers.map((peer) => peer.active),
    [100, 200, 300],
  );
});
