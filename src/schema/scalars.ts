/** Schemas of single values: texts, numbers, choices. */
import { type Fault, renderValue } from './problem.ts';
import type { Facts, Schema } from './schema.ts';
import { nearest } from './nearest.ts';

/** The fault of a value of another type than the option takes. */
export function wrongType(expects: string, input: unknown): Fault {
  return {
    code: 'wrong-type',
    message: `Expected ${expects}, got ${renderValue(input)}`,
    cure: `Write ${expects}${input === null ? ', or remove the key where it may be missing' : ''}`,
  };
}

/** A text; empty texts only if `empty` says so, and never one with a NUL, LF or CR. */
export function string(options: { readonly empty?: boolean } = {}): Schema<string, string> {
  const expects = 'a text';
  return {
    expects,
    facts: {},
    json: { type: 'string', ...(options.empty === true ? undefined : { minLength: 1 }) },
    read(input, cursor) {
      if (typeof input !== 'string') return cursor.report(wrongType(expects, input));
      if (input === '' && options.empty !== true)
        return cursor.report({
          code: 'wrong-form',
          message: 'The text is empty',
          cure: 'Write a text, or remove the key',
        });
      for (const control of ['\0', '\n', '\r'])
        if (input.includes(control))
          return cursor.report({
            code: 'wrong-form',
            message: `The text holds the control character ${JSON.stringify(control)}`,
            cure: 'Remove the control character',
          });
      return input;
    },
  };
}

/** A text of any characters, line ends included: the body of an answer. */
export function text(): Schema<string, string> {
  const expects = 'a text';
  return {
    expects,
    facts: {},
    json: { type: 'string' },
    read: (input, cursor) =>
      typeof input === 'string' ? input : cursor.report(wrongType(expects, input)),
  };
}

/** `true` or `false`; texts such as `'on'` are not taken. */
export function boolean(): Schema<boolean, boolean> {
  const expects = 'true or false';
  return {
    expects,
    facts: {},
    json: { type: 'boolean' },
    read: (input, cursor) =>
      typeof input === 'boolean' ? input : cursor.report(wrongType(expects, input)),
  };
}

/** Bounds of a number, both included. */
export interface NumberRange {
  readonly min?: number;
  readonly max?: number;
  /** What is counted, for documentation: `connections`. */
  readonly unit?: string;
}

/** A whole number within bounds. */
export function integer(range: NumberRange = {}): Schema<number, number> {
  return numeric('a whole number', 'integer', range, Number.isSafeInteger);
}

/** A finite number within bounds. */
export function number(range: NumberRange = {}): Schema<number, number> {
  return numeric('a number', 'number', range, Number.isFinite);
}

function numeric(
  what: string,
  type: 'integer' | 'number',
  range: NumberRange,
  accepts: (value: unknown) => boolean,
): Schema<number, number> {
  const expects = `${what}${between(range.min, range.max)}`;
  return {
    expects,
    facts: rangeFacts(range),
    json: {
      type,
      ...(range.min === undefined ? undefined : { minimum: range.min }),
      ...(range.max === undefined ? undefined : { maximum: range.max }),
    },
    read(input, cursor) {
      if (typeof input !== 'number' || !accepts(input))
        return cursor.report(wrongType(expects, input));
      if (input < (range.min ?? -Infinity) || input > (range.max ?? Infinity))
        return cursor.report(outOfRange(input, range.min, range.max));
      return input;
    },
  };
}

function rangeFacts({ min, max, unit }: NumberRange): Facts {
  return {
    ...(unit === undefined ? undefined : { unit }),
    ...(min === undefined ? undefined : { minimum: min }),
    ...(max === undefined ? undefined : { maximum: max }),
  };
}

/** The words for a range, with a space in front; empty for none. */
export function between(min?: number | string, max?: number | string): string {
  if (min === undefined) return max === undefined ? '' : ` of at most ${max}`;
  return max === undefined ? ` of at least ${min}` : ` from ${min} to ${max}`;
}

/** The fault of a value outside of its bounds. */
export function outOfRange(
  input: unknown,
  min: number | string | undefined,
  max: number | string | undefined,
): Fault {
  return {
    code: 'out-of-range',
    message: `${renderValue(input)} is out of range`,
    cure: `Write a value${between(min, max)}`,
  };
}

/** One of a few literal values. */
export function oneOf<const V extends string | number | boolean>(...values: V[]): Schema<V, V> {
  const listed = values.map(renderValue).join(', ');
  const expects = values.length === 1 ? listed : `one of ${listed}`;
  return {
    expects,
    facts: {},
    json: values.length === 1 ? { const: values[0] } : { enum: values },
    read(input, cursor) {
      const found = values.find((value) => value === input);
      if (found !== undefined) return found;
      const texts = values.filter((value) => typeof value === 'string');
      const near = typeof input === 'string' ? nearest(input, texts) : undefined;
      return cursor.report({
        code: 'not-a-choice',
        message: `Expected ${expects}, got ${renderValue(input)}`,
        cure:
          near === undefined
            ? `Write ${expects}`
            : `Did you mean ${renderValue(near)}? Known are ${listed}`,
      });
    },
  };
}

/** What a parser of texts returns: a value, or what is wrong and the cure. */
export type Parsed<M> =
  | { readonly value: M }
  | { readonly message: string; readonly cure: string; readonly code?: Fault['code'] };

/** A text in a notation of its own, turned into a model by a parser. */
export function parsed<I extends string, M>(options: {
  /** The value in words: `an address such as "127.0.0.1:8080"`. */
  readonly expects: string;
  readonly parse: (text: string) => Parsed<M>;
  readonly facts?: Facts;
  readonly pattern?: string;
}): Schema<I, M> {
  return {
    expects: options.expects,
    facts: options.facts ?? {},
    json: {
      type: 'string',
      ...(options.pattern === undefined ? undefined : { pattern: options.pattern }),
    },
    read(input, cursor) {
      if (typeof input !== 'string') return cursor.report(wrongType(options.expects, input));
      const result = options.parse(input);
      return 'value' in result ? result.value : cursor.report({ code: 'wrong-form', ...result });
    },
  };
}
