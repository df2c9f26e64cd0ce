import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPlainObject, ownValue } from './plain.ts';

test('plain are literals and objects without a prototype', () => {
  assert.ok(isPlainObject({}));
  assert.ok(isPlainObject(Object.create(null)));
});

for (const value of [
  null,
  undefined,
  1,
  'x',
  [],
  new Map(),
  new Date(0),
  () => 1,
  Object.create({}),
])
  test(`not plain is ${Object.prototype.toString.call(value)}`, () => {
    assert.ok(!isPlainObject(value));
  });

test('what an object inherits is not its own', () => {
  assert.equal(ownValue({}, 'constructor'), undefined);
  assert.equal(ownValue({}, '__proto__'), undefined);
  assert.equal(ownValue({ constructor: 1 }, 'constructor'), 1);
});
