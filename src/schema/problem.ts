/**
 * What is wrong with an input, said so that the person who wrote it can mend it: which object,
 * where, why, and the cure. Problems are plain data, so that they cross threads and the admin API.
 */

/** The way from the root of an input to one of its values: keys of objects, indexes of lists. */
export type Path = readonly (string | number)[];

/** A place in a text: both count from 1; columns count UTF-16 units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One thing wrong with an input. */
export interface Problem {
  /** Where in the input; empty for the input as a whole. */
  readonly path: Path;
  /** `path` as it is written in TypeScript: `sites["x"].routes["/a"].proxy`. */
  readonly object: string;
  /** What is wrong, without a final period. */
  readonly message: string;
  /** What the author can do about it. */
  readonly cure: string;
  /** Stable name of the kind of problem: `unknown-key`, `out-of-range`. */
  readonly code: ProblemCode;
  /** Absolute path of the file that holds the fault, where there is one. */
  readonly file?: string;
  /** Line in `file`, from 1; absent where it is not known. */
  readonly line?: number;
  /** Column in `file`, from 1; absent where it is not known. */
  readonly column?: number;
  /** Worth knowing, but it keeps nothing from being served; absent for all that does. */
  readonly isNote?: true;
}

/** A problem before its place is known; readers of single values return it. */
export interface Fault {
  readonly code: ProblemCode;
  readonly message: string;
  readonly cure: string;
}

/** What a check beside the schema reports; the file and the line are found by whoever has the input. */
export interface PlacedFault {
  readonly path: Path;
  readonly fault: Fault;
  /** As in `Problem`. */
  readonly isNote?: true;
}

/** Every kind of problem that reading an input can report, with its meaning. */
export const PROBLEM_CODES = {
  'wrong-type': 'The value is of another type than the option takes',
  'wrong-form': 'The text does not have the form that the option takes',
  'out-of-range': 'The number, size or duration lies outside the range of the option',
  'not-a-choice': 'The value is not one of the values that the option takes',
  'unknown-key': 'The object has a key that no option has',
  'missing-key': 'A required option is absent',
  'no-action': 'An object that must say one of several things says none of them',
  'two-actions': 'An object that must say one of several things says more than one',
  'unknown-reference': 'The name does not exist in the record it refers to',
  'not-available': 'The option exists but this version does not serve it',
  'path-missing': 'A file or directory that must exist does not',
  'path-kind': 'A directory stands where a file is needed, or the reverse',
  certificate: 'A certificate or its key cannot be served',
  duplicate: 'The same thing is said twice where it may be said once',
  conflict: 'Two options contradict each other',
  syntax: 'The file cannot be parsed',
  unreadable: 'The file cannot be read, or its kind is not known',
  evaluation: 'The program that makes the configuration failed',
  'time-limit': 'The program that makes the configuration did not finish',
  log: 'A log cannot be opened',
  address: 'A listen address cannot be opened',
  'not-data': 'The configuration holds something that is not plain data',
} as const;

/** Stable name of a kind of problem: a key of `PROBLEM_CODES`. */
export type ProblemCode = keyof typeof PROBLEM_CODES;

const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;

/**
 * Writes a path as TypeScript would: `sites["example.com"].listen[0]`. Keys of records are usually
 * no identifiers, so they stand in brackets and quotes.
 */
export function renderPath(path: Path): string {
  let text = '';
  for (const segment of path) {
    if (typeof segment === 'number') text += `[${segment}]`;
    else if (IDENTIFIER.test(segment)) text += text === '' ? segment : `.${segment}`;
    else text += `[${JSON.stringify(segment)}]`;
  }
  return text;
}

/**
 * Shortens a value for a message: texts in quotes, at most 40 characters of them; objects and lists
 * by their kind only, because their content would bury the sentence.
 */
export function renderValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value.length > 40 ? `${value.slice(0, 39)}…` : value);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'boolean':
    case 'undefined':
      return String(value);
    case 'bigint':
      return `${value}n`;
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'a list' : 'an object';
  }
}
