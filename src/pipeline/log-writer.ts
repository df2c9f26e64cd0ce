/**
 * Writes the lines of one log. Lines are gathered and written in batches by a descriptor of our own;
 * while a write is under way the next batch grows, up to a bound, above which lines are dropped and
 * counted. Requests never wait for a log and never fail because of one: a full disk, a reader that
 * left or one that stands still cost lines, and the loss is told.
 */
import { LineBatch, lineText, type LogLine } from './line-batch.ts';
import type { LogFile, LogFiles, WriteDone } from './log-file.ts';
import { LogLoss, type ToldLoss } from './log-loss.ts';
import type { LogTarget } from './options.ts';

/** Starts a timer, which keeps the process alive only if it `holds` it; the function returned stops it. */
export type LogTimer = (milliseconds: number, run: () => void, holds: boolean) => () => void;

/** Sizes and delays of batching, and who hears of losses. */
export interface LogWriterOptions {
  /** Bytes that start a write; 64 KiB unless said, 0 to write each line as soon as possible. */
  readonly batch?: number;
  /** Bytes held at most, those under way included; 8 MiB unless said. */
  readonly bound?: number;
  /** Milliseconds after which an incomplete batch is written; 1,000 unless said. */
  readonly interval?: number;
  /** Replaces `setTimeout` in tests. */
  readonly timer?: LogTimer;
  /** Told of lost lines and of their last cause, as `LogLoss` says; 0 lines for a failed reopen. */
  readonly onLoss?: (lines: number, cause: string) => void;
  /** Given the lines that come behind `retire` or `close`; they are dropped unless said. */
  readonly onLate?: (line: string) => void;
}

/** A file, by its path, or a stream that the process was started with. */
export type LogDestination = Exclude<LogTarget, { readonly kind: 'off' }>;

const BATCH = 64 * 1024;
const BOUND = 8 * 1024 * 1024;
const INTERVAL = 1000;
/** Milliseconds after which a full pipe is tried again: the first wait, which doubles, and the longest. */
const RETRY = 1;
const LONGEST_RETRY = 64;
/** At the end, lines are given up once a pipe took nothing for this many milliseconds. */
const LAST_WAIT = 1000;
const LINE_END = 0x0a;
const NEW_LINE = Buffer.from([LINE_END]);

const systemTimer: LogTimer = (milliseconds, run, holds) => {
  const timer = setTimeout(run, milliseconds);
  if (!holds) timer.unref();
  return () => {
    clearTimeout(timer);
  };
};

function plainLine(line: string, batch: LogLine): void {
  batch.text(line);
}

/** See the head of this file. */
export class LogWriter {
  readonly target: LogDestination;
  readonly #files: LogFiles;
  readonly #batchSize: number;
  readonly #bound: number;
  readonly #interval: number;
  readonly #timer: LogTimer;
  readonly #onLoss: (lines: number, cause: string) => void;
  readonly #onLate: (line: string) => void;

  #file: LogFile;
  readonly #batch: LineBatch;
  /** What is being written, from `#from` on. */
  #flight: Buffer | null = null;
  #from = 0;
  /** Whether a call of the operating system, or the wait for a full pipe, is under way. */
  #busy = false;
  /** Whether the last write was given up in the middle of a line. */
  #torn = false;
  #reopening: 'no' | 'asked' | 'flushed' = 'no';
  #closing: (() => void) | null = null;
  #retired: (() => void) | null = null;
  #closed = false;
  /** How long a full pipe has been waited for, and the next wait. */
  #waited = 0;
  #wait = RETRY;
  #stopTick: (() => void) | null = null;
  #stopRetry: (() => void) | null = null;
  readonly #loss = new LogLoss();

  /** Opens `target` at once, so that a log that cannot be written is an error of the load; throws it. */
  constructor(target: LogDestination, files: LogFiles, options: LogWriterOptions = {}) {
    this.target = target;
    this.#files = files;
    this.#batchSize = options.batch ?? BATCH;
    this.#batch = new LineBatch(this.#batchSize);
    this.#bound = options.bound ?? BOUND;
    this.#interval = options.interval ?? INTERVAL;
    this.#timer = options.timer ?? systemTimer;
    this.#onLoss = options.onLoss ?? (() => {});
    this.#onLate = options.onLate ?? (() => {});
    this.#file =
      target.kind === 'file'
        ? files.open(target.path)
        : files.standard(target.kind === 'stdout' ? 1 : 2);
  }

  /** Takes one line: latin1 text that ends in a line feed. Those behind the end go to `onLate`. */
  write(line: string): void {
    this.put(plainLine, line);
  }

