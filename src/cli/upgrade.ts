/** Starts the program that is on the disk now beside the one that runs, on the same listening sockets (USR2). */
import { spawn } from 'node:child_process';
import { type InheritedSocket, SOCKETS_VARIABLE } from '../supervisor/index.ts';

/** The first descriptor behind standard input, output and error. */
const FIRST_DESCRIPTOR = 3;

/** A program that runs beside this one. */
export interface Upgrade {
  readonly pid: number;
}

/**
 * Starts the program anew with the words of this one. `onEnd` hears when it ends before this one does, so that this one
 * is the only one again.
 */
export function startUpgrade(
  sockets: readonly InheritedSocket[],
  onEnd: (how: string) => void,
): Upgrade {
  const handed = sockets.map((socket, index) => ({ ...socket, fd: FIRST_DESCRIPTOR + index }));
  const child = spawn(process.execPath, [...process.execArgv, ...process.argv.slice(1)], {
    stdio: ['inherit', 'inherit', 'inherit', ...sockets.map(({ fd }) => fd)],
    env: { ...process.env, [SOCKETS_VARIABLE]: JSON.stringify(handed) },
  });
  let over = false;
  const end = (how: string): void => {
    if (over) return;
    over = true;
    onEnd(how);
  };
  child.on('error', (error) => {
    end(`could not be started: ${error.message}`);
  });
  child.on('exit', (code, signal) => {
    end(signal === null ? `ended with status ${code}` : `was ended by ${signal}`);
  });
  child.unref();
  return { pid: child.pid ?? 0 };
}
