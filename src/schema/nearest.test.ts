import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest, nearestNames, slips } from './nearest.ts';

const SLIPS: readonly (readonly [string, string, number])[] = [
  ['', '', 0],
  ['', 'abc', 3],
  ['shop', 'shop', 0],
  ['shpo', 'shop', 1],
  ['shp', 'shop', 1],
  ['shopp', 'shop', 1],
  ['shup', 'shop', 1],
  ['ab', 'ba', 1],
  ['kitten', 'sitting', 3],
];
for (const [a, b, count] of SLIPS)
  test(`from ${JSON.stringify(a)} to ${JSON.stringify(b)} it is ${count} slips, both ways`, () => {
    assert.equal(slips(a, b), count);
    assert.equal(slips(b, a), count);
  });

test('the nearest name wins, and the first of equals', () => {
  assert.equal(nearest('balence', ['servers', 'balance', 'balances']), 'balance');
  assert.equal(nearest('ab', ['ac', 'ad']), 'ac');
});

test('a third of the letters may be wrong, and no more', () => {
  assert.equal(nearest('abcdef', ['abcdxy']), 'abcdxy');
  assert.equal(nearest('abcdef', ['abcxyz']), undefined);
  assert.equal(nearest('x', ['y']), 'y');
  assert.equal(nearest('xx', ['yy']), undefined);
});

test('case alone is no difference', () => {
  assert.equal(nearest('SHOP', ['shop']), 'shop');
});

test('nothing is near in an empty list, or to a text that is no name', () => {
  assert.equal(nearest('shop', []), undefined);
  assert.equal(nearest('x'.repeat(101), ['x'.repeat(101)]), undefined);
});

test('several near names come nearest first, each once, and no more than asked for', () => {
  const known = ['bbcdxf', 'abcdxf', 'abcdef', 'abcdxf', 'uvwxyz'];
  assert.deepEqual(nearestNames('abcdef', known, 9), ['abcdef', 'abcdxf'], 'two slips are far');
  assert.deepEqual(nearestNames('abcdef', known.slice(0, 2), 9), ['abcdxf', 'bbcdxf']);
  assert.deepEqual(nearestNames('abcdef', known, 2), ['abcdef', 'abcdxf']);
  assert.deepEqual(nearestNames('abcdef', known, 0), []);
});
