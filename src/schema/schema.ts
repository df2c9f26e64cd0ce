/**
 * A schema describes one value: what its author may write (`I`), what the program works with (`M`,
 * the model: defaults filled, units converted, paths absolute), and the facts that documentation,
 * JSON Schema and forms need. Reading never stops at the first fault: it reports to its cursor and
 * goes on, so that one run shows everything that is wrong.
 */
import { type Fault, type Path, type Position, type Problem, renderPath } from './problem.ts';

/** What `read` returns for a value that it reported as faulty. */
export const INVALID: unique symbol = Symbol('invalid');

/** Marks a model that could not be made; why has been reported to the cursor. */
export type Invalid = typeof INVALID;

/** Facts of an option for documentation and forms; all in the notation of the author. */
export interface Facts {
  /** The unit of a plain number: `bytes per second`, `connections`. */
  readonly unit?: string;
  /** Smallest value, included. */
  readonly minimum?: number | string;
  /** Largest value, included. */
  readonly maximum?: number | string;
  /** What stands when the option is absent. */
  readonly default?: unknown;
}

/** A fragment of JSON Schema, draft 2020-12. */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Describes values written as `I` and used as `M`. */
export interface Schema<I, M = unknown> {
  /** The value in words, as it stands after "expected": `a duration such as "30s"`. */
  readonly expects: string;
  readonly facts: Facts;
  readonly json: JsonSchema;
  /** Reads a value; reports what is wrong to the cursor and returns `INVALID` for it. */
  readonly read: (input: unknown, cursor: Cursor) => M | Invalid;
  /**
   * Never set: makes `I` count in type checks. A function of `I` to `I`, so that neither a wider
   * nor a narrower schema passes for the type that an interface declares.
   */
  readonly '~input'?: (value: I) => I;
}

/** A schema whatever it describes; `InputOf` and `ModelOf` tell what that is. */
export type AnySchema = Omit<Schema<never>, '~input'> & { readonly '~input'?: unknown };

/** What the author of a value described by `S` writes. */
export type InputOf<S> = S extends Schema<infer I> ? I : never;

/** What a program gets for a value described by `S`. */
export type ModelOf<S> = S extends { readonly read: (...args: never[]) => infer R }
  ? Exclude<R, Invalid>
  : never;

/** A file or directory that a configuration names; whether it exists is checked afterwards. */
export interface PathUse {
  readonly path: Path;
  /** Absolute. */
  readonly absolute: string;
  /** What must be there; a log is made where it is not, and has to be writable. */
  readonly kind: 'file' | 'directory' | 'log';
}

/**
 * Texts whose meaning only running parts know: a template holds variables, and not every field of an
 * answer may be changed.
 */
export type JudgedKind = 'template' | 'changed-field';

/** A text that is to be judged by the part that knows its kind, after reading. */
export interface Judged {
  readonly path: Path;
  readonly kind: JudgedKind;
  readonly text: string;
}

/** Where an input comes from. */
export interface Place {
  /** Absolute directory that relative paths start from. */
  readonly directory: string;
  /** Absolute path of the file, if it is one. */
  readonly file?: string;
  /** Finds the place in the file of the deepest known value on a path. */
  readonly locate?: (path: Path) => Position | undefined;
}

interface Reading {
  readonly place: Place;
  readonly root: unknown;
  readonly problems: Problem[];
  readonly paths: PathUse[];
  readonly judged: Judged[];
}

/** What becomes of a fault of one value: another fault in its place, or undefined for none. */
type Amend = (fault: Fault) => Fault | undefined;

/** Adds a place to a fault. */
export function problemAt(place: Place, path: Path, fault: Fault): Problem {
  const position = place.locate?.(path);
  return {
    path,
    object: renderPath(path),
    message: fault.message,
    cure: fault.cure,
    code: fault.code,
    ...(place.file === undefined ? undefined : { file: place.file }),
    ...(position === undefined ? undefined : position),
  };
}

/** The place in the input that is being read, and where problems with it are reported. */
export class Cursor {
  readonly path: Path;
  readonly #reading: Reading;
  readonly #amend: Amend | undefined;

  constructor(reading: Reading, path: Path, amend?: Amend) {
    this.#reading = reading;
    this.path = path;
    this.#amend = amend;
  }

  /** The cursor of a value inside this one. */
  at(segment: string | number): Cursor {
    return new Cursor(this.#reading, [...this.path, segment]);
  }

  /**
   * The cursor of this same value for a reader who knows less about it: `amend` words its faults anew
   * or drops them. Faults of values inside stay as they are.
   */
  amended(amend: Amend): Cursor {
    const outer = this.#amend;
    return new Cursor(this.#reading, this.path, (fault) => {
      const own = amend(fault);
      return own === undefined || outer === undefined ? own : outer(own);
    });
  }

  /** Whether a schema would take a value at this place; nothing is reported. */
  accepts(schema: Pick<Schema<never>, 'read'>, input: unknown): boolean {
    const { place, root } = this.#reading;
    const reading: Reading = { place, root, problems: [], paths: [], judged: [] };
    const model = schema.read(input, new Cursor(reading, this.path));
    return model !== INVALID && reading.problems.length === 0;
  }

  /** The whole input; references look up their names in it. */
  get root(): unknown {
    return this.#reading.root;
  }

  /** Absolute directory that relative paths start from. */
  get directory(): string {
    return this.#reading.place.directory;
  }

  /** Reports a fault of the value at this place. */
  report(fault: Fault): Invalid {
    const said = this.#amend === undefined ? fault : this.#amend(fault);
    if (said !== undefined)
      this.#reading.problems.push(problemAt(this.#reading.place, this.path, said));
    return INVALID;
  }

  /** Notes a file or directory that must exist. */
  needs(kind: PathUse['kind'], absolute: string): void {
    this.#reading.paths.push({ path: this.path, absolute, kind });
  }

  /** Notes a text that the part which knows its kind judges later. */
  judges(kind: JudgedKind, text: string): void {
    this.#reading.judged.push({ path: this.path, kind, text });
  }
}

/** What reading a whole input comes to: a model, or every problem. */
export type Resolution<M> = {
  readonly paths: readonly PathUse[];
  readonly judged: readonly Judged[];
} & (
  | { readonly model: M; readonly problems?: undefined }
  | { readonly model?: undefined; readonly problems: readonly Problem[] }
);

/**
 * Reads an input against a schema. The model is frozen throughout; it is plain data, except that
 * its records have no prototype, so that no name finds `constructor` in them. Whether the returned
 * paths exist is for `checkPaths` to say, and what the judged texts mean for the parts that know them.
 */
export function resolve<M>(
  schema: Pick<Schema<never, M>, 'read'>,
  input: unknown,
  place: Place,
): Resolution<M> {
  const reading: Reading = { place, root: input, problems: [], paths: [], judged: [] };
  const model = schema.read(input, new Cursor(reading, []));
  const { problems, paths, judged } = reading;
  if (model === INVALID || problems.length > 0) return { problems, paths, judged };
  return { model: freeze(model), paths, judged };
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) freeze(inner);
  return Object.freeze(value);
}
