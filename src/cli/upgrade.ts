/** Starts the program that is on the disk now beside the one that runs, on the same listening sockets (USR2). */
import { spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import { type InheritedSocket, inheritanceText, SOCKETS_VARIABLE } from '../supervisor/index.ts';
import { BACKGROUND_VARIABLE, type FromBackground, isInBackground } from './background.ts';

/** The first descriptor behind standard input, output and error: a pipe with the list of the sockets, which follow. */
const LIST_DESCRIPTOR = 3;

/** A program that runs beside this one. */
export interface Upgrade {
  /** Undefined where it could not be started, which `onEnd` hears. */
  readonly pid: number | undefined;
}

/** What becomes of the program beside this one. */
export interface UpgradeWatch {
  /**
   * It has ended before this one did, so that this one is the only one again: how, and whether somebody wanted it to.
   */
  readonly onEnd: (how: string, wanted: boolean) => void;
  /** It said what is wrong, before it serves. In the background alone: elsewhere it has the terminal of this one. */
  readonly onComplaint: (text: string) => void;
}

/** What this program was started with; tests have their own. */
const SAME_WORDS = {
  words: [...process.execArgv, ...process.argv.slice(1)],
  background: isInBackground,
};

/** Starts the program anew as this one was started. Throws the system's error where nothing could be started at all. */
export function startUpgrade(
  sockets: readonly InheritedSocket[],
  { onEnd, onComplaint }: UpgradeWatch,
  { words, background } = SAME_WORDS,
): Upgrade {
  const handed = sockets.map((socket, index) => ({ ...socket, fd: LIST_DESCRIPTOR + 1 + index }));
  const child = spawn(process.execPath, words, {
    stdio: [
      ...(['inherit', 'inherit', 'inherit', 'pipe'] as const),
      ...sockets.map(({ fd }) => fd),
      ...(background ? (['ipc'] as const) : []),
    ],
    // The list itself would be too long for the environment where there are many.
    env: {
      ...process.env,
      [SOCKETS_VARIABLE]: String(LIST_DESCRIPTOR),
      ...(background ? { [BACKGROUND_VARIABLE]: '1' } : {}),
    },
  });
  child.on('message', (message) => {
    // The other end of this channel is `background.ts` of that program.
    const said = message as FromBackground;
    if ('isError' in said && said.isError) onComplaint(said.text);
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
  child.channel?.unref();
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
