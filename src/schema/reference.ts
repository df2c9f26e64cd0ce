/** Names and files that must exist elsewhere. */
import { resolve } from 'node:path';
import { isPlainObject, ownValue } from './plain.ts';
import { nearest } from './nearest.ts';
import type { Fault } from './problem.ts';
import { string, wrongType } from './scalars.ts';
import { INVALID, type PathUse, type Schema } from './schema.ts';

/** A record beside the one that is meant, whose names somebody may take for those of the other. */
export interface SimilarRecord {
  readonly recordKey: string;
  /** What an entry of it is good for, as an author would say it: `limitConnections`. */
  readonly use: string;
}

/**
 * The name of an entry in a record at the top of the input: a route's upstream in `upstreams`. A name that only `similar`
 * has is told as such.
 */
export function reference(
  recordKey: string,
  noun: string,
  similar?: SimilarRecord,
): Schema<string, string> {
  const expects = `the name of an entry in ${recordKey}`;
  return {
    expects,
    facts: {},
    json: { type: 'string', minLength: 1 },
    read(input, cursor) {
      if (typeof input !== 'string') return cursor.report(wrongType(expects, input));
      const recordOf = (key: string): unknown =>
        isPlainObject(cursor.root) ? ownValue(cursor.root, key) : undefined;
      const target = recordOf(recordKey);
      if (isPlainObject(target) && ownValue(target, input) !== undefined) return input;
      const other = similar === undefined ? undefined : recordOf(similar.recordKey);
      if (similar !== undefined && isPlainObject(other) && ownValue(other, input) !== undefined)
        return cursor.report({
          code: 'unknown-reference',
          message: `${JSON.stringify(input)} is an entry of ${similar.recordKey}, and no ${noun}`,
          cure: `Use it in ${similar.use}, or add ${JSON.stringify(input)} to ${recordKey}`,
        });
      if (!isPlainObject(target)) return cursor.report(unknown(input, recordKey, noun, []));
      const names = Object.keys(target).filter((name) => target[name] !== undefined);
      return cursor.report(unknown(input, recordKey, noun, names));
    },
  };
}

function unknown(name: string, recordKey: string, noun: string, names: readonly string[]): Fault {
  const near = nearest(name, names);
  let cure = `Did you mean ${JSON.stringify(near)}?`;
  if (near === undefined && names.length > 0 && names.length <= 10)
    cure = `Known are ${names.map((known) => JSON.stringify(known)).join(', ')}`;
  else if (near === undefined) cure = `Add ${JSON.stringify(name)} to ${recordKey}`;
  // An address in the place of the name.
  if (name.includes(':'))
    cure = `Put the address into an entry of ${recordKey}, and write its name here`;
  return {
    code: 'unknown-reference',
    message: `There is no ${noun} ${JSON.stringify(name)}`,
    cure,
  };
}

/**
 * A path of the file system; a relative one starts from the directory of the configuration file.
 * The model is absolute. With `exists`, the path is noted for `checkPaths`.
 */
export function path(options: { readonly exists?: PathUse['kind'] } = {}): Schema<string, string> {
  const inner = string();
  return {
    ...inner,
    expects: options.exists === undefined ? 'a path' : `the path of a ${options.exists}`,
    read(input, cursor) {
      const written = inner.read(input, cursor);
      if (written === INVALID) return INVALID;
      const absolute = resolve(cursor.directory, written);
      if (options.exists !== undefined) cursor.needs(options.exists, absolute);
      return absolute;
    },
  };
}
