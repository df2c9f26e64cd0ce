/**
 * Who decides about limits when one process takes the place of another: exactly one of them at any time.
 *
 *     move    the one of before stops deciding and tells what it has counted; requests that ask meanwhile wait here
 *     moved   the new one serves: what waits, and all that still comes to the processes of before, is decided by it
 *     undo    the new one will not serve: the one of before decides again, also about what waits
 */
import type { FromServer, LimitState, ToServer } from '../server/port.ts';

/** What processes ask of each other. */
export type LimitRequest = Extract<
  FromServer,
  { type: 'limit-asked' | 'limit-given-back' | 'limit-held' }
>;

/** What a process says of limits without having been asked. */
export type LimitNews =
  | LimitRequest
  | Extract<FromServer, { type: 'limit-verdict' | 'limit-thread-over' }>;

/** A server process as far as limits go. */
export interface Decider {
  readonly number: number;
  readonly over: boolean;
  say(message: ToServer): void;
  leaveLimits(): Promise<LimitState>;
  takeLimits(state: LimitState): Promise<void>;
}

/** How long a process has to stop deciding, in milliseconds. */
const LEAVE_MS = 2000;

interface Waiting {
  /** Who asks; null for what this says itself. */
  readonly from: Decider | null;
  readonly message: ToServer;
}

interface Move {
  /** Null where nobody is left who has counted. */
  readonly before: Decider | null;
  readonly after: Decider;
}

/** See the head of this file. */
export class LimitRelay {
  // Those that ask, and are answered.
  readonly #asking = new Map<number, Decider>();
  #decider: Decider | null = null;
  #move: Move | null = null;
  #waiting: Waiting[] = [];

  /** Moves what `before` has counted to `after`, which serves nobody yet. Where that fails it begins anew. */
  async move(before: Decider | null, after: Decider): Promise<void> {
    this.#move = { before, after };
    if (before === null || before.over) return;
    const state = await within(LEAVE_MS, before.leaveLimits());
    if (state !== null) await after.takeLimits(state);
  }

  /** The process that was to serve does. */
  moved(): void {
    if (this.#move === null) return;
    const { before, after } = this.#move;
    this.#move = null;
    this.#decider = after;
    if (before !== null && !before.over) this.#asking.set(before.number, before);
    this.#flush();
  }

  /** The process that was to serve does not. */
  undo(): void {
    if (this.#move === null) return;
    const { before } = this.#move;
    this.#move = null;
    before?.say({ type: 'limits-stay' });
    // It decides itself about what it has asked.
    this.#waiting = this.#waiting.filter(({ from }) => from === null || from !== before);
    this.#flush();
  }

  #flush(): void {
    for (const { from, message } of this.#waiting.splice(0)) this.#ask(from, message);
  }

  #ask(from: Decider | null, message: ToServer): void {
    if (from?.over === true) return;
    if (this.#move === null) this.#decider?.say(message);
    else this.#waiting.push({ from, message });
  }

  /** What a process says of limits. */
  hear(from: Decider, message: LimitNews): void {
    switch (message.type) {
      case 'limit-verdict': {
        const { to, id, verdict } = message;
        const { thread } = to;
        this.#asking.get(to.generation)?.say({ type: 'limit-verdict', thread, id, verdict });
        return;
      }
      case 'limit-thread-over':
        this.#left(from, message.thread);
        return;
      case 'limit-asked':
      case 'limit-given-back':
      case 'limit-held':
        this.#ask(from, message);
    }
  }

  /** A process is over: what its requests held is free. */
  ended(one: Decider): void {
    this.#asking.delete(one.number);
    if (one === this.#decider) this.#decider = null;
    this.#left(one, null);
  }

  // Behind all that it asked before. Who decides itself holds nothing as a guest.
  #left({ number }: Decider, thread: number | null): void {
    this.#ask(null, { type: 'limit-left', generation: number, thread });
  }
}

async function within<T>(ms: number, work: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, ms, null);
  });
  try {
    return await Promise.race([work.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
}
