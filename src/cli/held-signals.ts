/**
 * Signals that come before there is a server to act on them. Left alone, HUP, QUIT and USR2 end the process while it starts,
 * and USR1, sent by whoever rotates logs, makes Node open its debugger, through which every user of the machine
 * could run programs here.
 */
const HELD = ['SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

/** End the process as ever, until it has made something that it would leave behind. */
const ENDING = ['SIGINT', 'SIGTERM'] as const;

/** Keeps what comes until somebody listens, and then tells it in the order in which it came. */
export class HeldSignals {
  readonly #came: NodeJS.Signals[] = [];
  #end: () => void = () => {};

  constructor() {
    for (const signal of HELD) process.on(signal, this.#hold);
  }

  readonly #hold = (signal: NodeJS.Signals): void => {
    if (!this.#came.includes(signal)) this.#came.push(signal);
  };

  /** From now on INT and TERM call back instead of ending the process, until `release`. */
  endWith(callback: () => void): void {
    this.#end = callback;
    for (const signal of ENDING) process.on(signal, callback);
  }

  /** Hands those that came, each once, to the listeners that there are by now, which get all later ones at once. */
  release(): void {
    for (const signal of HELD) process.off(signal, this.#hold);
    for (const signal of ENDING) process.off(signal, this.#end);
    for (const signal of this.#came.splice(0)) process.emit(signal, signal);
  }
}
