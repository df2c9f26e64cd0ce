/** A protocol over real sockets, without a pipeline: listener, protocol core, and a clock that only its test moves. */
import type { TestContext } from 'node:test';
import { Deadlines, ManualClock, MemoryBudget } from '../../src/base/index.ts';
import type { ExchangeHandler } from '../../src/http/message/index.ts';
import {
  ConnectionCensus,
  type DescriptorRoom,
  Listener,
  type ListenerLimits,
  type ListenTarget,
  Turn,
  TurnClock,
} from '../../src/net/index.ts';
import type { FrontWire } from '../conformance/front-wire.ts';
import { h1FrontWire } from '../conformance/h1-front.ts';
import { eventually } from './eventually.ts';

export { Fault } from '../../src/base/index.ts';
export {
  type Exchange,
  EXCHANGE_FAULTS,
  NO_FIELDS,
  UNKNOWN_LENGTH,
} from '../../src/http/message/index.ts';

/** See the head of this file. */
export class SocketServer {
  readonly clock = new ManualClock(1_800_000_000_000);
  readonly deadlines = new Deadlines();
  readonly budget: MemoryBudget;
  readonly census = new ConnectionCensus();
  readonly defects: unknown[] = [];
  /** Codes of the faults for which connections were turned away. */
  readonly refused: string[] = [];
  readonly #turn = new Turn(new TurnClock(this.clock), (error) => this.defects.push(error));
  #listener: Listener | null = null;

  private constructor(budget: number) {
    this.budget = new MemoryBudget(budget);
  }

  /** Serves `onExchange` on a free port of the loopback address, or on `target`; 1 MiB of memory unless said. */
  static async open(
    onExchange: ExchangeHandler['onExchange'],
    options: {
      readonly target?: ListenTarget;
      readonly limits?: Partial<ListenerLimits>;
      readonly budget?: number;
      readonly descriptors?: DescriptorRoom;
      /** HTTP/1.1 unless said. */
      readonly kind?: FrontWire;
    } = {},
  ): Promise<SocketServer> {
    const served = new SocketServer(options.budget ?? 1 << 20);
    const { clock, deadlines, budget, defects } = served;
    const world = { handler: { onExchange }, clock, budget, defects };
    const front = options.kind ?? h1FrontWire;
    served.#listener = await Listener.open(
      options.target ?? { host: '127.0.0.1', port: 0 },
      {
        thread: {
          turn: served.#turn,
          clock,
          deadlines,
          budget,
          ...(options.descriptors === undefined ? {} : { descriptors: options.descriptors }),
        },
        limits: {
          lingering: { idle: 1000, total: 5000 },
          maxConnections: 1000,
          maxConnectionsPerAddress: 0,
          ...options.limits,
        },
        backlog: 511,
        unixPath: options.target?.path ?? null,
        protocol: (wire, facts) => front.server(wire, facts, world),
        onRefused: ({ kind }) => served.refused.push(kind.code),
        onError: (error) => defects.push(error),
      },
      served.census,
    );
    return served;
  }

  get port(): number {
    return this.#listener?.port ?? 0;
  }

  /** Moves the clock and sweeps the deadlines. */
  advance(ms: number): void {
    this.clock.advance(ms);
    this.#turn.enter();
    this.deadlines.sweep(this.clock.monotonic());
    this.#turn.leave();
  }

  changeBacklog(backlog: number): boolean {
    return this.#listener?.changeBacklog(backlog) ?? false;
  }

  windDown(): void {
    this.#listener?.windDown();
  }

  retire(): void {
    this.#listener?.retire();
  }

  /** Retires at the end of a test, whose clients must be gone by then, and waits for the last connection. */
  retireAfter(t: TestContext): void {
    t.after(() => this.close());
  }

  async close(): Promise<void> {
    this.retire();
    await eventually('the end of all connections', () => {
      this.advance(1000);
      return this.census.open === 0;
    });
  }
}
