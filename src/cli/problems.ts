import { formatProblems } from '../config/index.ts';
import { printError } from './terminal.ts';

/** What is wrong with a configuration. */
export type Problems = Parameters<typeof formatProblems>[0];

/** Prints problems the way every command does. */
export function printProblems(problems: Problems): void {
  printError(
    formatProblems(problems, {
      color: process.stderr.isTTY && process.env['NO_COLOR'] === undefined,
      width: process.stderr.columns,
      directory: process.cwd(),
    }),
  );
}
