import assert from 'node:assert/strict';
import { test } from 'node:test';
import { both, object, optional, required, withDefault } from './object.ts';
import { duration } from './quantity.ts';
import { boolean, integer, oneOf, string } from './scalars.ts';
import { type ModelOf, resolve } from './schema.ts';

const PLACE = { directory: '/etc/daemun' };

interface Options {
  readonly name: string;
  readonly weight?: number;
  readonly route?: string;
}
const options = object<Options>()({
  name: required(string()),
  weight: withDefault(integer({ min: 1 }), 1),
  route: optional(string()),
});

test('defaults are filled in and absent optional keys are undefined', () => {
  assert.deepEqual(resolve(options, { name: 'x' }, PLACE).model, {
    name: 'x',
    weight: 1,
    route: undefined,
  });
});

test('a key with the value undefined counts as absent', () => {
  const input = { name: 'x', weight: undefined, route: undefined, unknown: undefined };
  assert.equal(resolve(options, input, PLACE).model?.weight, 1);
});

test('every fault of an object is reported, each at its path', () => {
  const { problems } = resolve(options, { nme: 'x', weight: 0, route: '' }, PLACE);
  assert.deepEqual(
    problems?.map(({ object: where, code }) => [where, code]),
    [
      ['nme', 'unknown-key'],
      ['', 'missing-key'],
      ['weight', 'out-of-range'],
      ['route', 'wrong-form'],
    ],
  );
});

test('the cure for an unknown key is the nearest known key, or the list of them', () => {
  const cure = (key: string): unknown =>
    resolve(options, { name: 'x', [key]: 1 }, PLACE).problems?.[0]?.cure;
  assert.equal(cure('wieght'), 'Did you mean "weight"?');
  assert.equal(cure('colour'), 'Known keys are name, weight, route');
});

test('inherited keys are neither known nor read', () => {
  const input: unknown = JSON.parse('{"name":"x","__proto__":{"weight":9},"constructor":1}');
  assert.deepEqual(
    resolve(options, input, PLACE).problems?.map(({ path }) => path),
    [['__proto__'], ['constructor']],
  );
});

test('a value that every object inherits, by some library, is not taken for an option', () => {
  const inherited = { value: 9, configurable: true, writable: true };
  Reflect.defineProperty(Object.prototype, 'weight', inherited);
  try {
    assert.equal(resolve(options, { name: 'x' }, PLACE).model?.weight, 1);
  } finally {
    Reflect.deleteProperty(Object.prototype, 'weight');
  }
});

for (const input of [null, [], 'x', new Map(), () => 1])
  test(`no object is ${Object.prototype.toString.call(input)}`, () => {
    assert.equal(resolve(options, input, PLACE).problems?.[0]?.code, 'wrong-type');
  });

test('two objects joined know the keys of both', () => {
  const joined = both(
    options,
    object<{ readonly down?: boolean }>()({ down: withDefault(boolean(), false) }),
  );
  assert.deepEqual(resolve(joined, { name: 'x', down: true }, PLACE).model, {
    name: 'x',
    weight: 1,
    route: undefined,
    down: true,
  });
});

test('facts carry the default for documentation', () => {
  assert.equal(options.fields.weight.schema.facts.default, 1);
});

test('the model has the types of what the schemas read', () => {
  const model: ModelOf<typeof options> = { name: 'x', weight: 1, route: undefined };
  // @ts-expect-error the default makes weight a number, never undefined
  const wrong: ModelOf<typeof options> = { name: 'x', weight: undefined, route: undefined };
  assert.notEqual(model.weight, wrong.weight);
});

test('a schema that does not fit its interface does not compile', () => {
  // @ts-expect-error `weight` and `route` are missing
  object<Options>()({ name: required(string()) });
  object<Options>()({
    name: required(string()),
    weight: withDefault(integer(), 1),
    route: optional(string()),
    // @ts-expect-error no such key in the interface
    colour: optional(string()),
  });
  object<Options>()({
    // @ts-expect-error a required key cannot be optional
    name: optional(string()),
    // @ts-expect-error an optional key cannot be required
    weight: required(integer()),
    // @ts-expect-error another type
    route: optional(boolean()),
  });
  object<{ readonly status?: number; readonly idle?: `${number}s` }>()({
    // @ts-expect-error narrower than the interface
    status: optional(oneOf(301, 302)),
    // @ts-expect-error wider than the interface
    idle: optional(duration()),
  });
  // @ts-expect-error a default of another type
  withDefault(integer(), '1');
  assert.ok(true, 'checked by the compiler');
});
