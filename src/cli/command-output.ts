import { print, printError } from './terminal.ts';

/** Where a command writes, and what it may write there. */
export interface CommandOutput {
  /** Results. */
  readonly print: (text: string) => void;
  /** Problems. */
  readonly printError: (text: string) => void;
  /** Whether a person sees it come, so that lines may be written over. */
  readonly isTerminal: boolean;
  readonly colour: boolean;
}

/** Standard output and error: coloured at a terminal, unless NO_COLOR (no-color.org) is set or it is too simple. */
export function terminalOutput(): CommandOutput {
  const isTerminal = process.stdout.isTTY && process.env['TERM'] !== 'dumb';
  // Set, and not empty.
  const colour = isTerminal && (process.env['NO_COLOR'] ?? '') === '';
  return { print, printError, isTerminal, colour };
}
