/**
 * Lines that a log lost, and when that is told: soon after the first, then less and less often as long as the log goes
 * on losing, so that a disk that stays full for a night is not told once a second. Once the log takes lines again and
 * loses none, what was not told yet is told at once, and the next loss is a first one.
 */

/** The longest pause between two tellings, in intervals. */
const LONGEST_PAUSE = 511;

/** So many lines since it was told last, and why the last of them. */
export interface ToldLoss {
  readonly lines: number;
  readonly cause: string;
}

/** See the head of this file. */
export class LogLoss {
  #lines = 0;
  #cause = '';
  // Since the last interval.
  #lost = false;
  #took = false;
  /** Intervals to let pass before the next telling, and how many of them are left. */
  #pause = 0;
  #left = 0;

  /** Notes lines that are lost; 0 for a failure that costs none. */
  lose(lines: number, cause: string): void {
    this.#lines += lines;
    this.#cause = cause;
    this.#lost = true;
  }

  /** Notes that the log took lines. */
  took(): void {
    this.#took = true;
  }

  /** Whether something is still to be told. */
  get waits(): boolean {
    return this.#cause !== '';
  }

  /** An interval is over; what is to be told now, if anything. */
  pass(): ToldLoss | null {
    const isWell = this.#took && !this.#lost;
    this.#took = false;
    this.#lost = false;
    if (isWell) this.#pause = this.#left = 0;
    if (!this.waits) return null;
    if (this.#left > 0) {
      this.#left--;
      return null;
    }
    this.#pause = isWell ? 0 : Math.min(2 * this.#pause + 1, LONGEST_PAUSE);
    this.#left = this.#pause;
    return this.take();
  }

  /** What was not told yet, whatever the interval; null for nothing. */
  take(): ToldLoss | null {
    if (!this.waits) return null;
    const told = { lines: this.#lines, cause: this.#cause };
    this.#lines = 0;
    this.#cause = '';
    return told;
  }
}
