import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesFor, contentOf } from '../../test/support/zone-content.ts';
import { StoreWatch } from '../../test/support/zone-images.ts';
import {
  ConcurrencyZone,
  type ConcurrencyZoneHandle,
  type ConcurrencyZoneViewOptions,
  createConcurrencyZone,
  REFUSED,
  UNCOUNTED,
} from './concurrency-limit.ts';
import { BUSY } from './rate-limit.ts';
import { MAIN_SEAT, type Seat } from './seat.ts';

const FIRST: Seat = { thread: 1, generation: 5 };
const SECOND: Seat = { thread: 2, generation: 1 };
const patience = { spins: 1, sleeps: 0, sleepMs: 0 };

function made(room = 4): ConcurrencyZoneHandle {
  return createConcurrencyZone({ name: 'z', bytes: bytesFor(room, 3, 0), threads: 2 });
}

function attach(
  handle: ConcurrencyZoneHandle,
  seat: Seat,
  options: ConcurrencyZoneViewOptions = {},
): ConcurrencyZone {
  return new ConcurrencyZone(handle, seat, { patience, ...options });
}

test('a key has at most its limit at once, over all threads', () => {
  const handle = structuredClone(made());
  const first = attach(handle, FIRST);
  const second = attach(handle, SECOND);
  const tokens = [first.acquire('k', 3), second.acquire('k', 3), first.acquire('k', 3)];
  assert.ok(tokens.every((token) => token > 0));
  assert.equal(first.acquire('k', 3), REFUSED);
  assert.equal(second.acquire('k', 3), REFUSED);
  assert.equal(first.value('k'), 3);
  assert.ok(first.acquire('other', 1) > 0);
  assert.ok(first.release(tokens[0] as number));
  assert.ok(second.acquire('k', 3) > 0);
  assert.equal(second.acquire('k', 3), REFUSED);
});

test('a token is released once, also after its place was given to another', () => {
  const first = attach(made(), FIRST);
  const one = first.acquire('k', 9);
  const two = first.acquire('k', 9);
  assert.ok(first.release(one));
  assert.ok(!first.release(one));
  const three = first.acquire('k', 9);
  assert.ok(!first.release(one));
  assert.equal(first.value('k'), 2);
  assert.ok(first.release(three));
  assert.ok(first.release(two));
  assert.ok(!first.release(two));
  for (const wrong of [REFUSED, 12_345, 2 ** 40]) assert.ok(!first.release(wrong));
  assert.equal(first.value('k'), 0);
});

test('a thousand tokens at once are a thousand different ones', () => {
  const first = attach(made(), FIRST);
  for (let round = 0; round < 3; round++) {
    const tokens = Array.from({ length: 1000 }, (_, i) => first.acquire(`k${i % 3}`, 1000));
    assert.equal(new Set(tokens).size, 1000);
    assert.equal(first.value('k0'), 334);
    for (const token of tokens) assert.ok(first.release(token));
  }
  assert.equal(first.table.size, 0);
});

test('a key that nobody holds takes no room; a full zone refuses new keys, or lets them in if wished', () => {
  const handle = made(2);
  const first = attach(handle, FIRST);
  const tokens = [first.acquire('a', 1), first.acquire('b', 1)];
  assert.equal(first.acquire('c', 1), REFUSED);
  const second = attach(handle, SECOND, { whenFull: 'pass' });
  assert.equal(second.acquire('c', 1), UNCOUNTED);
  assert.equal(second.acquire('a', 1), REFUSED, 'a key that is there has its limit');
  assert.ok(first.release(tokens[0] as number));
  assert.equal(first.table.size, 1);
  assert.ok(first.acquire('c', 1) > 0);
});

test('an empty key is not limited', () => {
  const first = attach(made(), FIRST);
  assert.equal(first.acquire('', 1), UNCOUNTED);
  assert.equal(first.acquire('', 1), UNCOUNTED);
  assert.ok(first.release(UNCOUNTED));
  assert.equal(first.table.size, 0);
});

