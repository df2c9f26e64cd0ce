/**
 * Durations and sizes: a number and its unit in one text, so that nobody has to guess whether 60
 * means seconds or milliseconds. Fractions are fine (`'1.5s'`) as long as whole milliseconds or
 * bytes come out. The types let texts such as `'-1e3s'` pass, so reading is strict.
 */
import { renderValue } from './problem.ts';
import { between, outOfRange, type Parsed, wrongType } from './scalars.ts';
import type { Facts, Schema } from './schema.ts';

/** A length of time: a number and its unit, `'30s'`, `'1500ms'`, `'2h'`. */
export type Duration = `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`;

/** A number of bytes, `'64KiB'`, `'1MiB'`; the units are powers of 1024. */
export type Size = `${number}${'B' | 'KiB' | 'MiB' | 'GiB'}`;

const MILLISECONDS = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);
const BYTES = new Map([
  ['B', 1],
  ['KiB', 1024],
  ['MiB', 1024 ** 2],
  ['GiB', 1024 ** 3],
]);
const QUANTITY = /^([0-9]+(?:\.[0-9]+)?)([A-Za-z]+)$/;

/** Units as nginx, httpd and people write them, in lower case. */
const BYTES_ELSEWHERE = new Map([
  ['', 'B'],
  ['b', 'B'],
  ['k', 'KiB'],
  ['kb', 'KiB'],
  ['kib', 'KiB'],
  ['m', 'MiB'],
  ['mb', 'MiB'],
  ['mib', 'MiB'],
  ['g', 'GiB'],
  ['gb', 'GiB'],
  ['gib', 'GiB'],
]);
const MILLISECONDS_ELSEWHERE = new Map([...MILLISECONDS.keys()].map((unit) => [unit, unit]));

interface Kind {
  readonly expects: string;
  readonly units: ReadonlyMap<string, number>;
  /** What a unit that is none here, in lower case, is likely to mean. */
  readonly elsewhere: ReadonlyMap<string, string>;
  readonly smallest: string;
  readonly pattern: string;
}

const DURATION: Kind = {
  expects: 'a duration such as "30s" (units ms, s, m, h, d)',
  units: MILLISECONDS,
  elsewhere: MILLISECONDS_ELSEWHERE,
  smallest: 'milliseconds',
  pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m|h|d)$',
};
const SIZE: Kind = {
  expects: 'a size such as "64KiB" (units B, KiB, MiB, GiB)',
  units: BYTES,
  elsewhere: BYTES_ELSEWHERE,
  smallest: 'bytes',
  pattern: '^[0-9]+(\\.[0-9]+)?(B|KiB|MiB|GiB)$',
};

function parse(kind: Kind, text: string): Parsed<number> {
  const match = QUANTITY.exec(text);
  const factor = kind.units.get(match?.[2] ?? '');
  if (match === null || factor === undefined)
    return {
      message: `Expected ${kind.expects}, got ${renderValue(text)}`,
      cure:
        meant(kind, text) ?? 'Write a number that is not negative and its unit, without a space',
    };
  const value = Number(match[1]) * factor;
  // 1.1 * 1000 is 1100.0000000000002: what is within rounding of a whole number is one.
  const whole = Math.round(value);
  if (!Number.isSafeInteger(whole) || Math.abs(value - whole) > 1e-6)
    return {
      message: `${renderValue(text)} does not come to a whole number of ${kind.smallest}`,
      cure: `Write a whole number of ${kind.smallest}`,
      code: 'out-of-range',
    };
  return { value: whole };
}

// A number whose unit is written otherwise, with a space before it, or missing where one is the smallest.
function meant({ elsewhere }: Kind, text: string): string | undefined {
  const [, number, written = ''] = /^([0-9]+(?:\.[0-9]+)?) ?([A-Za-z]*)$/.exec(text) ?? [];
  const unit = number === undefined ? undefined : elsewhere.get(written.toLowerCase());
  return unit === undefined ? undefined : `Write "${number}${unit}"`;
}

/** Milliseconds of a text such as `'30s'`, or what is wrong with it. */
export function parseDuration(text: string): Parsed<number> {
  return parse(DURATION, text);
}

/** Bytes of a text such as `'64KiB'`, or what is wrong with it. */
export function parseSize(text: string): Parsed<number> {
  return parse(SIZE, text);
}

/** Bounds of a quantity in its own notation, both included. */
export interface QuantityRange<Q extends string> {
  readonly min?: Q;
  readonly max?: Q;
}

/** A duration; the model holds milliseconds. `'0s'` is allowed unless `min` forbids it. */
export function duration(range: QuantityRange<Duration> = {}): Schema<Duration, number> {
  return quantity<Duration>(DURATION, range, 'ms');
}

/** A size; the model holds bytes. `'0B'` is allowed unless `min` forbids it. */
export function size(range: QuantityRange<Size> = {}): Schema<Size, number> {
  return quantity<Size>(SIZE, range, 'B');
}

function quantity<Q extends string>(
  kind: Kind,
  range: QuantityRange<Q>,
  unit: string,
): Schema<Q, number> {
  const min = bound(kind, range.min, 0);
  const max = bound(kind, range.max, Number.MAX_SAFE_INTEGER);
  const facts: Facts = {
    unit,
    ...(range.min === undefined ? undefined : { minimum: range.min }),
    ...(range.max === undefined ? undefined : { maximum: range.max }),
  };
  return {
    expects: kind.expects,
    facts,
    json: {
      type: 'string',
      pattern: kind.pattern,
      ...(between(range.min, range.max) === ''
        ? undefined
        : { $comment: `A value${between(range.min, range.max)}` }),
    },
    read(input, cursor) {
      if (typeof input !== 'string') return cursor.report(wrongType(kind.expects, input));
      const result = parse(kind, input);
      if (!('value' in result)) return cursor.report({ code: 'wrong-form', ...result });
      if (result.value < min || result.value > max)
        return cursor.report(outOfRange(input, range.min, range.max));
      return result.value;
    },
  };
}

/** @throws RangeError for a bound that is no quantity: a fault in our own options. */
function bound(kind: Kind, written: string | undefined, absent: number): number {
  if (written === undefined) return absent;
  const result = parse(kind, written);
  if (!('value' in result)) throw new RangeError(`Cannot use a bound: ${result.message}`);
  return result.value;
}
