import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  createPeerZone,
  OwnPeerState,
  type PeerState,
  PeerZone,
  repairPeerZone,
} from './peer-state.ts';

const seat = (thread: number, generation = 1): { thread: number; generation: number } => ({
  thread,
  generation,
});

const KINDS: readonly (readonly [string, () => PeerState])[] = [
  ['of one thread', () => new OwnPeerState()],
  ['of all threads', () => new PeerZone(createPeerZone(2, 2), seat(1)).stateOf(1)],
];
for (const [kind, make] of KINDS) {
  test(`requests under way are counted in up to the limit, and out (${kind})`, () => {
    const state = make();
    assert.deepEqual([state.begin(2), state.begin(2), state.begin(2)], [true, true, false]);
    assert.equal(state.active, 2);
    state.end();
    assert.deepEqual([state.active, state.begin(2)], [1, true]);
    for (let i = 0; i < 100; i++) assert.equal(state.begin(0), true);
    assert.equal(state.active, 102);
  });

  test(`failures are counted with their time, and forgotten (${kind})`, () => {
    const state = make();
    assert.deepEqual(
      [state.fails, state.failedAt, state.checkedAt],
      [0, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
    );
    state.fail(1000);
    state.fail(2000);
    assert.equal(state.fails, 2);
    assert.ok(Math.abs(state.failedAt - 2000) < 1e-6);
    assert.ok(Math.abs(state.checkedAt - 2000) < 1e-6);
    state.checkedAt = 5000;
    assert.ok(Math.abs(state.checkedAt - 5000) < 1e-6);
    assert.ok(Math.abs(state.failedAt - 2000) < 1e-6);
    state.forget();
    assert.equal(state.fails, 0);
  });
}

test('threads see the requests and failures of each other, and the limit is that of all', () => {
  const handle = createPeerZone(2, 2);
  const [one, two] = [new PeerZone(handle, seat(1)), new PeerZone(handle, seat(2))];
  const [a, b] = [one.stateOf(0), two.stateOf(0)];
  assert.deepEqual([a.begin(3), b.begin(3), a.begin(3), b.begin(3)], [true, true, true, false]);
  assert.deepEqual([a.active, b.active, one.stateOf(1).active], [3, 3, 0]);
  a.fail(1000);
  assert.deepEqual([b.fails, two.stateOf(1).fails], [1, 0]);
  b.forget();
  assert.equal(a.fails, 0);
});

test('what a thread had under way is given back when it is over, once', () => {
  const handle = createPeerZone(1, 2);
  const [one, two] = [
    new PeerZone(handle, seat(1)).stateOf(0),
    new PeerZone(handle, seat(2)).stateOf(0),
  ];
  one.begin(0);
  one.begin(0);
  two.begin(0);
  assert.equal(repairPeerZone(handle, seat(1)), true);
  assert.equal(two.active, 1);
  repairPeerZone(handle, seat(1));
  assert.equal(two.active, 1);
  const next = new PeerZone(handle, seat(1, 2)).stateOf(0);
  assert.equal(next.begin(2), true);
  assert.equal(next.begin(2), false);
});
