import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreWatch } from '../../test/support/zone-images.ts';
import {
  createExactValues,
  EXACT_LIMIT_MAX,
  ExactValues,
  type ExactValuesHandle,
} from './exact-values.ts';
import { MAIN_SEAT, type Seat } from './seat.ts';

const FIRST: Seat = { thread: 1, generation: 9 };
const SECOND: Seat = { thread: 2, generation: 1 };
const LINE = 64 / 4;

function made(): ExactValuesHandle {
  return createExactValues({ count: 2, threads: 2 });
}

test('a value goes up to its limit and not one further, over all threads', () => {
  const handle = structuredClone(made());
  const first = new ExactValues(handle, FIRST);
  const second = new ExactValues(handle, SECOND);
  assert.equal(first.tryAcquire(0, 0), 'refused');
  assert.equal(first.tryAcquire(0, 2), 'acquired');
  assert.equal(second.tryAcquire(0, 2), 'acquired');
  assert.equal(first.tryAcquire(0, 2), 'refused');
  assert.equal(second.tryAcquire(0, 2), 'refused');
  assert.equal(second.tryAcquire(0, 3), 'acquired');
  assert.deepEqual([first.value(0), first.value(1)], [3, 0]);
  assert.ok(second.release(0));
  assert.equal(first.value(0), 2);
});

test('a thread releases what it acquired and no more, so no value goes below 0', () => {
  const handle = made();
  const first = new ExactValues(handle, FIRST);
  const second = new ExactValues(handle, SECOND);
  assert.ok(!first.release(0));
  assert.equal(first.tryAcquire(0, 5), 'acquired');
  assert.ok(!second.release(0), 'another thread cannot give it back');
  assert.ok(first.release(0));
  assert.ok(!first.release(0));
  assert.equal(first.value(0), 0);
});

test('the word carries the highest limit without touching the owner or a sign', () => {
  const handle = made();
  const words = new Int32Array(handle.memory);
  const first = new ExactValues(handle, FIRST);
  // As if thread 2 held nearly all: its share and the word agree.
  words[LINE] = (EXACT_LIMIT_MAX - 1) << 8;
  words[LINE + 1 + 2] = EXACT_LIMIT_MAX - 1;
  assert.equal(first.value(0), EXACT_LIMIT_MAX - 1);
  assert.equal(first.tryAcquire(0, Infinity), 'acquired');
  assert.equal(first.value(0), EXACT_LIMIT_MAX);
  assert.equal(first.tryAcquire(0, Infinity), 'refused');
  assert.ok(first.release(0));
  assert.equal(first.value(0), EXACT_LIMIT_MAX - 1);
});

test('while a thread stands still on a value others are told busy, and what they release is paid later', () => {
  const handle = made();
  const words = new Int32Array(handle.memory);
  const first = new ExactValues(handle, FIRST);
  for (let i = 0; i < 3; i++) first.tryAcquire(0, 9);
  const still = words[LINE] as number;
  words[LINE] = still | (SECOND.thread + 1);
  assert.equal(first.tryAcquire(0, 9), 'busy');
  assert.equal(first.tryAcquire(1, 9), 'acquired', 'other values go on');
  for (let i = 0; i < 3; i++) assert.ok(first.release(0));
  assert.ok(!first.release(0), 'what is owed is not released again');
  assert.ok(!first.settle());
  assert.equal(first.value(0), 3);
  words[LINE] = still;
  assert.ok(first.settle());
  assert.deepEqual([first.value(0), first.value(1)], [0, 1]);
});

test('what is owed is paid with the next call, and does not stand against its limit', () => {
  const handle = made();
  const words = new Int32Array(handle.memory);
  const first = new ExactValues(handle, FIRST);
  first.tryAcquire(0, 1);
  const still = words[LINE] as number;
  words[LINE] = still | (SECOND.thread + 1);
  first.release(0);
  words[LINE] = still;
  assert.equal(first.tryAcquire(0, 1), 'acquired');
  assert.equal(first.value(0), 1);
  assert.ok(first.release(0));
  assert.equal(first.value(0), 0);
});

