/** Values of several kinds: told apart by a key, by their type, or not served at all. */
import { isPlainObject, ownValue } from './plain.ts';
import { nearest } from './nearest.ts';
import type { Fault } from './problem.ts';
import { wrongType } from './scalars.ts';
import {
  type AnySchema,
  type Cursor,
  INVALID,
  type InputOf,
  type Invalid,
  type JudgedKind,
  type ModelOf,
  type Schema,
} from './schema.ts';

interface Choices {
  readonly [key: string]: AnySchema;
}

/** The model of a choice by key: that of the chosen schema, and `kind`, the key. */
export type ChoiceModel<C> = {
  [K in keyof C]: { readonly kind: K } & ModelOf<C[K]>;
}[keyof C];

/**
 * An object that says exactly one of several things, and which one is told by the key that is
 * there: `{ files: './public' }` or `{ proxy: 'shop' }`. The model says it in `kind`. `elsewhere` has keys
 * that other programs call these things by, for whoever brings them along.
 */
export function byKey<const C extends Choices>(
  noun: string,
  choices: C,
  elsewhere: ReadonlyMap<string, keyof C & string> = new Map(),
): Schema<InputOf<C[keyof C]>, ChoiceModel<C>> {
  const keys = Object.keys(choices);
  const expects = `a ${noun}: an object with one of the keys ${keys.join(', ')}`;
  return {
    expects,
    facts: {},
    json: { oneOf: keys.map((key) => choices[key]?.json) },
    read(input, cursor) {
      if (!isPlainObject(input)) return cursor.report(wrongType(expects, input));
      const present = keys.filter((key) => ownValue(input, key) !== undefined);
      const [kind, second] = present;
      const chosen = kind === undefined ? undefined : choices[kind];
      if (chosen === undefined) return reportNone(noun, keys, elsewhere, input, cursor);
      if (second !== undefined)
        return cursor.report({
          code: 'two-actions',
          message: `The ${noun} says both ${present.map((key) => JSON.stringify(key)).join(' and ')}`,
          cure: `Keep one of them; a ${noun} does one thing`,
        });
      const model = chosen.read(input, cursor);
      if (model === INVALID) return INVALID;
      // The model is that of the chosen schema, an object; the type follows from the key.
      return { kind, ...(model as object) } as ChoiceModel<C>;
    },
  };
}

function reportNone(
  noun: string,
  keys: readonly string[],
  elsewhere: ReadonlyMap<string, string>,
  input: Readonly<Record<string, unknown>>,
  cursor: Cursor,
): Invalid {
  const listed = keys.map((key) => JSON.stringify(key)).join(', ');
  for (const written of Object.keys(input)) {
    const near = elsewhere.get(written) ?? nearest(written, keys);
    if (near !== undefined)
      return cursor.at(written).report({
        code: 'no-action',
        message: `The ${noun} has none of the keys ${listed}, but ${JSON.stringify(written)}`,
        cure: `Did you mean ${JSON.stringify(near)}?`,
      });
  }
  return cursor.report({
    code: 'no-action',
    message: `The ${noun} does nothing: it has none of the keys ${listed}`,
    cure: `Give it one of ${listed}`,
  });
}

function wrongChoice(expects: string, input: unknown): Fault {
  return { ...wrongType(expects, input), code: 'not-a-choice' };
}

// "Did you mean" helps more than all that could be written.
function cureOf({ cure }: Fault, expects: string): string {
  return cure.startsWith('Did you mean') ? cure : `Write ${expects}`;
}

interface Types {
  readonly number?: AnySchema;
  readonly string?: AnySchema;
  readonly boolean?: AnySchema;
  readonly object?: AnySchema;
  readonly list?: AnySchema;
}

/** Values of different JavaScript types, each with its schema: `8080`, `'…:8080'`, `{ … }`. */
export function byType<const T extends Types>(
  types: T,
): Schema<InputOf<T[keyof T]>, ModelOf<T[keyof T]>> {
  const schemas = new Map<string, AnySchema>();
  for (const [type, schema] of Object.entries<AnySchema | undefined>({ ...(types as Types) }))
    if (schema !== undefined) schemas.set(type, schema);
  const expects = [...schemas.values()].map((schema) => schema.expects).join(', or ');
  return {
    expects,
    facts: {},
    json: { anyOf: [...schemas.values()].map((schema) => schema.json) },
    read(input, cursor) {
      const type = Array.isArray(input) ? 'list' : input === null ? 'null' : typeof input;
      const schema = schemas.get(type);
      if (schema === undefined) return cursor.report(wrongType(expects, input));
      // A choice among the texts knows nothing of the numbers that would do as well.
      const all = cursor.amended((fault) =>
        fault.code === 'not-a-choice'
          ? { ...wrongChoice(expects, input), cure: cureOf(fault, expects) }
          : fault,
      );
      // The schema is one of T, so what it returns is one of their models.
      return schema.read(input, all) as ModelOf<T[keyof T]> | Invalid;
    },
  };
}

/** Reads by `schema`, then changes or judges the model; `change` may report and return INVALID. */
export function refined<I, M, R>(
  schema: Schema<I, M>,
  change: (model: M, cursor: Cursor) => R | Invalid,
): Schema<I, R> {
  const { expects, facts, json } = schema;
  return {
    expects,
    facts,
    json,
    read(input, cursor) {
      const model = schema.read(input, cursor);
      return model === INVALID ? INVALID : change(model, cursor);
    },
  };
}

/** A text that the part which knows its kind judges after reading: see `JudgedKind`. */
export function judged<I>(schema: Schema<I, string>, kind: JudgedKind): Schema<I, string> {
  return refined(schema, (text, cursor) => {
    cursor.judges(kind, text);
    return text;
  });
}

/**
 * An option that the types know but this version does not serve: always a problem, so that nobody
 * believes it to be in force. What is written is not looked at: it is to go anyway.
 */
export function notAvailable<I>(
  schema: Schema<I>,
  what: string,
  cure: string,
): Schema<I, undefined> {
  const { expects, facts, json } = schema;
  return {
    expects,
    facts,
    json: { ...json, $comment: `${what} is not available in this version` },
    read: (_input, cursor) =>
      cursor.report({
        code: 'not-available',
        message: `${what} is not available in this version`,
        cure,
      }),
  };
}
