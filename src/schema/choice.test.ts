import assert from 'node:assert/strict';
import { test } from 'node:test';
import { byKey, byType, judged, notAvailable, refined } from './choice.ts';
import { list } from './collection.ts';
import { object, optional, required } from './object.ts';
import { integer, oneOf, string } from './scalars.ts';
import { INVALID, resolve, type AnySchema } from './schema.ts';

const PLACE = { directory: '/etc/daemun' };
const route = byKey('route', {
  files: object<{ readonly files: string; readonly index?: string }>()({
    files: required(string()),
    index: optional(string()),
  }),
  proxy: object<{ readonly proxy: string }>()({ proxy: required(string()) }),
});
const first = (schema: AnySchema, input: unknown): unknown => {
  const [problem, ...others] = resolve(schema, input, PLACE).problems ?? [];
  return [others.length, problem?.object, problem?.code, problem?.cure];
};

test('the key that is there chooses the schema, and the model names it', () => {
  assert.deepEqual(resolve(route, { files: 'x' }, PLACE).model, {
    kind: 'files',
    files: 'x',
    index: undefined,
  });
  assert.equal(resolve(route, { proxy: 'x', files: undefined }, PLACE).model?.kind, 'proxy');
});

test('none of the keys is a problem, with the nearest as its cure', () => {
  assert.deepEqual(first(route, {}), [0, '', 'no-action', 'Give it one of "files", "proxy"']);
  assert.deepEqual(first(route, { prxy: 'x' }), [0, 'prxy', 'no-action', 'Did you mean "proxy"?']);
});

test('a key as other programs have it leads to the one that is meant, though no letter is alike', () => {
  const schema = byKey('route', { files: object()({}) }, new Map([['root', 'files' as const]]));
  assert.deepEqual(first(schema, { root: 'x' }), [0, 'root', 'no-action', 'Did you mean "files"?']);
});

test('two of the keys are a problem', () => {
  assert.deepEqual(first(route, { files: 'x', proxy: 'y' }), [
    0,
    '',
    'two-actions',
    'Keep one of them; a route does one thing',
  ]);
});

test('a key of another choice is unknown to the chosen one', () => {
  assert.deepEqual((first(route, { proxy: 'x', index: 'y' }) as unknown[]).slice(1, 3), [
    'index',
    'unknown-key',
  ]);
});

test('values of several types go to the schema of theirs', () => {
  const schema = byType({
    number: integer({ min: 1 }),
    string: oneOf('auto'),
    list: list(integer()),
  });
  assert.equal(resolve(schema, 4, PLACE).model, 4);
  assert.equal(resolve(schema, 'auto', PLACE).model, 'auto');
  assert.deepEqual(resolve(schema, [1], PLACE).model, [1]);
  for (const input of [null, {}, true, () => 1])
    assert.equal((first(schema, input) as unknown[])[2], 'wrong-type');
  assert.equal((first(schema, 0) as unknown[])[2], 'out-of-range');
});

test('a refinement changes the model, or refuses it', () => {
  const even = refined(integer(), (value, cursor) =>
    value % 2 === 0
      ? value / 2
      : cursor.report({ code: 'conflict', message: 'Odd', cure: 'Add one' }),
  );
  assert.equal(resolve(even, 4, PLACE).model, 2);
  assert.deepEqual(first(even, 3), [0, '', 'conflict', 'Add one']);
  assert.equal(
    resolve(
      refined(integer(), () => INVALID),
      1,
      PLACE,
    ).model,
    undefined,
  );
});

test('an option that is not available is a problem even if it is well written', () => {
  const schema = notAvailable(list(string()), 'TLS', 'Remove it');
  assert.deepEqual(first(schema, ['x']), [0, '', 'not-available', 'Remove it']);
  assert.deepEqual(
    first(schema, 1),
    [0, '', 'not-available', 'Remove it'],
    'one mistake is told once',
  );
  assert.deepEqual(
    resolve(schema, ['x', 1], PLACE).problems?.map((problem) => [problem.object, problem.code]),
    [['', 'not-available']],
    'it is to go, whatever is wrong inside',
  );
});

const COUNT = byType({ number: integer({ min: 1, max: 9 }), string: oneOf('auto') });
const WHOLE = 'a whole number from 1 to 9, or "auto"';
const CHOICES: readonly (readonly [input: unknown, message: string, cure: RegExp])[] = [
  ['yes', `Expected ${WHOLE}, got "yes"`, new RegExp(`^Write ${WHOLE}$`)],
  ['atuo', `Expected ${WHOLE}, got "atuo"`, /^Did you mean "auto"\?/],
  [true, `Expected ${WHOLE}, got true`, new RegExp(`^Write ${WHOLE}$`)],
  [10, '10 is out of range', /from 1 to 9/],
];
for (const [input, message, cure] of CHOICES)
  test(`${JSON.stringify(input)} where a number or a word may stand is told what both are`, () => {
    const [problem, ...more] = resolve(COUNT, input, PLACE).problems ?? [];
    assert.deepEqual(more, []);
    assert.equal(problem?.message, message);
    assert.match(problem.cure, cure);
  });

test('texts that running parts judge are noted where they can be read, faulty or not elsewhere', () => {
  const schema = list(judged(string(), 'template'));
  const { problems, judged: noted } = resolve(schema, ['$a', 1, '', 'b'], PLACE);
  assert.deepEqual(
    problems?.map((problem) => problem.object),
    ['[1]', '[2]'],
  );
  assert.deepEqual(noted, [
    { path: [0], kind: 'template', text: '$a' },
    { path: [3], kind: 'template', text: 'b' },
  ]);
});
