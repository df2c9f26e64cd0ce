/**
 * Watches the web threads of a process: a thread whose event loop stands still is told with what it runs, and one that
 * stands still for too long is given up.
 */
import type { Clock } from '../base/index.ts';
import { BEAT_MS, type BeatsHandle, type Pulse, pulseOf } from './beats.ts';

/** A stall that is worth a line in the log, in milliseconds. */
const TELL_MS = 1000;

/** What a watchdog asks and tells. */
export interface WatchdogPorts {
  /** The clock of the beats. */
  readonly clock: Clock;
  /** The threads that are to go on, by number. */
  readonly threads: () => Iterable<number>;
  /** What a thread runs: functions, the innermost first. */
  readonly stackOf: (thread: number) => Promise<readonly string[]>;
  /** Hears in a sentence that a thread stands still, or goes on again. */
  readonly onNote: (sentence: string) => void;
  /** Hears once of a thread that stands still for too long, and why it is given up. */
  readonly onStuck: (thread: number, reason: string) => void;
}

/** Nothing runs that could be asked: no function of ours has come to its next step. */
const OUT_OF_REACH = ', perhaps in a call of the system';

/** See the head of this file. */
export class Watchdog {
  readonly #beats: BeatsHandle;
  readonly #ports: WatchdogPorts;
  readonly #timer: NodeJS.Timeout;
  /** Milliseconds after which a thread is given up; 0 for never. */
  limit: number;
  // The longest stall so far of threads that were told of, and what they ran.
  readonly #told = new Map<number, { stall: number; runs: string }>();
  readonly #stuck = new Set<number>();
  #looked: number;

  constructor(beats: BeatsHandle, limit: number, ports: WatchdogPorts) {
    this.#beats = beats;
    this.limit = limit;
    this.#ports = ports;
    this.#looked = ports.clock.monotonic();
    this.#timer = setInterval(() => {
      this.look();
    }, BEAT_MS);
  }

  /** Looks at every thread once; its own timer calls it. */
  look(): void {
    const now = this.#ports.clock.monotonic();
    const late = now - this.#looked - BEAT_MS;
    this.#looked = now;
    // The whole process stood still, or the machine: the threads beat first.
    if (late > TELL_MS) return;
    for (const thread of this.#ports.threads()) {
      const pulse = pulseOf(this.#beats, thread, now);
      if (pulse !== null && !this.#stuck.has(thread)) this.#judge(thread, pulse);
    }
  }

  #judge(thread: number, { stall }: Pulse): void {
    const told = this.#told.get(thread);
    if (stall < TELL_MS) {
      if (told === undefined) return;
      this.#told.delete(thread);
      this.#ports.onNote(`Web thread ${thread} goes on after ${seconds(told.stall)}`);
      return;
    }
    if (told === undefined) {
      // As long as it has not said what it runs it is perhaps out of reach.
      this.#told.set(thread, { stall, runs: OUT_OF_REACH });
      void this.#tell(thread, stall);
      return;
    }
    told.stall = stall;
    if (this.limit === 0 || stall < this.limit) return;
    this.#stuck.add(thread);
    this.#told.delete(thread);
    this.#ports.onStuck(thread, `it stood still for ${seconds(stall)}${told.runs}`);
  }

  async #tell(thread: number, stall: number): Promise<void> {
    const stack = await this.#ports.stackOf(thread);
    const runs = stack.length === 0 ? OUT_OF_REACH : ` in ${stack.join(' < ')}`;
    const told = this.#told.get(thread);
    if (told !== undefined) told.runs = runs;
    this.#ports.onNote(`Web thread ${thread} has stood still for ${seconds(stall)}${runs}`);
  }

  /** Whether a thread was given up. */
  gaveUp(thread: number): boolean {
    return this.#stuck.has(thread);
  }

  /** Looks no more. */
  stop(): void {
    clearInterval(this.#timer);
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