test('where a thread stands still a request is let in uncounted, or refused or told so if wished', () => {
  const handle = made();
  const still = attach(handle, SECOND);
  const first = attach(handle, FIRST);
  assert.ok(still.table.lock('k'));
  assert.equal(first.acquire('k', 1), UNCOUNTED);
  assert.equal(attach(handle, FIRST, { whenBusy: 'reject' }).acquire('k', 1), REFUSED);
  assert.equal(attach(handle, FIRST, { whenBusy: 'tell' }).acquire('k', 1), BUSY);
  assert.equal(first.value('k'), null);
  assert.equal(first.busy, 1);
  still.table.unlock();
  assert.equal(first.value('k'), 0);
});

test('what is released while a thread stands still is given back later, exactly once', () => {
  const handle = made();
  const still = attach(handle, SECOND);
  const first = attach(handle, FIRST);
  const tokens = [first.acquire('k', 9), first.acquire('k', 9), first.acquire('k', 9)];
  assert.ok(still.table.lock('k'));
  for (const token of tokens) assert.ok(first.release(token));
  assert.ok(!first.release(tokens[0] as number));
  assert.ok(!first.settle());
  still.table.unlock();
  assert.equal(first.value('k'), 3);
  assert.ok(first.acquire('k', 1) > 0, 'what is owed is paid first');
  assert.equal(first.value('k'), 1);
  assert.ok(first.settle());
});

test('a repair gives back what a generation held, once, and nothing of the others', () => {
  const handle = made();
  const dead = attach(handle, FIRST);
  const other = attach(handle, SECOND);
  const main = attach(handle, MAIN_SEAT);
  for (const key of ['a', 'a', 'b', 'c']) dead.acquire(key, 9);
  const kept = other.acquire('a', 9);
  const replacement = { ...FIRST, generation: 6 };
  assert.throws(() => attach(handle, replacement), /before generation 5 was repaired/);
  assert.ok(main.repair({ ...FIRST, generation: 4 }));
  assert.equal(main.value('a'), 3);
  assert.ok(main.repair(FIRST));
  assert.deepEqual([main.value('a'), main.value('b'), main.table.size], [1, 0, 1]);
  const next = attach(handle, replacement);
  next.acquire('a', 9);
  assert.ok(main.repair(FIRST), 'a second exit event is harmless');
  assert.equal(main.value('a'), 2);
  assert.ok(other.release(kept));
  assert.equal(main.value('a'), 1);
});

test('a repair that meets a thread standing still says so, and is done when called again', () => {
  const handle = made();
  const dead = attach(handle, FIRST);
  const still = attach(handle, SECOND);
  const main = attach(handle, MAIN_SEAT);
  dead.acquire('a', 9);
  assert.ok(still.table.lock('a'));
  assert.ok(!main.repair(FIRST));
  still.table.unlock();
  assert.equal(main.value('a'), 1);
  assert.ok(main.repair(FIRST));
  assert.equal(main.table.size, 0);
});

test('whatever store a thread dies before, a repair leaves exactly what the others hold', () => {
  const handle = made();
  const watch = new StoreWatch(handle.table.memory);
  const dead = attach(handle, FIRST, { words: watch.words });
  const other = attach(handle, SECOND);
  other.acquire('a', 9);
  other.acquire('c', 9);
  const tokens: number[] = [];
  const images = [
    ...['a', 'b', 'a', 'b', 'd'].map((key) => () => tokens.push(dead.acquire(key, 9))),
    ...[3, 0, 4, 1, 2].map((index) => () => dead.release(tokens[index] as number)),
  ].flatMap((step) => watch.watch(step));
  for (const memory of images) {
    const image = { ...handle, table: { ...handle.table, memory } };
    const main = attach(image, MAIN_SEAT);
    assert.ok(main.repair(FIRST));
    assert.deepEqual(
      contentOf(main.table).toSorted(([a], [b]) => (a < b ? -1 : 1)),
      [
        ['a', [1, 0, 1], []],
        ['c', [1, 0, 1], []],
      ],
    );
    const next = attach(image, { ...FIRST, generation: 6 });
    for (const key of ['x', 'y']) assert.ok(next.acquire(key, 1) > 0, 'no room is lost');
    assert.equal(next.acquire('z', 1), REFUSED);
  }
  assert.ok(images.length > 200);
});

test('the main thread holds nothing, and keys are byte strings', () => {
  const handle = made();
  assert.throws(() => attach(handle, MAIN_SEAT).acquire('a', 1), /main thread holds nothing/);
  assert.throws(() => attach(handle, FIRST).acquire('\u0100', 1), RangeError);
});
