import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, spread } from './statistics.ts';

test('the median does not depend on the order, nor on how far out the others lie', () => {
  assert.equal(median([5]), 5);
  assert.equal(median([900, 1, 5]), 5);
  assert.equal(median([10, 9, 1, 2]), 5.5);
});

test('no values have no median', () => {
  assert.throws(() => median([]), RangeError);
});

test('the spread is the range over the median', () => {
  assert.equal(spread([7]), 0);
  assert.equal(spread([0, 0]), 0);
  assert.equal(spread([9, 10, 12]), 0.3);
});
