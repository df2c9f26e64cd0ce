import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Transport } from '../../src/http/message/index.ts';
import { type Balancer, Peer, type PeerPolicy } from '../../src/proxy/index.ts';

const NO_TRANSPORT: Transport = {
  open: () => {
    throw new Error('a balancer opens nothing');
  },
};

/** A server for tests of balancers; what is not said has the default of the options. */
export function testPeer(name: string, policy: Partial<PeerPolicy> = {}, single = false): Peer {
  return new Peer(
    { name, address: name, authority: name, keepsHost: false },
    {
      weight: 1,
      maxFails: 1,
      failTimeout: 10_000,
      maxConnections: 0,
      backup: false,
      down: false,
      route: undefined,
      ...policy,
    },
    NO_TRANSPORT,
    single,
  );
}

/** Gives out `requests` one after the other, each over before the next; counts them by name. */
function spread(
  balancer: Balancer,
  peers: readonly Peer[],
  requests: number,
  now = 0,
): Map<string, number> {
  const counts = new Map<string, number>(peers.map((peer) => [peer.name, 0]));
  for (let i = 0; i < requests; i++) {
    const peer = balancer.pick(peers, now, []);
    if (peer === null) break;
    peer.begin(now);
    counts.set(peer.name, (counts.get(peer.name) ?? 0) + 1);
    peer.succeeded();
    peer.release();
  }
  return counts;
}

/** The contract of `Balancer`, run against one of them. */
export function balancerConformance(name: string, balancer: Balancer): void {
  for (const weights of [[1, 1], [5, 1, 1], [1, 2, 3, 4], [100, 1], [7, 7, 7], [65_535, 1], [1]]) {
    test(`${name}: weights ${weights.join(', ')} hold within 1% over 100,000 requests`, () => {
      const peers = weights.map((weight, i) => testPeer(`p${i}`, { weight }));
      const counts = spread(balancer, peers, 100_000);
      const sum = weights.reduce((a, b) => a + b, 0);
      for (const [i, weight] of weights.entries()) {
        const share = (counts.get(`p${i}`) ?? 0) / 100_000;
        assert.ok(Math.abs(share - weight / sum) <= 0.01, `p${i}: ${share} for ${weight}/${sum}`);
      }
    });
  }

  test(`${name}: a server that is down, full or tried gets nothing, and the others all`, () => {
    const down = testPeer('down', { down: true });
    const full = testPeer('full', { maxConnections: 2 });
    full.begin(0);
    full.begin(0);
    const tried = testPeer('tried');
    const [a, b] = [testPeer('a'), testPeer('b')];
    const seen = new Set<string>();
    for (let i = 0; i < 100; i++) {
      const peer = balancer.pick([down, full, tried, a, b], 0, [tried]);
      assert.ok(peer !== null);
      seen.add(peer.name);
    }
    assert.deepEqual([...seen].toSorted(), ['a', 'b']);
    full.release();
    full.begin(0);
    assert.equal(balancer.pick([full], 0, []), null);
    full.release();
    assert.equal(balancer.pick([full], 0, []), full, 'one below the limit it takes one more');
  });

  test(`${name}: nobody is chosen where nobody can be`, () => {
    assert.equal(balancer.pick([], 0, []), null);
    const only = testPeer('only');
    assert.equal(balancer.pick([only], 0, [only]), null);
    assert.equal(balancer.pick([testPeer('down', { down: true })], 0, []), null);
  });

  test(`${name}: maxFails failures put a server aside for failTimeout, then one request tries it`, () => {
    const bad = testPeer('bad', { maxFails: 3, failTimeout: 100 });
    const good = testPeer('good');
    const fail = (now: number): void => {
      bad.begin(now);
      bad.failed(now);
      bad.release();
    };
    fail(0);
    fail(10);
    assert.equal(bad.isAside(10), false);
    fail(20);
    assert.equal(spread(balancer, [bad, good], 1000, 20).get('bad'), 0);
    assert.equal(
      spread(balancer, [bad, good], 1000, 120).get('bad'),
      0,
      'aside up to the very end',
    );
    assert.equal(bad.isAside(121), false);
    fail(121);
    assert.equal(bad.isAside(221), true, 'one failure is enough behind a pause');
    assert.ok((spread(balancer, [bad, good], 1000, 222).get('bad') ?? 0) > 400);
    assert.equal(bad.fails, 0, 'a success behind the pause forgets the failures');
  });

  test(`${name}: a success among failures within failTimeout does not forget them`, () => {
    const peer = testPeer('flapping', { maxFails: 2, failTimeout: 100 });
    for (const [now, well] of [
      [0, false],
      [5, true],
      [10, false],
    ] as const) {
      peer.begin(now);
      if (well) peer.succeeded();
      else peer.failed(now);
      peer.release();
    }
    assert.equal(peer.isAside(10), true);
    assert.equal(balancer.pick([peer], 110, []), null);
    assert.equal(balancer.pick([peer], 111, []), peer);
  });

  test(`${name}: a failure makes a heavy server light, and it grows back`, () => {
    const heavy = testPeer('heavy', { weight: 10, maxFails: 2 });
    const other = testPeer('other', { weight: 10 });
    heavy.begin(0);
    heavy.failed(0);
    heavy.release();
    assert.equal(heavy.effectiveWeight, 5);
    spread(balancer, [heavy, other], 20);
    assert.equal(heavy.effectiveWeight, 10);
  });

  test(`${name}: a server that is the only one, or has maxFails 0, is never put aside`, () => {
    for (const peer of [testPeer('single', {}, true), testPeer('patient', { maxFails: 0 })]) {
      for (let i = 0; i < 100; i++) {
        peer.begin(i);
        peer.failed(i);
        peer.release();
      }
      assert.equal(balancer.pick([peer], 100, []), peer);
      assert.equal(peer.effectiveWeight, 1);
    }
  });

  test(`${name}: with every weight used up by failures somebody is chosen all the same`, () => {
    const peers = [testPeer('a', { maxFails: 2 }), testPeer('b', { maxFails: 2 })];
    for (const peer of peers) {
      peer.effectiveWeight = 0;
    }
    assert.notEqual(balancer.pick(peers, 0, []), null);
  });
}
