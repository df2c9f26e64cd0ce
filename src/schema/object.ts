/**
 * Objects with known keys. An unknown key is a problem with the nearest known key as its cure: a
 * misspelt option that is silently ignored is the worst kind of configuration fault.
 */
import { isPlainObject, ownValue } from './plain.ts';
import { nearest } from './nearest.ts';
import { wrongType } from './scalars.ts';
import { INVALID, type Invalid, type Schema } from './schema.ts';

/** Must a key be there, and what stands for it if not? */
export type Presence = 'required' | 'optional' | 'default';

/** One key of an object: its schema and whether it may be absent. */
export interface Field<I, M, P extends Presence = Presence> {
  readonly presence: P;
  readonly schema: Schema<I, M>;
  /** What is read when the key is absent, in the author's notation; only for `default`. */
  readonly fallback?: unknown;
}

/** The fields that describe the interface `O`: every key of it, and no other. */
export type FieldsOf<O> = {
  readonly [K in keyof O]-?: Field<
    Exclude<O[K], undefined>,
    unknown,
    object extends Pick<O, K> ? 'optional' | 'default' : 'required'
  >;
};

/** The model of an object of fields: absent optional keys are there, with the value undefined. */
export type ModelOfFields<F> = {
  readonly [K in keyof F]: F[K] extends {
    readonly presence: infer P;
    readonly schema: { readonly read: (...args: never[]) => infer R };
  }
    ? Exclude<R, Invalid> | (P extends 'optional' ? undefined : never)
    : never;
};

/** A schema of an object, whose fields can be looked at and joined with others. */
export interface ObjectSchema<O, F> extends Schema<O, ModelOfFields<F>> {
  readonly fields: F;
}

/** A key without which the object is refused. */
export function required<I, M>(schema: Schema<I, M>): Field<I, M, 'required'> {
  return { presence: 'required', schema };
}

/** A key that may be absent; the model then holds undefined. */
export function optional<I, M>(schema: Schema<I, M>): Field<I, M, 'optional'> {
  return { presence: 'optional', schema };
}

/** A key that stands for `fallback`, in the author's notation, when it is absent. */
export function withDefault<I, M>(
  schema: Schema<I, M>,
  fallback: NoInfer<I>,
): Field<I, M, 'default'> {
  return {
    presence: 'default',
    schema: { ...schema, facts: { ...schema.facts, default: fallback } },
    fallback,
  };
}

/**
 * An object with the keys of the interface `O`; written `object<Options>()({ … })` because
 * TypeScript infers either all type arguments or none. A missing or an extra field, or one of
 * another type, does not compile.
 */
export function object<O>(): <const F extends FieldsOf<O>>(
  fields: F & { readonly [K in Exclude<keyof F, keyof O>]: never },
) => ObjectSchema<O, F> {
  return (fields) => objectOf(fields);
}

/** Joins the keys of two objects into one, as an interface that extends both. */
export function both<A, FA, B, FB>(
  first: ObjectSchema<A, FA>,
  second: ObjectSchema<B, FB>,
): ObjectSchema<A & B, FA & FB> {
  return objectOf<A & B, FA & FB>({ ...first.fields, ...second.fields });
}

function entriesOf(fields: unknown): [string, Field<unknown, unknown>][] {
  // The type parameter of a field is checked where the object is declared; here any field will do.
  return Object.entries(fields as Record<string, Field<unknown, unknown>>);
}

function objectOf<O, F>(fields: F): ObjectSchema<O, F> {
  const entries = entriesOf(fields);
  const known = new Map(entries);
  const expects = 'an object';
  return {
    expects,
    facts: {},
    fields,
    json: {
      type: 'object',
      properties: Object.fromEntries(
        entries.map(([key, { schema, fallback }]) => [
          key,
          fallback === undefined ? schema.json : { ...schema.json, default: fallback },
        ]),
      ),
      required: entries.filter(([, { presence }]) => presence === 'required').map(([key]) => key),
      additionalProperties: false,
    },
    read(input, cursor) {
      if (!isPlainObject(input)) return cursor.report(wrongType(expects, input));
      let valid = true;
      for (const key of Object.keys(input)) {
        if (known.has(key) || input[key] === undefined) continue;
        valid = false;
        const near = nearest(key, known.keys());
        cursor.at(key).report({
          code: 'unknown-key',
          message: `Unknown key ${JSON.stringify(key)}`,
          cure:
            near === undefined
              ? `Known keys are ${[...known.keys()].join(', ')}`
              : `Did you mean ${JSON.stringify(near)}?`,
        });
      }
      const model: Record<string, unknown> = {};
      for (const [key, { presence, schema, fallback }] of entries) {
        const written = ownValue(input, key);
        if (written === undefined && presence === 'optional') {
          model[key] = undefined;
          continue;
        }
        if (written === undefined && presence === 'required') {
          valid = false;
          cursor.report({
            code: 'missing-key',
            message: `Missing key ${JSON.stringify(key)}`,
            cure: `Add ${key}: ${schema.expects}`,
          });
          continue;
        }
        const value = schema.read(written === undefined ? fallback : written, cursor.at(key));
        if (value === INVALID) valid = false;
        else model[key] = value;
      }
      // Every key of F was read above, by its own schema.
      return valid ? (model as ModelOfFields<F>) : INVALID;
    },
  };
}
