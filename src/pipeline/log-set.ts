/**
 * The logs of one thread: one writer for each destination, however many sites write to it, from the
 * first lease to the last.
 *
 * A line can come behind the end of the last lease: of a request on an address that the configuration
 * does not have any more, or of work that outlives its request. It is too rare to keep a descriptor for:
 * the log is opened for this line.
 */
import { isatty } from 'node:tty';
import { type LogFiles, systemLogFiles } from './log-file.ts';
import { type LeasedLogs, LogLease } from './log-lease.ts';
import {
  type LogDestination,
  LogWriter,
  type LogTimer,
  type LogWriterOptions,
} from './log-writer.ts';
import type { LogTarget } from './options.ts';

/** A writer at work, and how many leases it is open for. */
interface Leased {
  readonly writer: LogWriter;
  leases: number;
}

/** See the head of this file. */
export class LogSet implements LeasedLogs {
  /**
   * Told of lines that were lost by the log `name`: a path, `stdout` or `stderr`. The server sets it to its error log
   * once there is one.
   */
  onTrouble: (message: string, name: string) => void = () => {};

  readonly #files: LogFiles;
  readonly #timer: LogTimer | undefined;
  readonly #leased = new Map<string, Leased>();
  /** Writers that nobody leases any more, until they have written what they hold. */
  readonly #retiring = new Set<LogWriter>();
  #closed = false;
  #telling = false;

  constructor(files: LogFiles = systemLogFiles, timer?: LogTimer) {
    this.#files = files;
    this.#timer = timer;
  }

  /** Begins to use logs; whoever asks releases the lease in the end. */
  lease(): LogLease {
    return new LogLease(this);
  }

  /** For leases: see there. */
  take(target: LogTarget, batch: number | undefined): LogWriter | null {
    if (target.kind === 'off') return null;
    const name = nameOf(target);
    let leased = this.#leased.get(name);
    if (leased === undefined) {
      leased = { writer: this.#open(target, batch), leases: 0 };
      this.#leased.set(name, leased);
    }
    leased.leases++;
    return leased.writer;
  }

  /** For leases: see there. */
  giveBack(writer: LogWriter): void {
    const name = nameOf(writer.target);
    const leased = this.#leased.get(name);
    // Once everything is closed there is nothing to give back.
    if (leased?.writer !== writer || --leased.leases > 0) return;
    this.#leased.delete(name);
    this.#retire(writer);
  }

  #open(target: LogDestination, batch: number | undefined): LogWriter {
    // A person at a terminal wants to see a line when its request is over.
    const isTerminal = target.kind !== 'file' && isatty(target.kind === 'stdout' ? 1 : 2);
    const size = isTerminal ? 0 : batch;
    const options: LogWriterOptions = {
      ...(size === undefined ? {} : { batch: size }),
      ...(this.#timer === undefined ? {} : { timer: this.#timer }),
      onLoss: (lines, cause) => {
        this.#tellLoss(nameOf(target), lines, cause);
      },
      onLate: (line) => {
        this.#writeLate(target, line);
      },
    };
    return new LogWriter(target, this.#files, options);
  }

  #retire(writer: LogWriter): void {
    this.#retiring.add(writer);
    writer.retire(() => this.#retiring.delete(writer));
  }

  #writeLate(target: LogDestination, line: string): void {
    if (this.#closed) return;
    const leased = this.#leased.get(nameOf(target));
    if (leased !== undefined) {
      leased.writer.write(line);
      return;
    }
    try {
      const writer = this.#open(target, 0);
      writer.write(line);
      this.#retire(writer);
    } catch (error) {
      this.#tellLoss(nameOf(target), 1, error instanceof Error ? error.message : String(error));
    }
  }

  #tellLoss(name: string, lines: number, cause: string): void {
    // The log that hears of it may be one that cannot be opened for a late line either.
    if (this.#telling) return;
    this.#telling = true;
    try {
      this.onTrouble(
        lines === 0
          ? `the log ${name} was not reopened: ${cause}`
          : `the log ${name} lost ${lines} ${lines === 1 ? 'line' : 'lines'}: ${cause}`,
        name,
      );
    } finally {
      this.#telling = false;
    }
  }

  /** Opens every file that somebody leases again, after a rotation (USR1). */
  reopen(): void {
    for (const { writer } of this.#leased.values()) writer.reopen();
  }

  /**
   * Writes what is held and closes everything; resolves when that is over. A loss that shows then is told to a
   * log that may be closed already: it is opened for this line, once.
   */
  async close(): Promise<void> {
    const writers = Array.from(this.#leased.values(), ({ writer }) => writer);
    writers.push(...this.#retiring);
    this.#leased.clear();
    await Promise.all(writers.map((writer) => writer.close()));
    this.#closed = true;
    await Promise.all(Array.from(this.#retiring, (writer) => writer.close()));
  }
}

/** A file called `stdout` has an absolute path, so the names cannot meet. */
function nameOf(target: LogDestination): string {
  return target.kind === 'file' ? target.path : target.kind;
}
