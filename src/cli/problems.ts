import { formatProblems } from '../config/index.ts';
import { printError } from './terminal.ts';

/** What is wrong with a configuration. */
export type Problems = Parameters<typeof formatProblems>[0];

/** Prints problems the way every command does. */
export function printProblems(problems: Problems): void {
  const color = process.stderr.isTTY && process.env['NO_COLOR'] === undefined;
  printError(problemsText(problems, { color, width: process.stderr.columns }));
}

/** Problems as text, with paths from the working directory; as wide as they are unless a width is given. */
export function problemsText(
  problems: Problems,
  { color, width }: { readonly color: boolean; readonly width?: number | undefined },
): string {
  const directory = process.cwd();
  return formatProblems(problems, { color, directory, ...(width === undefined ? {} : { width }) });
}
