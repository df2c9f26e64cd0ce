import { Deadlines, ManualClock, MemoryBudget } from '../../src/base/index.ts';
import type { ExchangeHandler } from '../../src/http/message/index.ts';
import {
  DEFAULT_H1_LIMITS,
  HeadOpening,
  H1ServerConnection,
  type H1ServerSettings,
} from '../../src/http/h1/index.ts';
import type { FrontHarness, FrontUnderTest, TestCall, TestClient, TestRequest } from './front.ts';
import { H1ClientSide } from './h1-client-side.ts';
import { MemoryWire } from './memory-wire.ts';
import { memoryConnection } from '../support/memory-exchange.ts';

/** HTTP/1.1 over a wire in memory. */
export const h1Front: FrontHarness = {
  name: 'HTTP/1.1 in memory',
  open: (handler, options) => new H1Front(handler, options?.budget ?? 1 << 20),
};

/** The settings of the harness for one handler; tests of the connection itself begin from them. */
export function h1TestSettings(
  handler: ExchangeHandler,
  clock: ManualClock,
  budget: MemoryBudget,
  defects: unknown[],
): H1ServerSettings {
  return {
    handler,
    clock,
    budget,
    limits: DEFAULT_H1_LIMITS,
    lenientLineEnds: false,
    keepAliveTimeout: 5000,
    keepAliveRequests: 1000,
    headTimeout: 1000,
    bodyTimeout: 1000,
    minimumBodyRate: 0,
    bodyRateGrace: 0,
    sendTimeout: 1000,
    minimumSendRate: 10,
    discardLimit: 64 * 1024,
    onDefect: (error) => defects.push(error),
  };
}

class H1Front implements FrontUnderTest {
  readonly clock = new ManualClock(1_800_000_000_000);
  readonly deadlines = new Deadlines();
  readonly budget: MemoryBudget;
  readonly defects: unknown[] = [];
  readonly settings: H1ServerSettings;
  readonly #clients: H1Client[] = [];

  constructor(handler: ExchangeHandler, budget: number) {
    this.budget = new MemoryBudget(budget);
    this.settings = h1TestSettings(handler, this.clock, this.budget, this.defects);
  }

  connect(): TestClient {
    const client = new H1Client(this);
    this.#clients.push(client);
    return client;
  }

  advance(ms: number): void {
    this.clock.advance(ms);
    this.deadlines.sweep(this.clock.monotonic());
    for (const client of this.#clients) client.turn();
  }

  async dispose(): Promise<void> {}
}

class H1Client implements TestClient {
  readonly wire = new MemoryWire();
  readonly server: H1ServerConnection;
  readonly #front: H1Front;
  readonly #side: H1ClientSide;
  readonly #outgoing: (string | null)[] = [];
  #read = 0;
  #left = false;

  constructor(front: H1Front) {
    this.#front = front;
    this.#side = new H1ClientSide({
      send: (text) => {
        this.#outgoing.push(text);
        this.turn();
      },
      end: () => {
        this.halfClose();
      },
    });
    this.server = new H1ServerConnection(
      this.wire,
      memoryConnection({ requests: 0 }),
      front.settings,
      new HeadOpening('Daemun'),
    );
    this.wire.protocol = this.server;
    front.deadlines.add(this.server);
  }

  get closed(): boolean {
    return this.wire.closed || this.wire.destroyed;
  }

  request(request?: TestRequest): TestCall {
    return this.#side.request(request);
  }

  requestGarbage(): TestCall {
    return this.#side.requestGarbage();
  }

  stall(): void {
    this.wire.reading = false;
  }

  readOn(): void {
    this.wire.reading = true;
    this.turn();
  }

  leave(): void {
    if (this.#left) return;
    this.#left = true;
    this.#front.deadlines.remove(this.server);
    this.server.onClose(null);
  }

  halfClose(): void {
    this.#outgoing.push(null);
    this.turn();
  }

  // Borrowed bytes are gone when the call returns; what a core kept without a copy shows.
  #deliver(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    const borrowed = this.server.borrowsBytes;
    this.server.onBytes(bytes, 0, bytes.length);
    if (borrowed) bytes.fill('!');
  }

  /** Moves bytes both ways until nothing moves any more, as an event loop would. */
  turn(): void {
    for (;;) {
      const moved = !this.wire.destroyed && this.wire.turn();
      const next = this.wire.paused && !this.wire.closed ? undefined : this.#outgoing.shift();
      if (next !== undefined && !this.#left && !this.closed) {
        if (next === null) this.server.onPeerEnd();
        else this.#deliver(next);
      } else if (!moved) break;
    }
    this.#side.take(this.wire.taken.subarray(this.#read));
    this.#read = this.wire.taken.length;
    if (this.wire.destroyed) this.#side.over('reset');
    else if (this.wire.ended && this.wire.queued === 0) this.#side.over('ended');
  }
}
