/** Regular expressions in a configuration: JavaScript syntax, subjects are latin1 byte strings. */
import type { Fault } from './problem.ts';

/** Undefined for an expression that compiles, or the fault with the engine's reason. */
export function regexFault(source: string): Fault | undefined {
  try {
    // Compiling is the check.
    void new RegExp(source);
    return undefined;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    // V8 says "Invalid regular expression: /(/: Unterminated group": the reason stands last.
    const reason = said.slice(said.lastIndexOf(': ') + 2);
    return {
      code: 'wrong-form',
      message: `The regular expression ${JSON.stringify(source)} is not valid: ${reason}`,
      cure: 'Correct the expression; the syntax is that of JavaScript, and a backslash in a TypeScript or JSON text is written twice',
    };
  }
}
