/** The main thread of a server process: does what the supervisor says, and tells it what happens. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExchangeHandler } from '../http/message/index.ts';
import { AdminListener } from './admin-listener.ts';
import type {
  AdminGrant,
  AdminPass,
  ConfigOffer,
  FromServer,
  ServerStart,
  ServerView,
  ToServer,
} from './port.ts';
import { ProcessView } from './process-view.ts';
import { totalsOf } from './tallies.ts';
import { WebServer } from './web-server.ts';

/** The channel to the supervisor, the end of everything, and who talks with administrators. */
export interface ServerProcessPorts {
  /** Tells the supervisor. */
  readonly say: (message: FromServer) => void;
  /** Ends the process. */
  readonly end: () => void;
  /** Makes what answers administrators; `audit` takes a line for each order. */
  readonly administer: (
    view: ServerView,
    pass: AdminPass,
    audit: (line: string) => void,
  ) => ExchangeHandler;
}

/** How a server process is to end. */
type Drain = Extract<ToServer, { type: 'drain' }>;

/** How often the supervisor is told how many connections are open, in milliseconds. */
const CENSUS_MS = 1000;

/** How long who asked the administration of a process that was replaced has for an answer, in milliseconds. */
const ADMIN_MS = 1000;

/** See the head of this file. */
export class ServerProcess {
  readonly #start: ServerStart;
  readonly #ports: ServerProcessPorts;
  readonly #server: WebServer;
  readonly #view: ProcessView;
  #admin: AdminGrant | null = null;
  #listener: AdminListener | null = null;
  // The shortest time that connections were given so far; null while nothing ends.
  #limit: number | null = null;

  constructor(start: ServerStart, ports: ServerProcessPorts) {
    this.#start = start;
    this.#ports = ports;
    this.#server = new WebServer({
      serverName: start.serverName,
      onThreadLost: (thread, reason) => {
        ports.say({ type: 'thread-lost', thread, reason });
      },
      limits: { generation: start.generation, say: ports.say },
    });
    this.#view = new ProcessView(start.version, this.#server, ports.say);
  }

  /** Does what the supervisor says; what cannot be done is told, and never thrown. */
  take(message: ToServer): void {
    this.#do(message).catch((error: unknown) => {
      this.#ports.say({ type: 'failed', reason: reasonOf(error) });
    });
  }

  async #do(message: ToServer): Promise<void> {
    switch (message.type) {
      case 'prepare': {
        const { offer, threads, sockets, admin } = message;
        this.#admin = admin;
        this.#view.model = offer.config;
        this.#view.ports = new Map(sockets.map(({ key, port }) => [key, port]));
        const siteFaults = await this.#server.prepare(offer, threads, sockets);
        this.#ports.say({ type: 'built', siteFaults });
        return;
      }
      case 'serve':
        await this.#serve();
        return;
      case 'apply':
        this.#ports.say({ type: 'applied', ...(await this.#apply(message.offer)) });
        return;
      case 'outcome':
        this.#view.done(message.id, message.outcome);
        return;
      case 'reopen-logs':
        this.#server.reopenLogs();
        return;
      case 'note':
        this.#server.note(message.level, message.text);
        return;
      case 'drain':
        if (message.replaced) this.#listener?.windDown();
        await this.drain(message);
        return;
      default:
        await this.#server.limits.take(message);
    }
  }

  async #serve(): Promise<void> {
    await this.#server.serve();
    if (this.#admin !== null) {
      const audit = (line: string): void => {
        this.#server.note('notice', line);
      };
      const handler = this.#ports.administer(this.#view, this.#admin.pass, audit);
      this.#listener = await AdminListener.open(this.#admin, this.#start.serverName, handler, {
        onDefect: (error) => {
          this.#server.note('crit', `The administration: ${reasonOf(error)}`);
        },
      });
    }
    this.#view.ready = true;
    this.#tellCensus();
    setInterval(() => {
      this.#tellCensus();
    }, CENSUS_MS).unref();
    this.#ports.say({ type: 'serving' });
  }

  #tellCensus(): void {
    const connections = this.#server.counters.value('open_connections');
    const totals = totalsOf(this.#server.counters);
    this.#ports.say({ type: 'census', connections, totals });
  }

  async #apply(
    offer: ConfigOffer,
  ): Promise<Pick<Extract<FromServer, { type: 'applied' }>, 'siteFaults' | 'failure'>> {
    try {
      const siteFaults = await this.#server.apply(offer);
      if (siteFaults.length === 0) this.#view.model = offer.config;
      return { siteFaults, failure: null };
    } catch (error) {
      return { siteFaults: [], failure: reasonOf(error) };
    }
  }

  /** The supervisor is gone: nobody follows orders any more, and the next one wants the address. */
  orphaned(): void {
    this.#listener?.windDown();
    this.#view.orphaned();
  }

  /**
   * Stops accepting after `delay` milliseconds, and ends the process when connections have ended or `limit` more are
   * over; one that was replaced leaves administrators a moment for what they asked.
   */
  async drain({ delay, idle, limit, replaced }: Omit<Drain, 'type'>): Promise<void> {
    // Who does not want to wait any longer says so with a shorter limit.
    if (this.#limit !== null && this.#limit <= limit) return;
    this.#limit = limit;
    // First of all: who sends clients here is to learn of it before they are refused.
    this.#view.ready = false;
    if (delay > 0) await sleep(delay);
    await this.#server.drain(idle, limit, () => {
      this.#ports.say({ type: 'draining' });
    });
    await this.#server.stop();
    // For the last time, so that nothing of what was counted is missing.
    this.#tellCensus();
    await this.#listener?.left(replaced ? ADMIN_MS : 0);
    this.#ports.end();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
