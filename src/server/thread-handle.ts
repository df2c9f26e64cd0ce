/** One web thread, seen from the main thread: what is said to it, what it answers, and its end. */
import { Worker } from 'node:worker_threads';
import type { LimitFromThread } from './limit-desk.ts';
import { type FromThread, LEAVE_SOCKETS, type ThreadStart, type ToThread } from './messages.ts';
import type { Texts } from './texts.ts';
import { stackOf } from './thread-stack.ts';

const MIB = 1024 ** 2;
/** How long a thread that was given up goes on standing still, in milliseconds. */
const GIVEN_UP_MS = 3000;

function nameOf(number: number): string {
  return `web-${number}`;
}

/** What a web thread says of one kind. */
export type Said<T extends FromThread['type']> = Extract<FromThread, { type: T }>;

interface Waiting {
  readonly type: string;
  readonly resolve: (message: FromThread) => void;
  readonly reject: (error: Error) => void;
}

/** Hears of the end of a thread. */
export interface ThreadWatch {
  /** It runs nothing any more: what it held in shared memory can be given back. */
  readonly onExit: () => void;
  /** It has ended, or was given up and may still run for a while; once. */
  readonly onLost: (reason: string) => void;
}

/** See the head of this file. */
export class ThreadHandle {
  readonly number: number;
  /** JSON texts of what the thread serves; null before its first commit. */
  serves: Texts | null = null;
  /** What it was last sent. */
  offered: Texts | null = null;
  /** Hears what it says of limits. */
  onLimits: (message: LimitFromThread) => void = () => {};
  readonly #worker: Worker;
  #waiting: Waiting[] = [];
  #over: Error | null = null;
  #reason = 'it ended';
  readonly #watch: ThreadWatch;

  /** Starts the thread, which says `ready`; `heap` is how many bytes it may have for objects. */
  constructor(start: ThreadStart, heap: number | undefined, watch: ThreadWatch) {
    this.number = start.thread;
    this.#watch = watch;
    // Only the ending differs between the sources and the built package.
    const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
    this.#worker = new Worker(new URL(`./web-thread-entry.${extension}`, import.meta.url), {
      workerData: start,
      name: nameOf(start.thread),
      ...(heap === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heap / MIB } }),
    });
    this.#worker.on('message', (message: FromThread) => {
      if (message.type === 'failed') {
        void this.end(message.reason);
        return;
      }
      if (isOfLimits(message)) {
        this.onLimits(message);
        return;
      }
      const at = this.#waiting.findIndex(({ type }) => type === message.type);
      if (at >= 0) this.#waiting.splice(at, 1)[0]?.resolve(message);
    });
    this.#worker.on('error', (error: unknown) => {
      this.#reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    });
    this.#worker.on('exit', () => {
      watch.onExit();
      this.#isOver();
    });
  }

  #isOver(): void {
    if (this.#over !== null) return;
    this.#over = new Error(`Web thread ${this.number} ended: ${this.#reason}`);
    for (const { reject } of this.#waiting.splice(0)) reject(this.#over);
    this.#watch.onLost(this.#reason);
  }

  /** The functions that the thread is in, the innermost first; none where that cannot be found out. */
  stack(): Promise<readonly string[]> {
    return stackOf(nameOf(this.number));
  }

  /**
   * Counts the thread as ended, and ends it a little later: a thread that ends accepts and drops whoever waits in its
   * sockets, so others are to serve them first. One that goes on meanwhile accepts nobody.
   */
  giveUp(reason: string): void {
    this.#reason = reason;
    this.say({ type: 'retire' });
    // The last thing that its event loop does is to accept: not on sockets that are closed.
    void stackOf(nameOf(this.number), LEAVE_SOCKETS);
    this.#isOver();
    setTimeout(() => {
      void this.#worker.terminate();
    }, GIVEN_UP_MS).unref();
  }

  /** Whether the thread has ended, or was given up. */
  get over(): boolean {
    return this.#over !== null;
  }

  /** Ends the thread at once, for this reason. */
  async end(reason: string): Promise<void> {
    this.#reason = reason;
    await this.#worker.terminate();
  }

  /** Sends a message; nobody hears it once the thread is over. */
  say(message: ToThread): void {
    this.#worker.postMessage(message);
  }

  /** Resolves to the next message of a type; rejects when the thread ends without a word. */
  hear<T extends FromThread['type']>(type: T): Promise<Said<T>> {
    return new Promise((resolve, reject) => {
      if (this.#over !== null) reject(this.#over);
      // It is only called with a message of this type; see 'message' above.
      else this.#waiting.push({ type, resolve: resolve as Waiting['resolve'], reject });
    });
  }

  /** Sends a message and resolves to its answer, as `hear`. */
  ask<T extends FromThread['type']>(message: ToThread, answer: T): Promise<Said<T>> {
    const heard = this.hear(answer);
    this.say(message);
    return heard;
  }
}

function isOfLimits(message: FromThread): message is LimitFromThread {
  return message.type.startsWith('limit');
}
