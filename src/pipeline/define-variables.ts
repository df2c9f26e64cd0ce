/**
 * Tables of variables as the part that knows them writes them down: with each name its meaning, and
 * where it differs from nginx's variable of the same name. The reference page of variables is generated
 * from the calls of these two functions, so a variable cannot exist without its explanation.
 */
import type { Evaluate, VariableDefinition, VariableFamily } from './variables.ts';

/** What the reference page says about a variable or a family of them. */
interface Explained {
  /** What the value is, for somebody who knows the name; no full stop. */
  readonly means: string;
  /** How it differs from nginx's; `own` where nginx has none. Left out where it is the same. */
  readonly nginx?: string;
}

/** One variable in a table; see `VariableDefinition` for what is not said here. */
export interface VariableEntry extends Explained {
  readonly cached?: boolean;
  readonly evaluate: Evaluate;
}

/** One family in a table; see `VariableFamily`. */
export interface FamilyEntry extends Explained {
  readonly define: VariableFamily['define'];
}

/** The variables of a table by name. `onUse` is told when the configuration first uses any of them. */
export function defineVariables(
  table: Readonly<Record<string, VariableEntry>>,
  onUse?: () => void,
): readonly VariableDefinition[] {
  return Object.entries(table).map(([name, { cached, evaluate }]) => ({
    name,
    evaluate,
    ...(cached === undefined ? {} : { cached }),
    ...(onUse === undefined ? {} : { onUse }),
  }));
}

/** The families of a table by the beginning of their names, which ends in an underscore. */
export function defineFamilies(
  table: Readonly<Record<string, FamilyEntry>>,
): readonly VariableFamily[] {
  return Object.entries(table).map(([prefix, { define }]) => ({ prefix, define }));
}
