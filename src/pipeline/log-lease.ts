/**
 * Who still needs which logs. A virtual host leases its logs when it is built; its configuration holds
 * the lease, and so does each of its requests that is under way. When the last of them lets go, the host
 * does without its logs, and those that nobody else leases are closed. A thread leases its own error log
 * in the same way.
 */
import type { LogLine } from './line-batch.ts';
import type { LogWriter } from './log-writer.ts';
import type { LogTarget } from './options.ts';

/** Takes lines. */
export interface LineSink {
  /** Takes one line: latin1 text that ends in a line feed. */
  write(line: string): void;
}

/** Takes lines that are put together in place; what access logs write to. */
export interface LogSink extends LineSink {
  /** Takes the line that `format` writes about `subject`; none where it throws, which is passed on. */
  put<Subject>(format: (subject: Subject, line: LogLine) => void, subject: Subject): void;
}

/** What a lease asks of the logs of its thread. */
export interface LeasedLogs {
  /** The writer of a destination, which stays open for a user more; null for nowhere. */
  take(target: LogTarget, batch: number | undefined): LogWriter | null;
  /** A user of the writer less. */
  giveBack(writer: LogWriter): void;
}

const nowhere: LogSink = { write: () => {}, put: () => {} };

/** See the head of this file. */
export class LogLease {
  readonly #logs: LeasedLogs;
  readonly #taken = new Set<LogWriter>();
  #holders = 1;

  /** Held once, by whoever makes it. */
  constructor(logs: LeasedLogs) {
    this.#logs = logs;
  }

  /**
   * The log of a destination, opened when it is asked for first; throws the system's error when it cannot
   * be. `batch` is the number of bytes that start a write and counts for the first that asks.
   */
  open(target: LogTarget, batch?: number): LogSink {
    const writer = this.#logs.take(target, batch);
    if (writer === null) return nowhere;
    if (this.#taken.has(writer)) this.#logs.giveBack(writer);
    else this.#taken.add(writer);
    return writer;
  }

  /** One that needs the logs more. */
  hold(): void {
    this.#holders++;
  }

  /** One less. Lines that come behind the last are written all the same; see `LogSet`. */
  release(): void {
    if (--this.#holders > 0) return;
    for (const writer of this.#taken) this.#logs.giveBack(writer);
    this.#taken.clear();
  }
}
