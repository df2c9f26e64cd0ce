import assert from 'node:assert/strict';
import { test } from 'node:test';
import { object, required } from './object.ts';
import { record } from './collection.ts';
import { path, reference } from './reference.ts';
import { integer } from './scalars.ts';
import { resolve } from './schema.ts';

const PLACE = { directory: '/etc/daemun' };
const schema = object<{
  readonly use: string;
  readonly upstreams: { readonly [name: string]: number };
}>()({
  use: required(reference('upstreams', 'upstream')),
  upstreams: required(record(integer())),
});

test('a name that exists is taken, also where its entry is faulty', () => {
  assert.equal(resolve(schema, { use: 'a', upstreams: { a: 1 } }, PLACE).model?.use, 'a');
  assert.deepEqual(
    resolve(schema, { use: 'a', upstreams: { a: 'x' } }, PLACE).problems?.map(
      ({ object: at }) => at,
    ),
    ['upstreams.a'],
  );
});

const CURES: readonly (readonly [unknown, RegExp])[] = [
  [{ shop: 1 }, /^Did you mean "shop"\?$/],
  [{ web: 1, app: 2 }, /^Known are "web", "app"$/],
  [{}, /^Add "shpo" to upstreams$/],
  [undefined, /^Add "shpo" to upstreams$/],
  [Object.fromEntries(Array.from({ length: 11 }, (_, i) => [`name${i}`, 1])), /^Add "shpo"/],
];
for (const [upstreams, cure] of CURES)
  test(`a name that does not exist is a problem whose cure is ${cure.source}`, () => {
    const { problems } = resolve(schema, { use: 'shpo', upstreams }, PLACE);
    const found = problems?.find(({ code }) => code === 'unknown-reference');
    assert.equal(found?.message, 'There is no upstream "shpo"');
    assert.match(found.cure, cure);
  });

test('a name whose entry is undefined does not exist', () => {
  const { problems } = resolve(schema, { use: 'a', upstreams: { a: undefined, b: 1 } }, PLACE);
  assert.equal(problems?.[0]?.cure, 'Did you mean "b"?');
});

test('names that every object inherits do not exist', () => {
  for (const use of ['constructor', '__proto__', 'toString'])
    assert.equal(
      resolve(schema, { use, upstreams: {} }, PLACE).problems?.[0]?.code,
      'unknown-reference',
    );
});

test('an address in the place of a name is told where it belongs', () => {
  const upstream = reference('upstreams', 'upstream');
  const [problem] = resolve(upstream, 'http://127.0.0.1:3000', PLACE).problems ?? [];
  assert.equal(
    problem?.cure,
    'Put the address into an entry of upstreams, and write its name here',
  );
});

test('paths become absolute, and those that must exist are noted', () => {
  assert.deepEqual(resolve(path({ exists: 'directory' }), './public', PLACE), {
    model: '/etc/daemun/public',
    paths: [{ path: [], absolute: '/etc/daemun/public', kind: 'directory' }],
    judged: [],
  });
  assert.deepEqual(resolve(path(), '/var/log/x.log', PLACE), {
    model: '/var/log/x.log',
    paths: [],
    judged: [],
  });
  assert.equal(resolve(path(), '../x', PLACE).model, '/etc/x');
  assert.equal(resolve(path(), '', PLACE).problems?.[0]?.code, 'wrong-form');
  assert.equal(resolve(path(), 'a\0b', PLACE).problems?.[0]?.code, 'wrong-form');
});

test('a name that only a similar record has is told as such', () => {
  const input = { a: { one: 1 }, b: { two: 2 }, use: 'two' };
  const use = reference('a', 'first', { recordKey: 'b', use: 'seconds' });
  type Numbers = { readonly [name: string]: number };
  const options = object<{ readonly a: Numbers; readonly b: Numbers; readonly use: string }>()({
    a: required(record(integer())),
    b: required(record(integer())),
    use: required(use),
  });
  const [problem] = resolve(options, input, PLACE).problems ?? [];
  assert.equal(problem?.message, '"two" is an entry of b, and no first');
  assert.equal(problem.cure, 'Use it in seconds, or add "two" to a');
  const [none] = resolve(options, { ...input, use: 'three' }, PLACE).problems ?? [];
  assert.equal(none?.message, 'There is no first "three"');
  // Where both have it, it is the one that is meant.
  assert.ok(resolve(options, { ...input, a: { two: 1 } }, PLACE).model !== undefined);
});
