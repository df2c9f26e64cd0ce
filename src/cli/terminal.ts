import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { tellStarter } from './background.ts';

// A terminal that was closed, or a reader that went away, is no reason to stop serving.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

/** Writes text for the person at the terminal, or for the pipe in its place. */
export function print(text: string): void {
  if (!tellStarter(text, false)) process.stdout.write(text);
}

/** Writes text that is no result: problems, and what went wrong. */
export function printError(text: string): void {
  if (!tellStarter(text, true)) process.stderr.write(text);
}

/** Whether a person started this at a terminal; false for a service and behind a pipe. Asked before it can be closed. */
export function isAtTerminal(): boolean {
  return isatty(0);
}

/** Whether there is a terminal at all whose keys and changes reach this process, whatever its input is. */
export function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

const PARENT_LOOK_MS = 500;

/** Calls back once the process that started this one is gone. Never on Windows, which keeps its number. */
export function endOfParent(callback: () => void): void {
  const parent = process.ppid;
  const look = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(look);
    callback();
  }, PARENT_LOOK_MS);
  look.unref();
}
