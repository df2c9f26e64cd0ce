import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { duration, parseDuration, parseSize, size } from './quantity.ts';
import { resolve, type AnySchema } from './schema.ts';

const PLACE = { directory: '/etc/daemun' };

const GOOD: readonly (readonly [AnySchema, string, number])[] = [
  [duration(), '0s', 0],
  [duration(), '1ms', 1],
  [duration(), '1500ms', 1500],
  [duration(), '1.5s', 1500],
  [duration(), '1.1s', 1100],
  [duration(), '0.001s', 1],
  [duration(), '2m', 120_000],
  [duration(), '1h', 3_600_000],
  [duration(), '7d', 604_800_000],
  [duration(), '007s', 7000],
  [size(), '0B', 0],
  [size(), '1B', 1],
  [size(), '64KiB', 65_536],
  [size(), '1.5MiB', 1_572_864],
  [size(), '2GiB', 2_147_483_648],
  [duration({ min: '1s', max: '2s' }), '1s', 1000],
  [duration({ min: '1s', max: '2s' }), '2000ms', 2000],
];
for (const [schema, text, value] of GOOD)
  test(`${text} is ${value} ${String(schema.facts.unit)}`, () => {
    assert.equal(resolve(schema, text, PLACE).model, value);
  });

const BAD: readonly (readonly [AnySchema, unknown, string])[] = [
  [duration(), '-1e3s', 'wrong-form'],
  [duration(), '-1s', 'wrong-form'],
  [duration(), '+1s', 'wrong-form'],
  [duration(), '1e3s', 'wrong-form'],
  [duration(), '.5s', 'wrong-form'],
  [duration(), '1.s', 'wrong-form'],
  [duration(), '1 s', 'wrong-form'],
  [duration(), ' 1s', 'wrong-form'],
  [duration(), '1s\n', 'wrong-form'],
  [duration(), '30', 'wrong-form'],
  [duration(), '', 'wrong-form'],
  [duration(), 's', 'wrong-form'],
  [duration(), '1S', 'wrong-form'],
  [duration(), '1KiB', 'wrong-form'],
  [duration(), '1constructor', 'wrong-form'],
  [duration(), 'NaNs', 'wrong-form'],
  [duration(), 'Infinitys', 'wrong-form'],
  [duration(), '0x10s', 'wrong-form'],
  [duration(), '٣s', 'wrong-form'],
  [duration(), '0.5ms', 'out-of-range'],
  [duration(), '999999999999d', 'out-of-range'],
  [duration(), 30, 'wrong-type'],
  [duration(), null, 'wrong-type'],
  [size(), '1KB', 'wrong-form'],
  [size(), '1kib', 'wrong-form'],
  [size(), '1s', 'wrong-form'],
  [size(), '-1KiB', 'wrong-form'],
  [size(), '0.3B', 'out-of-range'],
  [size(), 65_536, 'wrong-type'],
  [duration({ min: '1s', max: '2s' }), '999ms', 'out-of-range'],
  [duration({ min: '1s', max: '2s' }), '2001ms', 'out-of-range'],
];
for (const [schema, input, code] of BAD)
  test(`${JSON.stringify(input)} is refused as ${String(schema.facts.unit)}: ${code}`, () => {
    const { problems } = resolve(schema, input, PLACE);
    assert.deepEqual(
      problems?.map((problem) => problem.code),
      [code],
    );
  });

test('whole numbers of every unit come out exactly', () => {
  const units = [
    ['ms', 1],
    ['s', 1000],
    ['m', 60_000],
    ['h', 3_600_000],
    ['d', 86_400_000],
  ] as const;
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.constantFrom(...units), (count, [unit, factor]) => {
      assert.deepEqual(parseDuration(`${count}${unit}`), { value: count * factor });
    }),
  );
});

test('no text makes a parser throw or return something that is no whole number from 0', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      for (const parsed of [parseDuration(text), parseSize(text)])
        if ('value' in parsed) assert.ok(Number.isSafeInteger(parsed.value) && parsed.value >= 0);
        else assert.ok(parsed.message !== '' && parsed.cure !== '');
    }),
  );
});

const MEANT: readonly (readonly [parse: typeof parseSize, text: string, cure: string])[] = [
  [parseSize, '10m', 'Write "10MiB"'],
  [parseSize, '10M', 'Write "10MiB"'],
  [parseSize, '1.5mb', 'Write "1.5MiB"'],
  [parseSize, '64k', 'Write "64KiB"'],
  [parseSize, '64 KiB', 'Write "64KiB"'],
  [parseSize, '2Gb', 'Write "2GiB"'],
  [parseSize, '512', 'Write "512B"'],
  [parseDuration, '30 s', 'Write "30s"'],
  [parseDuration, '30S', 'Write "30s"'],
  ...(['-1m', '10x', 'm', '10  m', ''] as const).map(
    (text) =>
      [
        parseSize,
        text,
        'Write a number that is not negative and its unit, without a space',
      ] as const,
  ),
];
for (const [parse, text, cure] of MEANT)
  test(`the cure of ${JSON.stringify(text)} is: ${cure}`, () => {
    const parsed = parse(text);
    assert.ok('cure' in parsed);
    assert.equal(parsed.cure, cure);
    const [, quoted] = /"(.*)"/.exec(cure) ?? [];
    if (quoted !== undefined) assert.ok('value' in parse(quoted));
  });

test('a bound that is no quantity is our own fault and throws', () => {
  assert.throws(() => duration({ min: '1e1s' }), RangeError);
});
