import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OwnedLocks } from './owned-locks.ts';
import { GENERATION_MAX, MAIN_SEAT } from './seat.ts';

const LAYOUT = { first: 2, stride: 3, count: 3 };
const PATIENCE = { spins: 2, sleeps: 1, sleepMs: 0 };
const FIRST = { thread: 1, generation: GENERATION_MAX };
const SECOND = { thread: 2, generation: 1 };

function memory(): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer(4 * 12));
}

test('a lock has one holder; the others give up and get it after its release', () => {
  const words = memory();
  const first = new OwnedLocks(words, LAYOUT, FIRST, PATIENCE);
  const second = new OwnedLocks(words, LAYOUT, SECOND, PATIENCE);
  assert.ok(first.acquire(1));
  assert.ok(!second.acquire(1));
  assert.ok(!second.acquire(1));
  assert.ok(second.acquire(2));
  assert.ok(first.isMine(1) && !second.isMine(1));
  first.release(1);
  assert.ok(second.acquire(1));
  assert.ok(!first.acquire(1));
});

test('only the holder releases', () => {
  const words = memory();
  const first = new OwnedLocks(words, LAYOUT, FIRST, PATIENCE);
  assert.ok(first.acquire(0));
  new OwnedLocks(words, LAYOUT, SECOND, PATIENCE).release(0);
  assert.ok(first.isMine(0));
});

test('a thread that left a lock by an exception gets it again', () => {
  const first = new OwnedLocks(memory(), LAYOUT, FIRST, PATIENCE);
  assert.ok(first.acquire(0));
  assert.ok(first.acquire(0));
  first.release(0);
  assert.ok(!first.isMine(0));
});

test('locks lie where the layout says and nowhere else', () => {
  const words = memory();
  const first = new OwnedLocks(words, LAYOUT, FIRST, PATIENCE);
  for (let lock = 0; lock < LAYOUT.count; lock++) first.acquire(lock);
  assert.deepEqual(
    [...words.keys()].filter((index) => words[index] !== 0),
    [2, 5, 8],
  );
});

test('a repair mends and frees what that generation held, once, and nothing else', () => {
  const words = memory();
  const first = new OwnedLocks(words, LAYOUT, FIRST, PATIENCE);
  const second = new OwnedLocks(words, LAYOUT, SECOND, PATIENCE);
  const main = new OwnedLocks(words, LAYOUT, MAIN_SEAT, PATIENCE);
  first.acquire(0);
  second.acquire(1);
  first.acquire(2);
  const mended: number[] = [];
  const mend = (lock: number): void => {
    assert.ok(first.isMine(lock), 'it is mended before it is free');
    mended.push(lock);
  };
  assert.deepEqual(main.repair({ thread: 1, generation: 1 }, mend), []);
  assert.deepEqual(main.repair(FIRST, mend), [0, 2]);
  assert.deepEqual(main.repair(FIRST, mend), []);
  assert.deepEqual(mended, [0, 2]);
  assert.ok(second.isMine(1));
  assert.ok(main.acquire(0));
});
