import assert from 'node:assert/strict';
import { test } from 'node:test';
import { list, record } from './collection.ts';
import { integer, string } from './scalars.ts';
import { resolve, type AnySchema } from './schema.ts';

const PLACE = { directory: '/etc/daemun' };
const objects = (schema: AnySchema, input: unknown): unknown =>
  resolve(schema, input, PLACE).problems?.map(({ object }) => object);

test('a list keeps its order, and may be empty unless said', () => {
  assert.deepEqual(resolve(list(integer()), [3, 1, 2], PLACE).model, [3, 1, 2]);
  assert.deepEqual(resolve(list(integer()), [], PLACE).model, []);
});

test('every faulty item of a list is reported, holes too', () => {
  // eslint-disable-next-line no-sparse-arrays
  assert.deepEqual(objects(list(integer()), [1, 'x', , 2.5]), ['[1]', '[2]', '[3]']);
});

test('a list that is too short says what to add', () => {
  const [problem] = resolve(list(integer(), { min: 1, noun: 'server' }), [], PLACE).problems ?? [];
  assert.equal(problem?.message, 'The list holds 0 of at least 1 items');
  assert.equal(problem.cure, 'Add a server');
});

test('an object with a length is no list', () => {
  assert.deepEqual(objects(list(integer()), { length: 1, 0: 1 }), ['']);
});

test('a record keeps what its author named, whatever the names', () => {
  const input: unknown = JSON.parse('{"__proto__":1,"constructor":2,"x":3}');
  const { model } = resolve(record(integer()), input, PLACE);
  assert.deepEqual(Object.entries(model ?? {}), [
    ['__proto__', 1],
    ['constructor', 2],
    ['x', 3],
  ]);
});

test('nothing is found in a record that nobody put there', () => {
  const model = resolve(record(integer()), {}, PLACE).model ?? { toString: 1 };
  assert.equal(model['constructor'], undefined);
  assert.equal(model['__proto__'], undefined);
});

test('bad names and bad values of a record are all reported', () => {
  const schema = record(integer(), {
    name: (name) =>
      name === 'x' ? { code: 'wrong-form', message: 'No x', cure: 'Write y' } : undefined,
  });
  assert.deepEqual(objects(schema, { x: 'a', y: 'b', z: 1 }), ['x', 'x', 'y']);
});

test('a name without a value is skipped', () => {
  assert.deepEqual(
    Object.keys(resolve(record(string()), { a: undefined }, PLACE).model ?? { b: 1 }),
    [],
  );
});

const NO_LISTS: readonly (readonly [unknown, RegExp])[] = [
  [80, /^Put it in brackets: \[80\]$/],
  ['80x', /^Write a list, each item a whole number from 0 to 90$/],
  [91, /^Write a list, each item/],
  [{ 0: 80 }, /^Write a list, each item/],
];
for (const [input, cure] of NO_LISTS)
  test(`${JSON.stringify(input)} in the place of a list is one problem, whose cure says what may be written`, () => {
    const [problem, ...more] =
      resolve(list(integer({ min: 0, max: 90 })), input, PLACE).problems ?? [];
    assert.deepEqual(more, []);
    assert.match(problem?.message ?? '', /^Expected a list, got /);
    assert.match(problem?.cure ?? '', cure);
  });

test('names of a record that are good are given to whoever judges them', () => {
  const schema = record(integer(), {
    name: (name) =>
      name === 'x' ? { code: 'wrong-form', message: 'No x', cure: 'Write y' } : undefined,
    judges: 'changed-field',
  });
  assert.deepEqual(resolve(schema, { x: 1, y: 'wrong', z: 1 }, PLACE).judged, [
    { path: ['y'], kind: 'changed-field', text: 'y' },
    { path: ['z'], kind: 'changed-field', text: 'z' },
  ]);
});
