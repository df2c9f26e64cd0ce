/**
 * The limits of a server process, in its main thread: its zones, and who decides about them. Until another process is to
 * take its place that is its web threads, and it itself for guests. Then (`leave`) each thread stops, and says what
 * its requests hold; with the counts that travels to the other process, which decides from then on.
 */
import type { ConfigModel } from '../config/index.ts';
import type { HeldShare } from '../web/index.ts';
import { GuestQuestions } from './guest-questions.ts';
import { Guests } from './guests.ts';
import type { LimitGrants } from './limit-grants.ts';
import type { FromThread, ToThread } from './messages.ts';
import type { FromServer, LimitState, SiteFault, ThreadPlace, ToServer } from './port.ts';
import { ZoneBook } from './zone-book.ts';

/** How long threads have to stop deciding, in milliseconds; one that stands still decides nothing either. */
const LEAVE_MS = 1000;

/** The messages of a web thread that are for the desk. */
export type LimitFromThread = Extract<FromThread, { type: `limit${string}` }>;

/** The messages of the supervisor that are for the desk. */
export type LimitToServer = Extract<ToServer, { type: `limit${string}` }>;

/** A web thread as far as limits go. */
export interface LimitedThread {
  readonly number: number;
  say(message: ToThread): void;
}

/** The ways to the supervisor and to the web threads, and under which number both know this process. */
export interface LimitDeskPorts {
  /** Which of the processes of a supervisor this is. */
  readonly generation: number;
  readonly say: (message: FromServer) => void;
  /** The threads that are not over. */
  readonly threads: () => readonly LimitedThread[];
}

interface Leaving {
  readonly missing: Set<number>;
  readonly guests: { from: ThreadPlace; held: readonly HeldShare[] }[];
  readonly done: () => void;
}

/** See the head of this file. */
export class LimitDesk {
  readonly #ports: LimitDeskPorts;
  #book = new ZoneBook(1);
  readonly #guests = new Guests(() => this.#book);
  readonly #questions: GuestQuestions;
  #leaving: Leaving | null = null;

  constructor(ports: LimitDeskPorts) {
    this.#ports = ports;
    this.#questions = new GuestQuestions(
      (from, id, question) => this.#guests.decide(from, id, question),
      (to, id, verdict) => {
        ports.say({ type: 'limit-verdict', to, id, verdict });
      },
    );
  }

  /** There are this many threads from now on; to be said before the first offer. */
  begin(threads: number): void {
    this.#book = new ZoneBook(threads);
  }

  /** See `ZoneBook.offer`. */
  offer(config: ConfigModel): LimitGrants & { readonly faults: readonly SiteFault[] } {
    return this.#book.offer(config);
  }

  /** See `ZoneBook.commit`. */
  commit(): void {
    this.#book.commit();
  }

  /** See `ZoneBook.discard`. */
  discard(): void {
    this.#book.discard();
  }

  /** A thread is over: what its requests held is given back, here and in the process that decides. */
  lost(thread: number): void {
    this.#book.repair(thread);
    this.#ports.say({ type: 'limit-thread-over', thread });
    this.#left(thread);
  }

  /** Does what the supervisor says. */
  async take(message: LimitToServer): Promise<void> {
    const { say } = this.#ports;
    switch (message.type) {
      case 'limits-leave':
        say({ type: 'limits-left', state: await this.#leave() });
        return;
      case 'limits-stay':
        this.#book.isAway = false;
        for (const thread of this.#ports.threads()) thread.say({ type: 'stay-limits' });
        return;
      case 'limits-take':
        this.#book.restore(message.state.rates);
        // Guests hold shares of zones that are served.
        this.#book.commit();
        for (const guest of message.state.guests) this.#guests.take(guest);
        say({ type: 'limits-taken' });
        return;
      case 'limit-held':
        this.#guests.take(message);
        return;
      case 'limit-asked':
        this.#questions.ask(message.from, message.id, message.question);
        return;
      case 'limit-given-back':
        this.#giveBack(message.from, message.id);
        return;
      case 'limit-left':
        this.#guestsLeft(message.generation, message.thread);
        return;
      case 'limit-verdict':
        this.#ports
          .threads()
          .find(({ number }) => number === message.thread)
          ?.say({ type: 'limit-verdict', id: message.id, verdict: message.verdict });
    }
  }

  #giveBack(place: ThreadPlace, id: number): void {
    const { generation, thread } = place;
    this.#questions.forget(
      (from, asked) => asked === id && from.generation === generation && from.thread === thread,
    );
    this.#guests.giveBack(place, id);
  }

  #guestsLeft(generation: number, thread: number | null): void {
    this.#questions.forget(
      (from) => from.generation === generation && (thread === null || from.thread === thread),
    );
    this.#guests.leave(generation, thread);
  }

  async #leave(): Promise<LimitState> {
    this.#book.isAway = true;
    const threads = this.#ports.threads();
    const { promise, resolve: done } = Promise.withResolvers<void>();
    const missing = new Set(threads.map(({ number }) => number));
    const leaving: Leaving = { missing, guests: [], done };
    this.#leaving = leaving;
    const late = setTimeout(done, LEAVE_MS);
    for (const thread of threads) thread.say({ type: 'leave-limits' });
    // Where nothing is counted nobody has to be waited for.
    if (missing.size === 0 || this.#book.isEmpty) done();
    await promise;
    clearTimeout(late);
    this.#leaving = null;
    // No thread is in the way any more.
    this.#questions.close();
    return {
      rates: this.#book.snapshots(),
      guests: [...this.#guests.shares(), ...leaving.guests],
    };
  }

  // A thread has stopped deciding, or is over.
  #left(thread: number): void {
    if (this.#leaving?.missing.delete(thread) === true && this.#leaving.missing.size === 0)
      this.#leaving.done();
  }

  /** Hands on what a thread says. */
  hear(thread: number, message: LimitFromThread): void {
    const { generation, say } = this.#ports;
    const from = { generation, thread };
    switch (message.type) {
      case 'limits-left':
        // A thread that stood still may come late.
        if (this.#leaving === null) say({ type: 'limit-held', from, held: message.held });
        else this.#leaving.guests.push({ from, held: message.held });
        this.#left(thread);
        return;
      case 'limit-asked':
        say({ type: 'limit-asked', from, id: message.id, question: message.question });
        return;
      case 'limit-given-back':
        say({ type: 'limit-given-back', from, id: message.id });
    }
  }
}
