import { Deadlines, ManualClock, MemoryBudget } from '../../src/base/index.ts';
import type {
  CallTimeouts,
  OutgoingCall,
  OutgoingRequest,
  ResponseReceiver,
  Transport,
} from '../../src/http/message/index.ts';
import {
  DEFAULT_H1_LIMITS,
  H1ClientConnection,
  type H1ClientSettings,
} from '../../src/http/h1/index.ts';
import type { BackHarness, BackUnderTest } from './back.ts';
import { type BackStream, type H1BackCall, H1BackConnection } from './h1-scripted-back.ts';
import { MemoryWire } from './memory-wire.ts';

/** HTTP/1.1 client connections over wires in memory; each call takes a usable one or makes one. */
export const h1Back: BackHarness = {
  name: 'HTTP/1.1 client in memory',
  open: (options) => new H1Back(options?.budget ?? 1 << 20),
};

/** The settings of the harnesses for HTTP/1.1. */
export function h1ClientTestSettings(
  clock: ManualClock,
  budget: MemoryBudget,
  defects: unknown[],
): H1ClientSettings {
  return {
    clock,
    budget,
    limits: DEFAULT_H1_LIMITS,
    lenientLineEnds: false,
    keepAlive: true,
    idleTimeout: 5000,
    interimLimit: 10,
    onDefect: (error) => defects.push(error),
  };
}

class H1Back implements BackUnderTest, Transport {
  readonly clock = new ManualClock(1_800_000_000_000);
  readonly deadlines = new Deadlines();
  readonly budget: MemoryBudget;
  readonly defects: unknown[] = [];
  readonly calls: H1BackCall[] = [];
  readonly multiplexed = false;
  readonly settings: H1ClientSettings;
  readonly #lines: Line[] = [];

  constructor(budget: number) {
    this.budget = new MemoryBudget(budget);
    this.settings = h1ClientTestSettings(this.clock, this.budget, this.defects);
  }

  get transport(): Transport {
    return this;
  }

  open(request: OutgoingRequest, receiver: ResponseReceiver, timeouts: CallTimeouts): OutgoingCall {
    let line = this.#lines.find((each) => each.client.usable);
    if (line === undefined) {
      line = new Line(this, this.#lines.length + 1);
      this.#lines.push(line);
    }
    return line.client.open(request, receiver, timeouts);
  }

  advance(ms: number): void {
    this.clock.advance(ms);
    this.deadlines.sweep(this.clock.monotonic());
    for (let moved = true; moved;) {
      moved = false;
      for (const line of this.#lines) if (line.turn()) moved = true;
    }
  }

  async dispose(): Promise<void> {}
}

// One connection: the client's end, the back end's, and what is on its way to the client.
class Line implements BackStream {
  readonly wire = new MemoryWire();
  readonly client: H1ClientConnection;
  readonly back: H1BackConnection;
  readonly #incoming: (string | null)[] = [];
  #given = 0;
  #finSent = false;
  #finGiven = false;
  #over = false;

  constructor(front: H1Back, number: number) {
    this.client = new H1ClientConnection(this.wire, front.settings, {
      onIdle: () => {},
      onUnusable: () => {},
    });
    this.wire.protocol = this.client;
    front.deadlines.add(this.client);
    this.back = new H1BackConnection(number, this, front.calls);
  }

  send(text: string): void {
    if (!this.#finSent) this.#incoming.push(text);
  }

  fin(): void {
    this.#finSent = true;
    this.#incoming.push(null);
  }

  reset(): void {
    if (this.#over) return;
    this.#over = true;
    this.client.onClose(new Error('ECONNRESET'));
  }

  stall(): void {
    this.wire.reading = false;
  }

  readOn(): void {
    this.wire.reading = true;
  }

  turn(): boolean {
    if (this.#over) return false;
    const moved = !this.wire.destroyed && this.wire.turn();
    const bytes = this.wire.taken.subarray(this.#given);
    this.#given = this.wire.taken.length;
    if (bytes.length > 0) this.back.onBytes(bytes);
    if (this.wire.destroyed) {
      this.#over = true;
      this.back.onGone();
      this.client.onClose(null);
      return true;
    }
    if (this.wire.ended && this.wire.queued === 0 && !this.#finGiven) {
      this.#finGiven = true;
      this.back.onFin();
      return true;
    }
    if (this.wire.closed && this.#finGiven) {
      this.#over = true;
      this.client.onClose(null);
      return true;
    }
    if (this.wire.paused) return moved;
    const next = this.#incoming.shift();
    if (next === undefined) return moved;
    if (next === null) this.client.onPeerEnd();
    else this.#deliver(next);
    return true;
  }

  // Lent bytes are gone when the call returns; what a core kept without a copy shows.
  #deliver(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    const lent = this.client.borrowsBytes;
    this.client.onBytes(bytes, 0, bytes.length);
    if (lent) bytes.fill('!');
  }
}
