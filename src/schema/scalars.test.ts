import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boolean, integer, number, oneOf, parsed, string, text, wrongType } from './scalars.ts';
import { resolve, type AnySchema, type Schema } from './schema.ts';

const PLACE = { directory: '/etc/daemun' };

const GOOD: readonly (readonly [string, AnySchema, unknown])[] = [
  ['text', string(), 'x'],
  ['text', string({ empty: true }), ''],
  ['body', text(), 'a\nb\0'],
  ['body', text(), ''],
  ['switch', boolean(), false],
  ['integer', integer(), -5],
  ['integer', integer({ min: 1, max: 3 }), 1],
  ['integer', integer({ min: 1, max: 3 }), 3],
  ['number', number({ min: 0, max: 1 }), 0.5],
  ['choice', oneOf('a', 'b'), 'b'],
  ['choice', oneOf(301, 302), 302],
  ['choice', oneOf(false), false],
];
for (const [kind, schema, input] of GOOD)
  test(`a ${kind} takes ${JSON.stringify(input)}`, () => {
    assert.deepEqual(resolve(schema, input, PLACE), { model: input, paths: [], judged: [] });
  });

const BAD: readonly (readonly [AnySchema, unknown, string, RegExp])[] = [
  [string(), '', 'wrong-form', /empty/],
  [string(), 'a\0b', 'wrong-form', /control character "\\u0000"/],
  [string(), 'a\nb', 'wrong-form', /control character "\\n"/],
  [string(), 1, 'wrong-type', /Expected a text, got 1/],
  [string(), null, 'wrong-type', /got null/],
  [text(), [], 'wrong-type', /got a list/],
  [boolean(), 'on', 'wrong-type', /Expected true or false, got "on"/],
  [boolean(), 0, 'wrong-type', /got 0/],
  [integer(), 1.5, 'wrong-type', /Expected a whole number, got 1.5/],
  [integer(), Number.NaN, 'wrong-type', /got NaN/],
  [integer(), Infinity, 'wrong-type', /got Infinity/],
  [integer(), 2 ** 53, 'wrong-type', /whole number/],
  [integer(), '3', 'wrong-type', /got "3"/],
  [integer({ min: 1, max: 3 }), 0, 'out-of-range', /0 is out of range/],
  [integer({ min: 1, max: 3 }), 4, 'out-of-range', /4 is out of range/],
  [number(), Number.NaN, 'wrong-type', /NaN/],
  [number({ max: 1 }), 1.01, 'out-of-range', /1.01/],
  [oneOf('a', 'b'), 'c', 'not-a-choice', /Expected one of "a", "b", got "c"/],
  [oneOf(301, 302), '301', 'not-a-choice', /got "301"/],
  [oneOf(false), true, 'not-a-choice', /Expected false, got true/],
];
for (const [schema, input, code, message] of BAD)
  test(`${JSON.stringify(input)} is refused: ${message.source}`, () => {
    const [problem, ...others] = resolve(schema, input, PLACE).problems ?? [];
    assert.equal(problem?.code, code);
    assert.match(problem.message, message);
    assert.notEqual(problem.cure, '');
    assert.deepEqual(others, []);
  });

test('the cure for a number out of range names the range', () => {
  const cure = (schema: Schema<number>, input: number): unknown =>
    resolve(schema, input, PLACE).problems?.[0]?.cure;
  assert.equal(cure(integer({ min: 1, max: 3 }), 9), 'Write a value from 1 to 3');
  assert.equal(cure(integer({ min: 1 }), 0), 'Write a value of at least 1');
  assert.equal(cure(integer({ max: 3 }), 9), 'Write a value of at most 3');
});

test('the cure for a near choice names it', () => {
  const { problems } = resolve(oneOf('round-robin', 'least-connections'), 'round-robn', PLACE);
  assert.match(problems?.[0]?.cure ?? '', /Did you mean "round-robin"\?/);
});

test('a notation of its own gives its model, or what its parser says', () => {
  const schema = parsed<string, number>({
    expects: 'a digit',
    parse: (written) =>
      /^[0-9]$/.test(written)
        ? { value: Number(written) }
        : { message: 'No digit', cure: 'Write 1' },
  });
  assert.equal(resolve(schema, '7', PLACE).model, 7);
  const said = (input: unknown): unknown => {
    const [problem] = resolve(schema, input, PLACE).problems ?? [];
    return [problem?.code, problem?.message, problem?.cure];
  };
  assert.deepEqual(said('x'), ['wrong-form', 'No digit', 'Write 1']);
  assert.deepEqual(said(7), ['wrong-type', 'Expected a digit, got 7', 'Write a digit']);
});

test('the cure for null holds for keys that must not be missing, too', () => {
  assert.equal(wrongType('an object', 3).cure, 'Write an object');
  assert.match(wrongType('an object', null).cure, /^Write an object, or remove the key where /);
});