  /** As `write`, for a line that `format` writes about `subject`; none where it throws, which is passed on. */
  put<Subject>(format: (subject: Subject, line: LogLine) => void, subject: Subject): void {
    if (this.#closed || this.#closing !== null || this.#retired !== null) {
      this.#onLate(lineText(format, subject));
      return;
    }
    const before = this.#batch.length;
    try {
      format(subject, this.#batch);
    } catch (error) {
      this.#batch.cut(before);
      throw error;
    }
    if (this.held > this.#bound) {
      this.#batch.cut(before);
      this.#lose(1, 'the log takes lines more slowly than they come');
    } else if (this.#batch.length >= this.#batchSize) this.#advance();
    else this.#tickLater();
  }

  /** Bytes held: gathered, or being written. */
  get held(): number {
    return this.#batch.length + this.#underWay();
  }

  #underWay(): number {
    return this.#flight === null ? 0 : this.#flight.length - this.#from;
  }

  /**
   * Opens the path again, for a file that was renamed (USR1): what was taken before goes to the old
   * file, the rest to the new. If the new one cannot be opened the old one stays, and the failure is told.
   * A stream of the process cannot be opened again, and a retired log is not made again.
   */
  reopen(): void {
    if (this.target.kind !== 'file' || this.#closed || this.#retired !== null) return;
    this.#reopening = 'asked';
    this.#advance();
  }

  /**
   * Closes once everything is written that is held, however long a full pipe makes it wait; `onRetired`
   * is called then, or when `close` was faster. It does not keep the process alive.
   */
  retire(onRetired: () => void): void {
    if (this.#closed) return;
    this.#retired = onRetired;
    this.#advance();
  }

  /** Writes what is held as far as it can be written, and closes; resolves when that is over. */
  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      const others = this.#closing;
      this.#closing = () => {
        others?.();
        resolve();
      };
      this.#waited = 0;
      // The wait for a full pipe goes on as one that the end of the process waits for.
      if (this.#stopRetry === null) this.#advance();
      else {
        this.#stopRetry();
        this.#retry();
      }
    });
  }

  /** Starts whatever is to be done next, unless something is under way. */
  #advance(): void {
    if (this.#busy) return;
    if (this.#flight !== null) {
      this.#put();
    } else if (
      this.#reopening === 'flushed' ||
      (this.#reopening === 'asked' && this.#batch.length === 0)
    ) {
      this.#open();
    } else if (this.#batch.length > 0) {
      if (this.#reopening === 'asked') this.#reopening = 'flushed';
      const batch = this.#batch.take();
      this.#flight = this.#torn ? Buffer.concat([NEW_LINE, batch]) : batch;
      this.#from = 0;
      this.#put();
    } else if (this.#closing !== null || this.#retired !== null) {
      this.#end();
    }
  }

  /** Goes on behind something that is over: at once where there is a reason, else with the next tick. */
  #next(): void {
    const due =
      this.#flight !== null ||
      this.#reopening !== 'no' ||
      this.#closing !== null ||
      this.#retired !== null ||
      (this.#batch.length > 0 && this.#batch.length >= this.#batchSize);
    if (due) this.#advance();
    else if (this.#batch.length > 0) this.#tickLater();
  }

  #put(): void {
    const bytes = this.#flight;
    if (bytes === null) return;
    let to = bytes.length;
    if (to - this.#from > this.#file.whole) {
      // Whole lines, as many as the pipe takes in one piece; a longer line goes alone.
      const last = bytes.lastIndexOf(LINE_END, this.#from + this.#file.whole - 1);
      const end = last >= this.#from ? last : bytes.indexOf(LINE_END, this.#from);
      if (end !== -1) to = end + 1;
    }
    this.#busy = true;
    this.#file.write(bytes, this.#from, to, this.#written);
  }

  readonly #written: WriteDone = (error, written) => {
    this.#busy = false;
    const bytes = this.#flight;
    if (bytes === null) return;
    if (error === null) {
      this.#loss.took();
      this.#waited = 0;
      this.#wait = RETRY;
      this.#from += written;
      if (this.#from >= bytes.length) {
        this.#torn = false;
        this.#landed();
      }
    } else if (error.code === 'EAGAIN' && (this.#closing === null || this.#waited < LAST_WAIT)) {
      this.#busy = true;
      this.#waited += this.#wait;
      this.#stopRetry = this.#timer(this.#wait, this.#retry, this.#closing !== null);
      this.#wait = Math.min(this.#wait * 2, LONGEST_RETRY);
      return;
    } else {
      let lines = linesIn(bytes, this.#from);
      if (this.#from > 0) this.#torn = bytes[this.#from - 1] !== LINE_END;
      // Of a write of which nothing came, the line end that was to close the torn line is still owed.
      else if (this.#torn) lines--;
      this.#landed();
      this.#lose(lines, error.message);
    }
    this.#next();
  };

  #landed(): void {
    this.#flight = null;
    this.#batch.written();
  }

  readonly #retry = (): void => {
    this.#stopRetry = null;
    this.#busy = false;
    this.#advance();
  };

  #open(): void {
    if (this.target.kind !== 'file') return;
    this.#busy = true;
    this.#files.reopen(this.target.path, (error, file) => {
      this.#busy = false;
      this.#reopening = 'no';
      if (file === null) this.#lose(0, error?.message ?? 'it could not be opened');
      else {
        this.#file.close(() => {});
        this.#file = file;
        this.#torn = false;
      }
      this.#next();
    });
  }

  #end(): void {
    const closing = this.#closing;
    const retired = this.#retired;
    this.#busy = true;
    this.#closed = true;
    this.#stopTick?.();
    this.#stopRetry?.();
    this.#tell(this.#loss.take());
    this.#file.close(() => {
      closing?.();
      retired?.();
    });
  }

  #lose(lines: number, cause: string): void {
    this.#loss.lose(lines, cause);
    this.#tickLater();
  }

  #tell(told: ToldLoss | null): void {
    if (told !== null) this.#onLoss(told.lines, told.cause);
  }

  #tickLater(): void {
    if (this.#closed) return;
    this.#stopTick ??= this.#timer(this.#interval, this.#tick, false);
  }

  readonly #tick = (): void => {
    this.#stopTick = null;
    this.#tell(this.#loss.pass());
    if (this.#loss.waits) this.#tickLater();
    if (this.#batch.length > 0) this.#advance();
  };
}

function linesIn(bytes: Buffer, from: number): number {
  let lines = 0;
  for (let at = bytes.indexOf(LINE_END, from); at !== -1; at = bytes.indexOf(LINE_END, at + 1))
    lines++;
  return lines;
}
