import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderPath, renderValue } from './problem.ts';

test('paths are written as TypeScript writes them', () => {
  assert.equal(renderPath([]), '');
  assert.equal(
    renderPath(['sites', 'a.example', 'routes', '/a', 'proxy']),
    'sites["a.example"].routes["/a"].proxy',
  );
  assert.equal(renderPath(['servers', 0, 'url']), 'servers[0].url');
  assert.equal(renderPath(['a"b\n']), '["a\\"b\\n"]');
  assert.equal(renderPath(['sites', '']), 'sites[""]');
});

const VALUES: readonly (readonly [unknown, string])[] = [
  ['x', '"x"'],
  ['x'.repeat(40), `"${'x'.repeat(40)}"`],
  ['x'.repeat(41), `"${'x'.repeat(39)}…"`],
  [-0, '-0'],
  [Number.NaN, 'NaN'],
  [1n, '1n'],
  [null, 'null'],
  [undefined, 'undefined'],
  [[1], 'a list'],
  [{ a: 1 }, 'an object'],
  [() => 1, 'a function'],
  [Symbol('s'), 'a symbol'],
];
for (const [value, shown] of VALUES)
  test(`a value is shown as ${shown}`, () => {
    assert.equal(renderValue(value), shown);
  });
