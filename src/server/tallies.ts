/** What a server process counts about itself, in memory that all its threads share. */
import {
  Counters,
  type CountersHandle,
  createCounters,
  MAIN_SEAT,
  type Seat,
} from '../zone/index.ts';
import type { ConnectionTally } from '../net/index.ts';
import type { RequestTally } from '../pipeline/index.ts';

const TOTALS = [
  'connections',
  'connections_refused',
  'received_bytes',
  'sent_bytes',
  'requests',
  'responses_1xx',
  'responses_2xx',
  'responses_3xx',
  'responses_4xx',
  'responses_5xx',
  'requests_unanswered',
] as const;
const GAUGES = ['open_connections', 'active_requests'] as const;

/** Names of the counters: totals since the supervisor was started, and what there is at the moment. */
export type TallyName = (typeof TOTALS)[number] | (typeof GAUGES)[number];

/** The counters of a process as its threads get them. */
export type TallyHandle = CountersHandle<TallyName>;

/** Counters for so many threads, all zero; for the main thread. */
export function createTallies(threads: number): TallyHandle {
  return createCounters({ totals: TOTALS, gauges: GAUGES, threads });
}

/** The counters of a process as its main thread reads them. */
export function readTallies(handle: TallyHandle): Counters<TallyName> {
  return new Counters(handle, MAIN_SEAT);
}

/** The totals by name, as an administrator sees them. */
export function totalsOf(counters: Counters<TallyName>): Readonly<Record<string, number>> {
  return Object.fromEntries(TOTALS.map((name) => [name, counters.value(name)]));
}

/** Hears of what happens in one web thread, and adds it up in its own stripe. */
export class ThreadTally implements ConnectionTally, RequestTally {
  readonly #counters: Counters<TallyName>;
  readonly #accepted: number;
  readonly #refused: number;
  readonly #open: number;
  readonly #received: number;
  readonly #sent: number;
  readonly #requests: number;
  readonly #active: number;
  // By the first digit of the status; 0 is for requests that were not answered.
  readonly #answered: readonly number[];

  constructor(handle: TallyHandle, seat: Seat) {
    const counters = new Counters(handle, seat);
    this.#counters = counters;
    this.#accepted = counters.id('connections');
    this.#refused = counters.id('connections_refused');
    this.#open = counters.id('open_connections');
    this.#received = counters.id('received_bytes');
    this.#sent = counters.id('sent_bytes');
    this.#requests = counters.id('requests');
    this.#active = counters.id('active_requests');
    this.#answered = [
      counters.id('requests_unanswered'),
      counters.id('responses_1xx'),
      counters.id('responses_2xx'),
      counters.id('responses_3xx'),
      counters.id('responses_4xx'),
      counters.id('responses_5xx'),
    ];
  }

  accepted(): void {
    this.#counters.add(this.#accepted, 1);
    this.#counters.add(this.#open, 1);
  }

  closed(): void {
    this.#counters.add(this.#open, -1);
  }

  refused(): void {
    this.#counters.add(this.#refused, 1);
  }

  received(bytes: number): void {
    this.#counters.add(this.#received, bytes);
  }

  sent(bytes: number): void {
    this.#counters.add(this.#sent, bytes);
  }

  begun(): void {
    this.#counters.add(this.#requests, 1);
    this.#counters.add(this.#active, 1);
  }

  finished(status: number): void {
    this.#counters.add(this.#active, -1);
    const id = this.#answered[Math.floor(status / 100)];
    if (id !== undefined) this.#counters.add(id, 1);
  }
}