test('a thread that an exception threw out of a change finds the value as its shares are', () => {
  const handle = made();
  const words = new Int32Array(handle.memory);
  const first = new ExactValues(handle, FIRST);
  first.tryAcquire(0, 9);
  words[LINE] = (words[LINE] as number) | (FIRST.thread + 1);
  (words[LINE + 1 + FIRST.thread] as number)++;
  assert.equal(first.tryAcquire(0, 9), 'acquired');
  assert.equal(first.value(0), 3);
});

test('a repair gives back what a generation held, once, and the others keep theirs', () => {
  const handle = made();
  const dead = new ExactValues(handle, FIRST);
  const other = new ExactValues(handle, SECOND);
  const main = new ExactValues(handle, MAIN_SEAT);
  for (let i = 0; i < 3; i++) dead.tryAcquire(0, 9);
  dead.tryAcquire(1, 9);
  other.tryAcquire(0, 9);
  main.tryAcquire(1, 9);
  const replacement: Seat = { thread: 1, generation: 10 };
  assert.throws(() => new ExactValues(handle, replacement), /before generation 9 was repaired/);
  assert.ok(main.repair({ thread: 1, generation: 8 }));
  assert.equal(main.value(0), 4);
  assert.ok(main.repair(FIRST));
  assert.deepEqual([main.value(0), main.value(1)], [1, 1]);
  new ExactValues(handle, replacement).tryAcquire(0, 9);
  assert.ok(main.repair(FIRST), 'a second exit event is harmless');
  assert.equal(main.value(0), 2);
});

test('a repair that meets a thread standing still says so, and is done when called again', () => {
  const handle = made();
  const words = new Int32Array(handle.memory);
  const dead = new ExactValues(handle, FIRST);
  const main = new ExactValues(handle, MAIN_SEAT);
  dead.tryAcquire(0, 9);
  dead.tryAcquire(1, 9);
  const second = LINE + LINE;
  words[second] = (words[second] as number) | (SECOND.thread + 1);
  assert.ok(!main.repair(FIRST));
  assert.equal(main.value(0), 0);
  assert.throws(() => new ExactValues(handle, { thread: 1, generation: 10 }));
  words[second] = Atomics.load(words, second) & ~0xff;
  assert.ok(main.repair(FIRST));
  assert.equal(main.value(1), 0);
});

test('whatever store a thread dies before, a repair leaves exactly what the others hold', () => {
  const handle = made();
  const watch = new StoreWatch(handle.memory);
  const dead = new ExactValues(handle, FIRST, watch.words);
  const other = new ExactValues(handle, SECOND);
  for (let i = 0; i < 2; i++) other.tryAcquire(0, 9);
  const images = [
    ...watch.watch(() => dead.tryAcquire(0, 9)),
    ...watch.watch(() => dead.tryAcquire(0, 9)),
    ...watch.watch(() => dead.release(0)),
  ];
  assert.equal(images.length, 6);
  let inside = 0;
  for (const memory of images) {
    for (const stored of [0, 1]) {
      const copy = new SharedArrayBuffer(memory.byteLength);
      const words = new Int32Array(copy);
      words.set(new Int32Array(memory));
      if ((words[LINE] as number) & 0xff) inside++;
      // Both sides of the one store of a change: not yet, and done with the word still marked.
      if (stored === 1 && (words[LINE] as number) & 0xff) (words[LINE + 1 + 1] as number)++;
      const main = new ExactValues({ ...handle, memory: copy }, MAIN_SEAT);
      assert.ok(main.repair(FIRST));
      assert.equal(main.value(0), 2);
      assert.equal(main.tryAcquire(0, 3), 'acquired', 'the word is free');
      assert.equal(main.tryAcquire(0, 3), 'refused');
    }
  }
  assert.ok(inside >= 6, 'deaths in the middle are among them');
});

test('values, threads and seats that are not there are refused', () => {
  const first = new ExactValues(made(), FIRST);
  for (const index of [-1, 2, NaN]) assert.throws(() => first.tryAcquire(index, 1), RangeError);
  assert.throws(() => createExactValues({ count: 0, threads: 1 }), RangeError);
  assert.throws(() => createExactValues({ count: 1, threads: 0 }), RangeError);
  assert.throws(() => new ExactValues(made(), { thread: 3, generation: 1 }), RangeError);
});
