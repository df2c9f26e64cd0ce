/**
 * The whole terminal as a canvas. What was on it before comes back when it is left, whichever way: by a key, a signal,
 * an exception, or a call of `process.exit`.
 */

/** As much of standard input as it takes; `tty.ReadStream` is one. */
export interface KeySource {
  setRawMode(on: boolean): unknown;
  resume(): unknown;
  pause(): unknown;
  on(event: 'data' | 'end' | 'error', listener: (chunk: Buffer) => void): unknown;
  off(event: 'data' | 'end' | 'error', listener: (chunk: Buffer) => void): unknown;
}

/** As much of standard output as it takes; `tty.WriteStream` is one. */
export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly writableNeedDrain: boolean;
  write(text: string): unknown;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
}

/** As much of `process` as it takes. */
export interface ProcessEvents {
  readonly pid: number;
  kill(pid: number, signal: NodeJS.Signals): unknown;
  on(event: NodeJS.Signals | 'exit', listener: () => void): unknown;
  off(event: NodeJS.Signals | 'exit', listener: () => void): unknown;
}

/** Who is told what happens at the terminal. */
export interface ScreenListener {
  /** A key as the terminal sends it: `q`, `\u0003` for Ctrl-C; keys of several bytes, such as arrows, are left out. */
  onKey(key: string): void;
  /** The size is another, or what was drawn may be gone: draw again. */
  onRedraw(): void;
  /** The terminal is gone, or a signal came that ends the program; null for the first. */
  onEnd(signal: NodeJS.Signals | null): void;
}

const ESC = '\u001b';
// DECSET: alternate screen, cursor off, no wrapping of lines that are too long for once.
const ENTER = `${ESC}[?1049h${ESC}[?25l${ESC}[?7l${ESC}[2J`;
const LEAVE = `${ESC}[0m${ESC}[?7h${ESC}[?25h${ESC}[?1049l`;
const HOME = `${ESC}[H`;
const CLEAR_LINE = `${ESC}[K`;
// A terminal that knows it shows nothing until the picture is whole; others pass it over.
const BEGIN_PICTURE = `${ESC}[?2026h`;
const END_PICTURE = `${ESC}[?2026l`;
const CTRL_Z = '\u001a';
const ENDING = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'] as const;

/** See the head of this file. */
export class FullScreen {
  readonly #input: KeySource;
  readonly #output: Canvas;
  readonly #events: ProcessEvents;
  readonly #listener: ScreenListener;
  readonly #onSignal = new Map<NodeJS.Signals, () => void>();
  #isDrawing = false;
  #isOpen = false;

  constructor(input: KeySource, output: Canvas, listener: ScreenListener, events: ProcessEvents) {
    this.#input = input;
    this.#output = output;
    this.#listener = listener;
    this.#events = events;
    for (const signal of ENDING) {
      this.#onSignal.set(signal, () => {
        listener.onEnd(signal);
      });
    }
  }

  /** Takes the terminal over, keys included. */
  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    // First of all what undoes the rest.
    this.#events.on('exit', this.#leave);
    for (const [signal, listener] of this.#onSignal) this.#events.on(signal, listener);
    this.#events.on('SIGCONT', this.#onContinue);
    this.#output.on('resize', this.#onResize);
    this.#input.on('data', this.#onData);
    this.#input.on('end', this.#onGone);
    this.#input.on('error', this.#onGone);
    this.#enter();
    this.#input.resume();
  }

  /** Gives the terminal back; may be called more than once. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#leave();
    this.#events.off('exit', this.#leave);
    for (const [signal, listener] of this.#onSignal) this.#events.off(signal, listener);
    this.#events.off('SIGCONT', this.#onContinue);
    this.#output.off('resize', this.#onResize);
    this.#input.off('data', this.#onData);
    this.#input.off('end', this.#onGone);
    this.#input.off('error', this.#onGone);
    // What is not read keeps no process alive.
    this.#input.pause();
  }

  get columns(): number {
    return this.#output.columns;
  }

  get rows(): number {
    return this.#output.rows;
  }

  /** Shows as many lines as there are rows instead of what was there. A picture for which the terminal is too slow is left out. */
  draw(lines: readonly string[]): void {
    if (!this.#isDrawing || this.#output.writableNeedDrain) return;
    // Cleared before it is written: behind a full line the cursor stands on its last character still.
    const picture = lines.map((line) => `${CLEAR_LINE}${line}`).join('\r\n');
    this.#output.write(`${BEGIN_PICTURE}${HOME}${picture}${END_PICTURE}`);
  }

  #enter(): void {
    this.#isDrawing = true;
    this.#input.setRawMode(true);
    this.#output.write(ENTER);
  }

  readonly #leave = (): void => {
    if (!this.#isDrawing) return;
    this.#isDrawing = false;
    this.#output.write(LEAVE);
    try {
      this.#input.setRawMode(false);
    } catch {
      // The terminal was closed: there is nothing to give back.
    }
  };

  readonly #onData = (chunk: Buffer): void => {
    // An escape with something behind it is one key, of which there is none here.
    if (chunk.length > 1 && chunk[0] === 0x1b) return;
    for (const key of chunk.toString('latin1')) {
      if (key === CTRL_Z) this.#suspend();
      else this.#listener.onKey(key);
    }
  };

  #suspend(): void {
    this.#leave();
    this.#events.kill(this.#events.pid, 'SIGTSTP');
  }

  readonly #onContinue = (): void => {
    // Whoever had the terminal meanwhile left it in modes of its own.
    this.#enter();
    this.#listener.onRedraw();
  };

  readonly #onResize = (): void => {
    this.#listener.onRedraw();
  };

  readonly #onGone = (): void => {
    this.#listener.onEnd(null);
  };
}
