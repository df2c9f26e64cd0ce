/**
 * Variables: names in a configuration that stand for a fact of the request. A name is looked up once,
 * at load, and becomes a `Variable`; at run time there are no names. What is costly to find, or has to
 * stay the same for the whole request, is kept in a slot of its context.
 */
import { nearestNames, type Parsed } from '../schema/index.ts';
import type { Context } from './handler.ts';

/** How the value of a variable is found: latin1 bytes, or null where the request has none. */
export type Evaluate = (context: Context) => string | null;

/** One variable as the part that knows it defines it. */
export interface VariableDefinition {
  /** Without the dollar sign, in lower case. */
  readonly name: string;
  /** Whether the first value found in a request stays for all of it; else it is found each time. */
  readonly cached?: boolean;
  /** Told when the configuration first uses the name, so that only then is gathered what it shows. */
  readonly onUse?: () => void;
  readonly evaluate: Evaluate;
}

/** Variables whose names share a beginning, such as `http_user_agent`. */
export interface VariableFamily {
  /** The beginning, in lower case with its underscore: `http_`. */
  readonly prefix: string;
  /** Makes the definition for the rest of a name, in lower case and not empty. */
  define(rest: string): Evaluate;
}

/** A name that was looked up, ready to be read, and for declared ones written, in any request. */
export class Variable {
  readonly name: string;
  readonly #slot: number;
  readonly #evaluate: Evaluate;

  /** A `slot` of -1 keeps nothing. */
  constructor(name: string, slot: number, evaluate: Evaluate) {
    this.name = name;
    this.#slot = slot;
    this.#evaluate = evaluate;
  }

  /** The value for this request, or null for none. */
  read(context: Context): string | null {
    if (this.#slot === -1) return this.#evaluate(context);
    const values = (context.values ??= []);
    const known = values[this.#slot];
    if (known !== undefined) return known;
    return (values[this.#slot] = this.#evaluate(context));
  }

  /** Gives the variable a value for the rest of this request (nginx `set`). Only for declared ones. */
  write(context: Context, value: string | null): void {
    if (this.#slot === -1) throw new TypeError(`$${this.name} cannot be given a value`);
    (context.values ??= [])[this.#slot] = value;
  }
}

/** All variables of one model of the configuration. */
export class Variables {
  readonly #definitions = new Map<string, VariableDefinition>();
  readonly #families: readonly VariableFamily[];
  readonly #found = new Map<string, Variable>();
  readonly #declared = new Map<string, Variable>();
  #slots = 0;

  /** Throws a `TypeError` for a name that two parts define: that is a defect of the program. */
  constructor(definitions: readonly VariableDefinition[], families: readonly VariableFamily[]) {
    for (const definition of definitions) {
      if (this.#definitions.has(definition.name)) {
        throw new TypeError(`The variable $${definition.name} is defined twice`);
      }
      this.#definitions.set(definition.name, definition);
    }
    this.#families = families;
  }

  /**
   * Makes a variable that the configuration itself gives values to; null until one is given. The same
   * name gives the same variable. A name that has a meaning already is refused.
   */
  declare(written: string): Parsed<Variable> {
    const name = written.toLowerCase();
    const known = this.#declared.get(name);
    if (known !== undefined) return { value: known };
    const variable = new Variable(name, this.#slots, () => null);
    const result = this.#add(variable);
    if ('value' in result) {
      this.#slots++;
      this.#declared.set(name, variable);
    }
    return result;
  }

  /** Adds a definition that comes from the configuration; a name that has a meaning already is refused. */
  define(definition: VariableDefinition): Parsed<Variable> {
    const { name, evaluate } = definition;
    return this.#add(new Variable(name, definition.cached === true ? this.#slots++ : -1, evaluate));
  }

  #add(variable: Variable): Parsed<Variable> {
    const { name } = variable;
    const isFamily = this.#families.some(({ prefix }) => name.startsWith(prefix));
    if (isFamily || this.#definitions.has(name) || this.#found.has(name)) {
      return { message: `$${name} has a meaning already`, cure: 'Choose another name' };
    }
    this.#found.set(name, variable);
    return { value: variable };
  }

  /** The variable called `name`, without the dollar sign, in any letter case. */
  find(name: string): Parsed<Variable> {
    const known = this.#found.get(name);
    if (known !== undefined) return { value: known };
    const key = name.toLowerCase();
    const variable = this.#found.get(key) ?? this.#make(key);
    if (variable === null) return this.#unknown(name);
    this.#found.set(key, variable);
    return { value: variable };
  }

  #make(name: string): Variable | null {
    const definition = this.#definitions.get(name);
    if (definition !== undefined) {
      const slot = definition.cached === true ? this.#slots++ : -1;
      definition.onUse?.();
      return new Variable(name, slot, definition.evaluate);
    }
    for (const family of this.#families) {
      if (!name.startsWith(family.prefix) || name.length === family.prefix.length) continue;
      return new Variable(name, -1, family.define(name.slice(family.prefix.length)));
    }
    return null;
  }

  #unknown(name: string): { message: string; cure: string } {
    const key = name.toLowerCase();
    const known = [...this.#definitions.keys(), ...this.#found.keys()];
    // Of a family only the beginning can be wrong: `$htpp_referer`.
    for (const { prefix } of this.#families) {
      const end = endOfWords(key, prefix.split('_').length - 1);
      if (end > 0 && end < key.length) known.push(prefix + key.slice(end));
    }
    const near = nearestNames(key, known, NEAR_NAMES).map((other) => `$${other}`);
    const guess = near.length === 0 ? '' : `Did you mean ${near.join(' or ')}? `;
    return {
      message: `There is no variable $${name}`,
      cure: `${guess}All variables are in docs/reference/variables.md`,
    };
  }

  /** Names of all defined variables, and beginnings of families as `http_*`, for documentation. */
  names(): readonly string[] {
    const families = this.#families.map(({ prefix }) => `${prefix}*`);
    return [...this.#definitions.keys(), ...families].toSorted();
  }
}

/** How many known names are named for one that is not known. */
const NEAR_NAMES = 3;

/** Where the `count`th word of a name ends, behind its underscore; 0 where it has fewer. */
function endOfWords(name: string, count: number): number {
  let end = 0;
  for (let word = 0; word < count; word++) {
    end = name.indexOf('_', end) + 1;
    if (end === 0) return 0;
  }
  return end;
}
