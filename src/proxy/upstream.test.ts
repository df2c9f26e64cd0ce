import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../base/index.ts';
import { testPeer } from '../../test/conformance/balancer.ts';
import { roundRobin } from './balance/round-robin.ts';
import type { Peer } from './peer.ts';
import { Upstream } from './upstream.ts';

function upstreamOf(clock: ManualClock, ...peers: Peer[]): Upstream {
  return new Upstream({ name: 'u', peers, balancer: roundRobin, sticky: 'S', clock });
}

test('backups get requests only while no other server can take them', () => {
  const clock = new ManualClock();
  const [a, b, backup] = [testPeer('a'), testPeer('b'), testPeer('backup', { backup: true })];
  const upstream = upstreamOf(clock, a, backup, b);
  for (let i = 0; i < 10; i++) assert.notEqual(upstream.choose(null, []), backup);
  a.failed(0);
  assert.equal(upstream.choose(null, []), b);
  assert.equal(upstream.choose(null, [b]), backup);
  assert.equal(upstream.choose(null, [b, backup]), null);
  clock.advance(10_001);
  assert.equal(upstream.choose(null, [b, backup]), a);
});

test('a session goes to its server while that can take it, else to another', () => {
  const clock = new ManualClock();
  const a = testPeer('a', { route: 'one' });
  const b = testPeer('b', { route: 'two', maxConnections: 11 });
  const upstream = upstreamOf(clock, a, b);
  for (let i = 0; i < 10; i++) assert.equal(upstream.choose('two', []), b);
  assert.equal(upstream.choose('two', [b]), a);
  upstream.choose('two', []);
  assert.equal(upstream.choose('two', []), a, 'b is full');
  assert.notEqual(upstream.choose('unknown', []), null);
});

test('a chosen server has the request under way until it is released', () => {
  const upstream = upstreamOf(new ManualClock(), testPeer('a', { maxConnections: 1 }));
  const peer = upstream.choose(null, []);
  assert.equal(peer?.active, 1);
  assert.equal(upstream.choose(null, []), null);
  peer.release();
  assert.equal(upstream.choose(null, []), peer);
});

test('a server that another thread gave its last request meanwhile is passed over', () => {
  const a = testPeer('a', { maxConnections: 1 });
  const b = testPeer('b', { maxConnections: 1 });
  const upstream = upstreamOf(new ManualClock(), a, b);
  // It could be given one when it was looked at, and cannot any more.
  a.begin = () => false;
  assert.equal(upstream.choose(null, []), b);
  assert.equal(upstream.choose(null, []), null);
});
