/** The listener of the administration, in the main thread: it answers while the web threads have more than they can do. */
import { setTimeout as delay } from 'node:timers/promises';
import { Deadlines, MemoryBudget, systemClock } from '../base/index.ts';
import { H1ServerConnection, type H1ServerSettings, HeadOpening } from '../http/h1/index.ts';
import type { ExchangeHandler } from '../http/message/index.ts';
import { ConnectionCensus, Listener, Turn, TurnClock, type WireThread } from '../net/index.ts';
import { BEAT_MS } from './beats.ts';
import type { AdminGrant } from './port.ts';

const BACKLOG = 128;
/** Between two looks whether somebody is connected, in milliseconds. */
const LOOK_MS = 20;
const LIMITS = {
  lingering: { idle: 1000, total: 5000 },
  maxConnections: 256,
  maxConnectionsPerAddress: 0,
};

/** What the listener tells of itself. */
export interface AdminTroubles {
  /** An error in our own code. */
  readonly onDefect: (error: unknown) => void;
}

/** See the head of this file. */
export class AdminListener {
  readonly #thread: WireThread;
  readonly #sweep: NodeJS.Timeout;
  readonly #census = new ConnectionCensus();
  #listener: Listener | null = null;

  private constructor(onDefect: (error: unknown) => void) {
    const clock = new TurnClock(systemClock);
    const turn = new Turn(clock, onDefect);
    const deadlines = new Deadlines();
    this.#thread = { turn, clock, deadlines, budget: new MemoryBudget(16 * 1024 * 1024) };
    this.#sweep = setInterval(() => {
      turn.enter();
      deadlines.sweep(clock.monotonic());
      turn.leave();
    }, BEAT_MS);
    this.#sweep.unref();
  }

  /** Answers on a socket from now on; rejects with the system's error where that fails. */
  static async open(
    { descriptor, unixPath }: AdminGrant,
    serverName: string,
    handler: ExchangeHandler,
    { onDefect }: AdminTroubles,
  ): Promise<AdminListener> {
    const admin = new AdminListener(onDefect);
    const settings = h1Settings(admin.#thread, handler, onDefect);
    const opening = new HeadOpening(serverName);
    admin.#listener = await Listener.open(
      { fd: descriptor },
      {
        thread: admin.#thread,
        limits: LIMITS,
        backlog: BACKLOG,
        unixPath,
        protocol: (wire, facts) => new H1ServerConnection(wire, facts, settings, opening),
        onRefused: () => {},
        onError: onDefect,
      },
      admin.#census,
    );
    return admin;
  }

  /** Takes no connection any more; who is connected already has an answer more. */
  windDown(): void {
    this.#listener?.windDown();
  }

  /** Resolves when nobody is connected any more, or after `limit` milliseconds. */
  async left(limit: number): Promise<void> {
    for (let waited = 0; waited < limit && this.#census.open > 0; waited += LOOK_MS) {
      // oxlint-disable-next-line no-await-in-loop -- a look now and then
      await delay(LOOK_MS);
    }
  }
}

function h1Settings(
  { clock, budget }: WireThread,
  handler: ExchangeHandler,
  onDefect: (error: unknown) => void,
): H1ServerSettings {
  return {
    handler,
    clock,
    budget,
    limits: { requestLine: 8192, head: 16_384, headerCount: 100 },
    lenientLineEnds: false,
    keepAliveTimeout: 10_000,
    keepAliveRequests: 1000,
    headTimeout: 10_000,
    bodyTimeout: 10_000,
    minimumBodyRate: 0,
    bodyRateGrace: 0,
    sendTimeout: 10_000,
    minimumSendRate: 0,
    discardLimit: 65_536,
    onDefect,
  };
}
