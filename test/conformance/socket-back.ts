import assert from 'node:assert/strict';
import { createServer, type Server, type Socket } from 'node:net';
import { Deadlines, ManualClock, MemoryBudget } from '../../src/base/index.ts';
import type { Transport } from '../../src/http/message/index.ts';
import { IdleConnections, PeerTransport, Turn, TurnClock } from '../../src/net/index.ts';
import type { BackCall, BackHarness, BackUnderTest } from './back.ts';
import type { BackStream, BackWire } from './back-wire.ts';

/** A pool of connections over sockets to a scripted server; `where` is the path to listen on, null for a port. */
export function socketBack(wire: BackWire, over: string, where: () => string | null): BackHarness {
  return {
    name: `${wire.name} pool over ${over}`,
    carries: wire.carries,
    open: (options) => new SocketBack(wire, where(), options?.budget ?? 1 << 24),
  };
}

class SocketBack implements BackUnderTest {
  readonly clock = new ManualClock(1_800_000_000_000);
  readonly deadlines = new Deadlines();
  readonly budget: MemoryBudget;
  readonly defects: unknown[] = [];
  readonly calls: BackCall[] = [];
  readonly multiplexed = false;
  readonly transport: Transport;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #pool: PeerTransport;

  constructor(wire: BackWire, path: string | null, budget: number) {
    this.budget = new MemoryBudget(budget);
    let connections = 0;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      const back = wire.back(++connections, streamOf(socket), this.calls);
      socket.on('data', (bytes: Buffer) => back.onBytes(bytes));
      socket.on('end', () => back.onFin());
      socket.on('error', () => {});
      socket.on('close', () => back.onGone());
    });
    // Without a host there is no name to look up, and the port is known at once.
    if (path === null) this.#server.listen({ port: 0 });
    else this.#server.listen({ path });
    const address = this.#server.address();
    assert.ok(address !== null);
    const endpoint =
      typeof address === 'object'
        ? ({ kind: 'tcp', host: '127.0.0.1', port: address.port } as const)
        : ({ kind: 'unix', path: address } as const);
    this.#pool = new PeerTransport({
      endpoint,
      thread: {
        turn: new Turn(new TurnClock(this.clock), (error) => this.defects.push(error)),
        clock: this.clock,
        deadlines: this.deadlines,
        budget: this.budget,
      },
      protocol: wire.protocol(this),
      idle: new IdleConnections(10),
      maxConnections: 0,
    });
    this.transport = this.#pool;
  }

  advance(ms: number): void {
    this.clock.advance(ms);
    this.deadlines.sweep(this.clock.monotonic());
  }

  async dispose(): Promise<void> {
    this.#pool.retire();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

function streamOf(socket: Socket): BackStream {
  return {
    send: (text) => {
      if (socket.writable) socket.write(text, 'latin1');
    },
    fin: () => {
      socket.end();
    },
    reset: () => {
      if (socket.remoteFamily === undefined) socket.destroy();
      else socket.resetAndDestroy();
    },
    stall: () => {
      socket.pause();
    },
    readOn: () => {
      socket.resume();
    },
  };
}
