import { Deadlines, ManualClock, MemoryBudget } from '../../src/base/index.ts';
import { type ExchangeHandler, Fields } from '../../src/http/message/index.ts';
import {
  DEFAULT_H1_LIMITS,
  EVENT,
  HeadOpening,
  H1ServerConnection,
  type H1ServerSettings,
  ResponseParser,
} from '../../src/http/h1/index.ts';
import type { FrontHarness, FrontUnderTest, TestCall, TestClient, TestRequest } from './front.ts';
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
  readonly #calls: H1Call[] = [];
  readonly #parser = new ResponseParser(DEFAULT_H1_LIMITS, false);
  #read = 0;
  #left = false;
  readonly #outgoing: (string | null)[] = [];

  constructor(front: H1Front) {
    this.#front = front;
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

  request(request: TestRequest = {}): TestCall {
    const method = request.method ?? 'GET';
    const call = new H1Call(this, request.body === 'stream');
    call.method = method;
    call.upgrade = request.upgrade !== undefined;
    let head = `${method} ${request.target ?? '/'} HTTP/1.1\r\nHost: localhost\r\n`;
    for (const [name, value] of request.fields?.entries() ?? []) head += `${name}: ${value}\r\n`;
    if (request.body === 'stream') head += 'Transfer-Encoding: chunked\r\n';
    else if (request.body !== undefined) head += `Content-Length: ${request.body}\r\n`;
    if (request.expectContinue === true) head += 'Expect: 100-continue\r\n';
    if (request.upgrade !== undefined) head += `Connection: upgrade\r\nUpgrade: ${request.upgrade}\r\n`;
    if (request.takesTrailers === true) head += 'TE: trailers\r\n';
    this.#calls.push(call);
    this.send(`${head}\r\n`);
    return call;
  }

  requestGarbage(): TestCall {
    const call = new H1Call(this, false);
    this.#calls.push(call);
    this.send('GET / HTTP/1.1\r\nHost : localhost\r\n\r\n');
    return call;
  }

  send(text: string): void {
    this.#outgoing.push(text);
    this.turn();
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

  /** Moves bytes both ways until nothing moves any more, as an event loop would. */
  turn(): void {
    for (;;) {
      const moved = !this.wire.destroyed && this.wire.turn();
      const next = this.wire.paused && !this.wire.closed ? undefined : this.#outgoing.shift();
      if (next !== undefined && !this.#left && !this.closed) {
        if (next === null) this.server.onPeerEnd();
        else this.server.onBytes(Buffer.from(next, 'latin1'), 0, next.length);
      } else if (!moved) break;
    }
    this.#parse();
  }

  #parse(): void {
    const bytes = this.wire.taken.subarray(this.#read);
    this.#read = this.wire.taken.length;
    if (bytes.length > 0) this.#parser.push(bytes, 0, bytes.length);
    for (;;) {
      const call = this.#calls.find((each) => each.state === 'waiting' || each.state === 'open');
      if (call === undefined) return;
      if (call.state === 'waiting') this.#parser.expect(call.method, call.upgrade);
      const event = this.#parser.next();
      if (event === EVENT.head) {
        if (this.#parser.status < 200 && this.#parser.status !== 101) {
          call.informed.push(this.#parser.status);
        } else {
          call.status = this.#parser.status;
          call.fields = this.#parser.headFields;
          call.state = 'open';
        }
      } else if (event === EVENT.data) {
        const { window, dataStart, dataEnd } = this.#parser;
        call.body += window.toString('latin1', dataStart, dataEnd);
      } else if (event === EVENT.end) {
        call.trailers = this.#parser.trailers;
        call.state = 'complete';
      } else if (event === EVENT.refused) {
        call.state = 'broken';
      } else if (!this.#ended()) {
        return;
      } else if (call.state === 'open' && !this.wire.destroyed && this.#parser.finish() === EVENT.end) {
        call.state = 'complete';
      } else {
        call.state = 'broken';
      }
    }
  }

  #ended(): boolean {
    return this.wire.destroyed || (this.wire.ended && this.wire.queued === 0);
  }
}

class H1Call implements TestCall {
  readonly informed: number[] = [];
  method = 'GET';
  upgrade = false;
  status = 0;
  fields: Fields | null = null;
  body = '';
  trailers: Fields | null = null;
  state: 'waiting' | 'open' | 'complete' | 'broken' = 'waiting';
  readonly #client: H1Client;
  readonly #chunked: boolean;

  constructor(client: H1Client, chunked: boolean) {
    this.#client = client;
    this.#chunked = chunked;
  }

  write(bytes: string): void {
    this.#client.send(this.#chunked ? `${bytes.length.toString(16)}\r\n${bytes}\r\n` : bytes);
  }

  end(trailers?: Fields): void {
    if (this.upgrade) {
      this.#client.halfClose();
    } else if (this.#chunked) {
      let text = '0\r\n';
      for (const [name, value] of trailers?.entries() ?? []) text += `${name}: ${value}\r\n`;
      this.#client.send(`${text}\r\n`);
    }
  }

  breakBody(): boolean {
    if (!this.#chunked) return false;
    this.#client.send('zz\r\n');
    return true;
  }
}
