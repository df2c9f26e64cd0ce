/**
 * Tells systemd how the service is doing (sd_notify(3)), so that `systemctl start` and `systemctl reload` return when
 * the work is done. Node has no datagram sockets of the kind that this takes; systemd's own program does it.
 */
import { spawn } from 'node:child_process';

/** What systemd is told. */
export type ServiceState = 'ready' | 'reloading' | 'stopping';

/** Runs a program in the environment of the service; `onEnd` hears, once, that it is over or could not be started. */
export type RunProgram = (program: string, words: readonly string[], onEnd: () => void) => void;

/** See the head of this file. */
export class ServiceManager {
  readonly #run: RunProgram;
  readonly #isThere: boolean;
  // What is told by programs that run side by side arrives in any order: the second waits for the end of the first.
  readonly #waiting: (readonly string[])[] = [];
  #tells = false;

  constructor(environment: NodeJS.ProcessEnv, run: RunProgram = start) {
    this.#run = run;
    this.#isThere = environment['NOTIFY_SOCKET'] !== undefined;
  }

  /** Tells a state and, for a person who asks `systemctl status`, a line about it. Does nothing without systemd. */
  tell(state: ServiceState, line: string): void {
    if (!this.#isThere) return;
    const words = [`STATUS=${line}`];
    if (state === 'ready') words.push('READY=1', `MAINPID=${process.pid}`);
    if (state === 'stopping') words.push('STOPPING=1');
    if (state === 'reloading') {
      // systemd wants to know since when, to tell this reload from the one before.
      words.push('RELOADING=1', `MONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
    }
    this.#waiting.push([`--pid=${process.pid}`, ...words]);
    if (!this.#tells) this.#tellNext();
  }

  #tellNext(): void {
    const words = this.#waiting.shift();
    this.#tells = words !== undefined;
    if (words === undefined) return;
    this.#run('systemd-notify', words, () => {
      this.#tellNext();
    });
  }
}

function start(program: string, words: readonly string[], onEnd: () => void): void {
  const child = spawn(program, words, { stdio: 'ignore' });
  // Without the program there is nobody to tell.
  child.on('error', onEnd);
  child.on('exit', onEnd);
  child.unref();
}
