import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finished, rotated } from './requests.ts';

test('everybody is in every round, and begins one of as many rounds as there are', () => {
  assert.deepEqual(rotated(['a', 'b', 'c'], 0), ['a', 'b', 'c']);
  assert.deepEqual(rotated(['a', 'b', 'c'], 1), ['b', 'c', 'a']);
  assert.deepEqual(rotated(['a', 'b', 'c'], 2), ['c', 'a', 'b']);
  assert.deepEqual(rotated(['a', 'b', 'c'], 3), ['a', 'b', 'c']);
  assert.deepEqual(rotated([], 1), []);
});

test('requests are counted, but large bodies by their bytes', () => {
  const mebibyte = 1024 * 1024;
  const result = { requests: 100, bytes: 132 * mebibyte };
  assert.equal(finished(result, 1024), 100);
  assert.equal(finished(result, mebibyte - 1), 100);
  assert.equal(finished(result, mebibyte), 132);
  assert.equal(finished(result, 2 * mebibyte), 66);
});
