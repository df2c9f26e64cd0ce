import { type Fault, ManualClock, MemoryBudget, NEVER } from '../../src/base/index.ts';
import {
  type ConnectionOwner,
  type Fields,
  NO_FIELDS,
  type OutgoingRequest,
  type ResponseReceiver,
  type SerialConnection,
  type SerialSettings,
  type Wire,
} from '../../src/http/message/index.ts';
import { MemoryWire } from '../conformance/memory-wire.ts';

/** A request without a body. */
export const GET: OutgoingRequest = {
  method: 'GET',
  target: '/a?b',
  authority: 'back:81',
  fields: NO_FIELDS,
  length: 0,
  upgrade: null,
  client: null,
};
/** No wait of a call lasts longer than a second of the bench. */
export const TIMEOUTS = { connect: 1000, send: 1000, read: 1000 };

/** Writes down what a call tells. */
export class Answer implements ResponseReceiver {
  readonly log: string[] = [];
  body = '';
  wholes = 0;
  fault: Fault | null = null;
  onInform(status: number): void {
    this.log.push(`inform ${status}`);
  }
  onHead(status: number, reason: string, _fields: Fields, length: number): void {
    this.log.push(`head ${status} ${reason} ${length}`);
  }
  onData(chunk: Uint8Array, start: number, end: number): void {
    this.body += Buffer.from(chunk).toString('latin1', start, end);
  }
  onEnd(): void {
    this.log.push('end');
  }
  onWhole(status: number, reason: string, _fields: Fields, body: string): void {
    this.onHead(status, reason, NO_FIELDS, body.length);
    this.body = body;
    this.wholes++;
    this.onEnd();
  }
  onAbort(fault: Fault): void {
    this.fault = fault;
    this.log.push(`abort ${fault.kind.code}`);
  }
  onDrain(): void {
    this.log.push('drain');
  }
}

/** A client connection of any protocol, its wire, and everything it tells. */
export class ClientBench<C extends SerialConnection> {
  readonly wire = new MemoryWire();
  readonly clock = new ManualClock();
  readonly budget = new MemoryBudget(1 << 20);
  readonly defects: unknown[] = [];
  readonly told: string[] = [];
  readonly connection: C;
  onIdle: () => void = () => {};

  /** Connections are kept for 5000 ms unless the settings that `make` adds say something else. */
  constructor(make: (wire: Wire, settings: SerialSettings, owner: ConnectionOwner) => C) {
    const settings: SerialSettings = {
      clock: this.clock,
      budget: this.budget,
      keepAlive: true,
      idleTimeout: 5000,
      interimLimit: 10,
      onDefect: (error) => this.defects.push(error),
    };
    this.connection = make(this.wire, settings, {
      onIdle: () => {
        this.told.push('idle');
        this.onIdle();
      },
      onUnusable: () => this.told.push('unusable'),
    });
    this.wire.protocol = this.connection;
  }

  /** What was written since the last call, as the peer sees it. */
  sent(): string {
    const before = this.wire.taken.length;
    this.wire.turn();
    return this.wire.taken.toString('latin1', before);
  }

  // What was lent is gone when the call returns; bytes that were kept without a copy show.
  comes(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    const lent = this.connection.borrowsBytes;
    this.connection.onBytes(bytes, 0, bytes.length);
    if (lent) bytes.fill('!');
  }

  pass(ms: number): void {
    this.clock.advance(ms);
    if (this.connection.deadline > this.clock.monotonic()) return;
    this.connection.deadline = NEVER;
    this.connection.onDeadline(this.clock.monotonic());
  }

  get ended(): 'open' | 'closed' | 'destroyed' {
    if (this.wire.destroyed) return 'destroyed';
    return this.wire.closed ? 'closed' : 'open';
  }
}
