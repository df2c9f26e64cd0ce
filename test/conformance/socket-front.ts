import { connect, type Socket } from 'node:net';
import { Deadlines, ManualClock, MemoryBudget } from '../../src/base/index.ts';
import { H1ServerConnection, HeadOpening } from '../../src/http/h1/index.ts';
import type { ExchangeHandler } from '../../src/http/message/index.ts';
import { ConnectionCensus, Listener, Turn, TurnClock } from '../../src/net/index.ts';
import { eventually } from '../support/eventually.ts';
import type { FrontHarness, FrontUnderTest, TestCall, TestClient, TestRequest } from './front.ts';
import { H1ClientSide } from './h1-client-side.ts';
import { h1TestSettings } from './h1-front.ts';

/** HTTP/1.1 over loopback sockets, with a clock that only its test moves. */
export const socketFront: FrontHarness = {
  name: 'HTTP/1.1 over sockets',
  open: (handler, options) => SocketFront.open(handler, options?.budget ?? 1 << 20),
};

class SocketFront implements FrontUnderTest {
  readonly clock = new ManualClock(1_800_000_000_000);
  readonly deadlines = new Deadlines();
  readonly budget: MemoryBudget;
  readonly defects: unknown[] = [];
  readonly #turn = new Turn(new TurnClock(this.clock), (error) => this.defects.push(error));
  readonly #census = new ConnectionCensus();
  readonly #clients: SocketClient[] = [];
  #listener: Listener | null = null;

  private constructor(budget: number) {
    this.budget = new MemoryBudget(budget);
  }

  static async open(handler: ExchangeHandler, budget: number): Promise<SocketFront> {
    const front = new SocketFront(budget);
    const settings = h1TestSettings(handler, front.clock, front.budget, front.defects);
    const opening = new HeadOpening('Daemun');
    front.#listener = await Listener.open(
      { kind: 'tcp', host: '127.0.0.1', port: 0 },
      {
        thread: {
          turn: front.#turn,
          clock: front.clock,
          deadlines: front.deadlines,
          budget: front.budget,
        },
        limits: {
          lingering: { idle: 1000, total: 5000 },
          maxConnections: 100,
          maxConnectionsPerAddress: 0,
        },
        backlog: 100,
        shared: false,
        protocol: (wire, facts) => new H1ServerConnection(wire, facts, settings, opening),
        onRefused: (fault) => front.defects.push(fault),
        onError: (error) => front.defects.push(error),
      },
      front.#census,
    );
    return front;
  }

  connect(): TestClient {
    const client = new SocketClient(this.#listener?.port ?? 0);
    this.#clients.push(client);
    return client;
  }

  advance(ms: number): void {
    this.clock.advance(ms);
    this.#turn.enter();
    this.deadlines.sweep(this.clock.monotonic());
    this.#turn.leave();
  }

  async dispose(): Promise<void> {
    this.#listener?.retire();
    for (const client of this.#clients) client.leave();
    await eventually('the end of all connections', () => this.#census.open === 0);
  }
}

class SocketClient implements TestClient {
  closed = false;
  readonly #socket: Socket;
  readonly #side: H1ClientSide;

  constructor(port: number) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const over = (how: 'ended' | 'reset'): void => {
      this.closed = true;
      this.#side.over(how);
    };
    this.#socket = socket;
    this.#side = new H1ClientSide({
      send: (text) => {
        if (socket.writable) socket.write(text, 'latin1');
      },
      end: () => {
        socket.end();
      },
    });
    socket.on('data', (chunk: Buffer) => {
      this.#side.take(chunk);
    });
    socket.on('end', () => {
      over('ended');
      // A tunnel goes on the other way when the server's side of it has ended; else nothing is left to say.
      if (!this.#side.tunnelling) socket.end();
    });
    socket.on('error', () => {
      over('reset');
    });
  }

  request(request?: TestRequest): TestCall {
    return this.#side.request(request);
  }

  requestGarbage(): TestCall {
    return this.#side.requestGarbage();
  }

  stall(): void {
    this.#socket.pause();
  }

  readOn(): void {
    this.#socket.resume();
  }

  leave(): void {
    this.#socket.resetAndDestroy();
  }

  halfClose(): void {
    this.#socket.end();
  }
}
