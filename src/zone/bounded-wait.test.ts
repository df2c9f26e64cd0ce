import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitALittle } from './bounded-wait.ts';

test('the patience is over after its looks and sleeps, not one earlier', () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const patience = { spins: 3, sleeps: 2, sleepMs: 0 };
  const answers = [0, 1, 2, 3, 4, 5, 6].map((attempt) =>
    waitALittle(words, 0, 0, attempt, patience),
  );
  assert.deepEqual(answers, [true, true, true, true, true, false, false]);
});

test('a sleep is not begun when the word has changed already', () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  assert.ok(waitALittle(words, 0, 1, 0, { spins: 0, sleeps: 1, sleepMs: 1e9 }));
});
