/** The main thread of a server process: does what the supervisor says, and tells it what happens. */
import type { FromServer, ServerStart, ToServer } from './port.ts';
import { WebServer } from './web-server.ts';

/** See the head of this file. */
export class ServerProcess {
  readonly #say: (message: FromServer) => void;
  readonly #end: () => void;
  readonly #server: WebServer;
  // The shortest time that connections were given so far; null while nothing ends.
  #limit: number | null = null;

  /** `end` ends the process. */
  constructor(start: ServerStart, say: (message: FromServer) => void, end: () => void) {
    this.#say = say;
    this.#end = end;
    this.#server = new WebServer({
      serverName: start.serverName,
      onThreadLost: (thread, reason) => {
        say({ type: 'thread-lost', thread, reason });
      },
      limits: { generation: start.generation, say },
    });
  }

  /** Does what the supervisor says; what cannot be done is told, and never thrown. */
  take(message: ToServer): void {
    this.#do(message).catch((error: unknown) => {
      this.#say({ type: 'failed', reason: reasonOf(error) });
    });
  }

  async #do(message: ToServer): Promise<void> {
    switch (message.type) {
      case 'prepare': {
        const { config, threads, sockets } = message;
        const siteFaults = await this.#server.prepare(config, threads, sockets);
        this.#say({ type: 'built', siteFaults });
        return;
      }
      case 'serve':
        await this.#server.serve();
        this.#say({ type: 'serving' });
        return;
      case 'apply':
        this.#say({ type: 'applied', ...(await this.#apply(message.config)) });
        return;
      case 'reopen-logs':
        this.#server.reopenLogs();
        return;
      case 'note':
        this.#server.note(message.level, message.text);
        return;
      case 'drain':
        await this.drain(message.idle, message.limit);
        return;
      default:
        await this.#server.limits.take(message);
    }
  }

  async #apply(
    config: Parameters<WebServer['apply']>[0],
  ): Promise<Pick<Extract<FromServer, { type: 'applied' }>, 'siteFaults' | 'failure'>> {
    try {
      return { siteFaults: await this.#server.apply(config), failure: null };
    } catch (error) {
      return { siteFaults: [], failure: reasonOf(error) };
    }
  }

  /** Stops accepting, and ends the process when connections have ended or `limit` milliseconds are over. */
  async drain(idle: number, limit: number): Promise<void> {
    // Who does not want to wait any longer says so with a shorter limit.
    if (this.#limit !== null && this.#limit <= limit) return;
    this.#limit = limit;
    await this.#server.drain(idle, limit, () => {
      this.#say({ type: 'draining' });
    });
    await this.#server.stop();
    this.#end();
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
