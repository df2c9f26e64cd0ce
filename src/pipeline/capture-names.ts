/**
 * Variables for the named groups of regular expressions: `(?<site>...)` in a route or in the name of a
 * host makes `$site`, as in nginx. A group of the location's expression goes before one of the host's.
 */
import type { Context } from './handler.ts';
import type { Variables } from './variables.ts';

const GROUP = /\\[\s\S]|\(\?<([^>=!]+)>/g;

/** The names of one model of the configuration, gathered while its expressions are compiled. */
export class CaptureNames {
  readonly #variables: Variables;
  /** Spellings in expressions, by the name of the variable, which has no letter case. */
  readonly #spellings = new Map<string, string[]>();

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  /** Makes the variables for the groups of one expression; says which names have a meaning already. */
  add(source: string): readonly { readonly message: string; readonly cure: string }[] {
    const refused: { message: string; cure: string }[] = [];
    for (const [, name] of source.matchAll(GROUP)) {
      if (name === undefined) continue;
      const key = name.toLowerCase();
      const spellings = this.#spellings.get(key);
      if (spellings !== undefined) {
        if (!spellings.includes(name)) spellings.push(name);
        continue;
      }
      const own = [name];
      const made = this.#variables.define({ name: key, evaluate: (context) => read(context, own) });
      if ('value' in made) this.#spellings.set(key, own);
      else refused.push({ message: made.message, cure: made.cure });
    }
    return refused;
  }
}

function read({ groups, hostMatch }: Context, spellings: readonly string[]): string | null {
  for (const name of spellings) {
    const value = groups?.[name] ?? hostMatch?.groups?.[name];
    if (value !== undefined) return value;
  }
  return null;
}
