import { Deadlines, ManualClock, MemoryBudget } from '../../src/base/index.ts';
import type { ExchangeHandler, WireProtocol } from '../../src/http/message/index.ts';
import { memoryConnection } from '../support/memory-exchange.ts';
import type { FrontHarness, FrontUnderTest, TestCall, TestClient, TestRequest } from './front.ts';
import type { ClientSide, FrontWire, FrontWorld } from './front-wire.ts';
import { MemoryWire } from './memory-wire.ts';

/** A protocol in front over a wire in memory. */
export function memoryFront(kind: FrontWire): FrontHarness {
  return {
    name: `${kind.name} in memory`,
    carries: kind.carries,
    open: (handler, options) => new MemoryFront(kind, handler, options?.budget ?? 1 << 20),
  };
}

class MemoryFront implements FrontUnderTest, FrontWorld {
  readonly clock = new ManualClock(1_800_000_000_000);
  readonly deadlines = new Deadlines();
  readonly budget: MemoryBudget;
  readonly defects: unknown[] = [];
  readonly kind: FrontWire;
  readonly handler: ExchangeHandler;
  readonly #clients: MemoryClient[] = [];

  constructor(kind: FrontWire, handler: ExchangeHandler, budget: number) {
    this.kind = kind;
    this.handler = handler;
    this.budget = new MemoryBudget(budget);
  }

  connect(): TestClient {
    const client = new MemoryClient(this);
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

class MemoryClient implements TestClient {
  readonly wire = new MemoryWire();
  readonly server: WireProtocol;
  readonly #front: MemoryFront;
  readonly #side: ClientSide;
  readonly #outgoing: (string | null)[] = [];
  #read = 0;
  #left = false;

  constructor(front: MemoryFront) {
    this.#front = front;
    this.#side = front.kind.side({
      send: (text) => {
        this.#outgoing.push(text);
        this.turn();
      },
      end: () => {
        this.halfClose();
      },
    });
    this.server = front.kind.server(this.wire, memoryConnection({ requests: 0 }), front);
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
