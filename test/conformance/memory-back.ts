import { Deadlines, ManualClock, MemoryBudget } from '../../src/base/index.ts';
import type {
  CallTimeouts,
  OutgoingCall,
  OutgoingRequest,
  ResponseReceiver,
  SerialConnection,
  Transport,
} from '../../src/http/message/index.ts';
import type { SerialProtocol } from '../../src/net/index.ts';
import type { BackCall, BackHarness, BackUnderTest } from './back.ts';
import type { BackConnection, BackStream, BackWire } from './back-wire.ts';
import { MemoryWire } from './memory-wire.ts';

/** Client connections over wires in memory; each call takes a usable one or makes one. */
export function memoryBack(wire: BackWire): BackHarness {
  return {
    name: `${wire.name} client in memory`,
    carries: wire.carries,
    open: (options) => new MemoryBack(wire, options?.budget ?? 1 << 20),
  };
}

class MemoryBack implements BackUnderTest, Transport {
  readonly clock = new ManualClock(1_800_000_000_000);
  readonly deadlines = new Deadlines();
  readonly budget: MemoryBudget;
  readonly defects: unknown[] = [];
  readonly calls: BackCall[] = [];
  readonly multiplexed = false;
  readonly kind: BackWire;
  readonly protocol: SerialProtocol;
  readonly #lines: Line[] = [];

  constructor(kind: BackWire, budget: number) {
    this.kind = kind;
    this.budget = new MemoryBudget(budget);
    this.protocol = kind.protocol(this);
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
  readonly client: SerialConnection;
  readonly back: BackConnection;
  readonly #incoming: (string | null)[] = [];
  #given = 0;
  #finSent = false;
  #finGiven = false;
  #over = false;

  constructor(front: MemoryBack, number: number) {
    this.client = front.protocol.connect(this.wire, {
      onIdle: () => {},
      onUnusable: () => {},
    });
    this.wire.protocol = this.client;
    front.deadlines.add(this.client);
    this.back = front.kind.back(number, this, front.calls);
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
