import { connect, type Socket } from 'node:net';
import type { MemoryBudget } from '../../src/base/index.ts';
import type { Exchange } from '../../src/http/message/index.ts';
import { SocketServer } from '../support/socket-server.ts';
import type { FrontHarness, FrontUnderTest, TestCall, TestClient, TestRequest } from './front.ts';
import type { ClientSide, FrontWire } from './front-wire.ts';

/** A protocol in front over loopback sockets, with a clock that only its test moves. */
export function socketFront(kind: FrontWire): FrontHarness {
  return {
    name: `${kind.name} over sockets`,
    carries: kind.carries,
    open: async (handler, options) => {
      const onExchange = (exchange: Exchange): void => {
        handler.onExchange(exchange);
      };
      const budget = options?.budget === undefined ? {} : { budget: options.budget };
      return new SocketFront(kind, await SocketServer.open(onExchange, { kind, ...budget }));
    },
  };
}

class SocketFront implements FrontUnderTest {
  readonly budget: MemoryBudget;
  readonly defects: readonly unknown[];
  readonly #kind: FrontWire;
  readonly #server: SocketServer;
  readonly #clients: SocketClient[] = [];

  constructor(kind: FrontWire, server: SocketServer) {
    this.#kind = kind;
    this.#server = server;
    this.budget = server.budget;
    this.defects = server.defects;
  }

  connect(): TestClient {
    const client = new SocketClient(this.#kind, this.#server.port);
    this.#clients.push(client);
    return client;
  }

  advance(ms: number): void {
    this.#server.advance(ms);
  }

  async dispose(): Promise<void> {
    for (const client of this.#clients) client.leave();
    await this.#server.close();
  }
}

class SocketClient implements TestClient {
  closed = false;
  readonly #socket: Socket;
  readonly #side: ClientSide;

  constructor(kind: FrontWire, port: number) {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const over = (how: 'ended' | 'reset'): void => {
      this.closed = true;
      this.#side.over(how);
    };
    this.#socket = socket;
    this.#side = kind.side({
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
