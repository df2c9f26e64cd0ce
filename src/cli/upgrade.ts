/** Starts the program that is on the disk now beside the one that runs, on the same listening sockets (USR2). */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { type InheritedSocket, inheritanceText, SOCKETS_VARIABLE } from '../supervisor/index.ts';

/** The first descriptor behind standard input, output and error: a pipe with the list of the sockets, which follow. */
const LIST_DESCRIPTOR = 3;

/** A program that runs beside this one. */
export interface Upgrade {
  /** Undefined where it could not be started, which `onEnd` hears. */
  readonly pid: number | undefined;
}

/**
 * Starts the program anew with the words of this one, or with `words`. `onEnd` hears when it ends before this one does,
 * so that this one is the only one again, and whether somebody wanted it to. Throws the system's error where nothing could be started at all.
 */
export function startUpgrade(
  sockets: readonly InheritedSocket[],
  onEnd: (how: string, wanted: boolean) => void,
  words: readonly string[] = [...process.execArgv, ...process.argv.slice(1)],
): Upgrade {
  const handed = sockets.map((socket, index) => ({ ...socket, fd: LIST_DESCRIPTOR + 1 + index }));
  const child = spawn(process.execPath, words, {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe', ...sockets.map(({ fd }) => fd)],
    // The list itself would be too long for the environment where there are many.
    env: { ...process.env, [SOCKETS_VARIABLE]: String(LIST_DESCRIPTOR) },
  });
  let over = false;
  const end = (how: string, wanted: boolean): void => {
    if (over) return;
    over = true;
    onEnd(how, wanted);
  };
  child.on('error', (error) => {
    end(`could not be started: ${error.message}`, false);
  });
  child.on('exit', (code, signal) => {
    end(signal === null ? `ended with status ${code}` : `was ended by ${signal}`, code === 0);
  });
  child.unref();
  // Node leaves it out where it had no descriptor left.
  const list = (child.stdio as typeof child.stdio | undefined)?.[LIST_DESCRIPTOR] as
    | Writable
    | null
    | undefined;
  // Who does not read it ends, which is told.
  list?.on('error', () => {});
  list?.end(inheritanceText(handed, process.pid));
  return { pid: child.pid };
}
