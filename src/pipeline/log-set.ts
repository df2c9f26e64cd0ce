/** The logs of one thread: one writer for each destination, however many sites write to it. */
import { isatty } from 'node:tty';
import { type LogFiles, systemLogFiles } from './log-file.ts';
import { LogWriter, type LogTimer, type LogWriterOptions } from './log-writer.ts';
import type { LogTarget } from './options.ts';

/** Takes lines; what a log writes to. */
export interface LineSink {
  /** Takes one line: latin1 text that ends in a line feed. */
  write(line: string): void;
}

const nowhere: LineSink = { write: () => {} };

/** See the head of this file. */
export class LogSet {
  /** Told of lost lines; the server sets it to its error log once there is one. */
  onTrouble: (message: string) => void = () => {};

  readonly #files: LogFiles;
  readonly #timer: LogTimer | undefined;
  readonly #writers = new Map<string, LogWriter>();

  constructor(files: LogFiles = systemLogFiles, timer?: LogTimer) {
    this.#files = files;
    this.#timer = timer;
  }

  /**
   * The writer of a destination, opened when it is first asked for; throws the system's error when it
   * cannot be. `batch` in bytes counts for the first that asks.
   */
  open(target: LogTarget, batch?: number): LineSink {
    if (target.kind === 'off') return nowhere;
    // A person at a terminal wants to see a line when its request is over.
    if (target.kind !== 'file' && isatty(target.kind === 'stdout' ? 1 : 2))
      return this.#open(target, 0);
    return this.#open(target, batch);
  }

  #open(target: Exclude<LogTarget, { kind: 'off' }>, batch: number | undefined): LineSink {
    const name = target.kind === 'file' ? target.path : target.kind;
    // A file called `stdout` has an absolute path, so the names cannot meet.
    let writer = this.#writers.get(name);
    if (writer === undefined) {
      const options: LogWriterOptions = {
        ...(batch === undefined ? {} : { batch }),
        ...(this.#timer === undefined ? {} : { timer: this.#timer }),
        onLoss: (lines, cause) => {
          this.onTrouble(
            lines === 0
              ? `the log ${name} was not reopened: ${cause}`
              : `the log ${name} lost ${lines} ${lines === 1 ? 'line' : 'lines'}: ${cause}`,
          );
        },
      };
      writer = new LogWriter(target, this.#files, options);
      this.#writers.set(name, writer);
    }
    return writer;
  }

  /** Opens every file again, after a rotation (USR1). */
  reopen(): void {
    for (const writer of this.#writers.values()) writer.reopen();
  }

  /** Writes what is held and closes everything; resolves when that is over. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#writers.values(), (writer) => writer.close()));
  }
}
