import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { diff } from './diff.ts';

const CASES: readonly (readonly [string, unknown, unknown, readonly string[]])[] = [
  ['nothing', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }, []],
  ['nothing for NaN', { a: Number.NaN }, { a: Number.NaN }, []],
  ['a value', { a: 1, b: 2 }, { a: 1, b: 3 }, ['changed b']],
  ['a value deep inside', { a: { b: [1, 2] } }, { a: { b: [1, 3] } }, ['changed a.b[1]']],
  ['a new key', {}, { a: { b: 1 } }, ['added a']],
  ['a lost key', { a: 1 }, {}, ['removed a']],
  ['undefined, which is absent', { a: undefined }, {}, []],
  ['undefined to a value', { a: undefined }, { a: 1 }, ['added a']],
  ['an item at the end', { a: [1] }, { a: [1, 2] }, ['added a[1]']],
  ['an item at the front', { a: [1, 2] }, { a: [2] }, ['changed a[0]', 'removed a[1]']],
  ['an object to a list', { a: {} }, { a: [] }, ['changed a']],
  ['an object to null', { a: {} }, { a: null }, ['changed a']],
  ['the whole', 1, 2, ['changed ']],
  [
    'a record without a prototype',
    Object.assign(Object.create(null), { a: 1 }),
    { a: 2 },
    ['changed a'],
  ],
];
for (const [what, before, after, found] of CASES)
  test(`what differs: ${what}`, () => {
    assert.deepEqual(
      diff(before, after).map(({ kind, object }) => `${kind} ${object}`),
      found,
    );
  });

test('equal values never differ, and a difference is seen both ways', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
      assert.deepEqual(diff(a, structuredClone(a)), []);
      assert.equal(diff(a, b).length === 0, diff(b, a).length === 0);
    }),
  );
});
