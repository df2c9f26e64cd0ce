/** Lists, and records from free names to values. */
import { isPlainObject } from './plain.ts';
import { type Fault, renderValue } from './problem.ts';
import { wrongType } from './scalars.ts';
import { INVALID, type JudgedKind, type Schema } from './schema.ts';

/** How few items are allowed, and what messages call one. */
export interface ListOptions {
  /** Smallest number of items; 0 unless said. */
  readonly min?: number;
  /** What one item is called in messages: `server`. */
  readonly noun?: string;
}

/** Any number of values of one schema; each faulty item is reported, not only the first. */
export function list<I, M>(
  item: Schema<I, M>,
  options: ListOptions = {},
): Schema<readonly I[], readonly M[]> {
  const expects = `a list, each item ${item.expects}`;
  const min = options.min ?? 0;
  return {
    expects,
    facts: {},
    json: { type: 'array', items: item.json, ...(min > 0 ? { minItems: min } : undefined) },
    read(input, cursor) {
      if (!Array.isArray(input))
        return cursor.report({
          ...wrongType('a list', input),
          cure:
            typeof input !== 'object' && cursor.accepts(item, input)
              ? `Put it in brackets: [${renderValue(input)}]`
              : `Write ${expects}`,
        });
      const model: M[] = [];
      let valid = true;
      // Not `map`: it would skip the holes of a list such as [80,,443].
      for (let index = 0; index < input.length; index++) {
        const value = item.read(input[index], cursor.at(index));
        if (value === INVALID) valid = false;
        else model.push(value);
      }
      if (input.length < min)
        return cursor.report({
          code: 'out-of-range',
          message: `The list holds ${input.length} of at least ${min} items`,
          cure: `Add a ${options.noun ?? 'value'}`,
        });
      return valid ? model : INVALID;
    },
  };
}

/** Judges a name of a record: undefined if it is good. */
export type NameCheck = (name: string) => Fault | undefined;

/** What the names of a record must be. */
export interface RecordOptions {
  /** Judges each name; every name is good unless said. */
  readonly name?: NameCheck;
  /** The kind as which the part that knows it judges good names after reading. */
  readonly judges?: JudgedKind;
}

/**
 * Free names, each with a value of one schema. The model has no prototype, so that a look-up of
 * `constructor` or `__proto__` finds only what the author wrote.
 */
export function record<I, M>(
  value: Schema<I, M>,
  options: RecordOptions = {},
): Schema<{ readonly [name: string]: I }, { readonly [name: string]: M }> {
  const expects = 'an object';
  return {
    expects,
    facts: {},
    json: { type: 'object', additionalProperties: value.json },
    read(input, cursor) {
      if (!isPlainObject(input)) return cursor.report(wrongType(expects, input));
      const model: Record<string, M> = Object.create(null) as Record<string, M>;
      let valid = true;
      for (const [name, written] of Object.entries(input)) {
        if (written === undefined) continue;
        const fault = options.name?.(name);
        if (fault !== undefined) {
          cursor.at(name).report(fault);
          valid = false;
        } else if (options.judges !== undefined) {
          cursor.at(name).judges(options.judges, name);
        }
        const read = value.read(written, cursor.at(name));
        if (read === INVALID) valid = false;
        else model[name] = read;
      }
      return valid ? model : INVALID;
    },
  };
}
