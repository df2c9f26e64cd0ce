import assert from 'node:assert/strict';
import { test } from 'node:test';
import { renderPath } from '../schema/index.ts';
import { findNotData } from './plain-data.ts';

test('plain data has nothing to find, and the same object in two places is no loop', () => {
  const same = { c: 1 };
  assert.deepEqual(findNotData({ a: [same, same, null, undefined, 'x', true], b: same }), []);
  assert.deepEqual(findNotData(Object.create(null)), []);
});

class Thing {
  readonly held = 1;
}
const FOUND: readonly (readonly [string, unknown, string, RegExp, RegExp])[] = [
  ['a function', { a: [() => 1] }, 'a[0]', /got a function/, /result/],
  ['sites as a function', { sites: () => ({}) }, 'sites', /got a function/, /defineConfig/],
  [
    'a function called sites deeper down',
    { a: { sites: () => 1 } },
    'a.sites',
    /function/,
    /result/,
  ],
  ['the whole as a function', () => 1, '', /got a function/, /./],
  ['a promise', Promise.resolve(1), '', /got a promise/, /await/],
  ['a map', { a: new Map() }, 'a', /class Map/, /fromEntries/],
  ['a date', { a: new Date(0) }, 'a', /class Date/, /./],
  ['an object of a class', { a: new Thing() }, 'a', /class Thing/, /./],
  ['a symbol', { a: Symbol('x') }, 'a', /a symbol/, /./],
  ['a large integer', { a: 1n }, 'a', /got 1n/, /./],
];
for (const [what, value, object, message, cure] of FOUND)
  test(`${what} is found`, () => {
    const [found, ...others] = findNotData(value);
    assert.ok(found !== undefined);
    assert.deepEqual(others, []);
    assert.equal(renderPath(found.path), object);
    assert.match(found.fault.message, message);
    assert.match(found.fault.cure, cure);
  });

test('a value that holds itself is found once for each way round', () => {
  const loop: Record<string, unknown> = {};
  loop['self'] = loop;
  assert.deepEqual(
    findNotData({ loop }).map(({ path }) => renderPath(path)),
    ['loop.self'],
  );
});

test('data nested too deep is found before the stack ends', () => {
  let deep: unknown = 1;
  for (let level = 0; level < 50_000; level++) deep = [deep];
  assert.match(findNotData(deep)[0]?.fault.message ?? '', /more than 100 levels/);
});
