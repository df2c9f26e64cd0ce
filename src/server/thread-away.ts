/** The way of one web thread to the process that decides about its limits: through the main thread, and the supervisor. */
import type {
  Alarm,
  AwayLimits,
  HeldShare,
  LimitQuestion,
  LimitVerdict,
  VerdictReceiver,
} from '../web/index.ts';
import type { FromThread } from './messages.ts';

/** How long a request waits for a verdict, in milliseconds. */
const PATIENCE_MS = 2000;

/** The way to the main thread, timers, and where silence is told. */
export interface ThreadAwayPorts {
  readonly say: (message: FromThread) => void;
  readonly alarm: Alarm;
  /** Hears, once, that nobody answers. */
  readonly onSilence: () => void;
}

interface Waiting {
  readonly receiver: VerdictReceiver;
  readonly stop: () => void;
}

/** See the head of this file. */
export class ThreadAway implements AwayLimits {
  readonly #ports: ThreadAwayPorts;
  #gate: Int32Array = new Int32Array(1);
  #ids = 0;
  #silent = false;
  readonly #waiting = new Map<number, Waiting>();

  constructor(ports: ThreadAwayPorts) {
    this.#ports = ports;
  }

  /** The word by which the main thread says that another process decides; see `LimitGrants`. */
  set gate(gate: SharedArrayBuffer) {
    this.#gate = new Int32Array(gate);
  }

  get decides(): boolean {
    return this.#gate[0] !== 0;
  }

  /** An id that no question and no share of this thread has had. */
  nextId(): number {
    return ++this.#ids;
  }

  ask(question: LimitQuestion, receiver: VerdictReceiver): number {
    const id = this.nextId();
    const stop = this.#ports.alarm(PATIENCE_MS, () => {
      this.giveBack(id);
      if (!this.#silent) this.#ports.onSilence();
      this.#silent = true;
      receiver(null);
    });
    this.#waiting.set(id, { receiver, stop });
    this.#ports.say({ type: 'limit-asked', id, question });
    return id;
  }

  giveBack(id: number): void {
    this.#forget(id);
    this.#ports.say({ type: 'limit-given-back', id });
  }

  #forget(id: number): VerdictReceiver | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.stop();
    return waiting?.receiver;
  }

  /** The verdict about a question. One that nobody waits for any more was given back. */
  hear(id: number, verdict: LimitVerdict): void {
    this.#silent = false;
    this.#forget(id)?.(verdict);
  }

  /** From now on another process decides: tells it what the requests of this one hold. */
  leave(held: readonly HeldShare[]): void {
    this.#ports.say({ type: 'limits-left', held });
  }

  /** This process decides again, also about what waits. */
  stay(): void {
    // What asks again does so later: it is not of those that are told now.
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { receiver, stop } of waiting) {
      stop();
      receiver('here');
    }
  }
}
