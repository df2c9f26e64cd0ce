import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batches, textsOf } from './texts.ts';

function numbered(count: number): ReadonlyMap<string, string> {
  return textsOf(Object.fromEntries(Array.from({ length: count }, (_, at) => [`n${at}`, { at }])));
}

test('models become texts by name', () => {
  assert.deepEqual(
    [...textsOf({ a: { x: 1 }, b: [null] })],
    [
      ['a', '{"x":1}'],
      ['b', '[null]'],
    ],
  );
});

for (const [count, sizes] of [
  [0, []],
  [1, [1]],
  [99, [99]],
  [100, [100]],
  [101, [100, 1]],
  [200, [100, 100]],
] as const)
  test(`${count} texts travel in batches of ${sizes.join(' and ') || 'nothing'}, in their order`, () => {
    const sent = [...batches(numbered(count), null)];
    assert.deepEqual(
      sent.map(({ length }) => length),
      sizes,
    );
    assert.deepEqual(sent.flat(), [...numbered(count)]);
  });

test('what a thread serves already is not sent again; what it serves otherwise, or under another name, is', () => {
  const known = textsOf({ same: 1, changed: 1, gone: 1 });
  const offered = textsOf({ changed: 2, fresh: 1, same: 1 });
  assert.deepEqual([...batches(offered, known)].flat(), [
    ['changed', '2'],
    ['fresh', '1'],
    ['same', null],
  ]);
});
