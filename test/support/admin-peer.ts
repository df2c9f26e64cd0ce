import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { temporaryDirectory } from './process.ts';

/** What a test has an administration answer; undefined leaves the client waiting. */
export type AdminScript = (
  asked: string,
  request: IncomingMessage,
) => { readonly status?: number; readonly body: unknown } | undefined;

/**
 * Answers on a unix socket or a port of the loopback address as a test says: `asked` is method and target, a text is
 * sent as it is, anything else as JSON.
 */
export class AdminPeer {
  readonly directory = temporaryDirectory();
  readonly socketPath = join(this.directory, 'admin.sock');
  /** Method and target of each request. */
  readonly asked: string[] = [];
  script: AdminScript;
  readonly #server: Server;

  private constructor(script: AdminScript) {
    this.script = script;
    this.#server = createServer((request, response) => {
      this.#answer(request, response);
    });
  }

  /** Listens until its test ends, on `socketPath` unless it is to be a port. */
  static async open(t: TestContext, script: AdminScript, onPort = false): Promise<AdminPeer> {
    const peer = new AdminPeer(script);
    await new Promise<void>((done) => {
      if (onPort) peer.#server.listen(0, '127.0.0.1', done);
      else peer.#server.listen(peer.socketPath, done);
    });
    t.after(async () => {
      await peer.close();
      rmSync(peer.directory, { recursive: true, force: true });
    });
    return peer;
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Stops listening, and cuts off who is connected. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((done) => this.#server.close(done));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const asked = `${request.method} ${request.url}`;
    this.asked.push(asked);
    const answer = this.script(asked, request);
    if (answer === undefined) return;
    response.writeHead(answer.status ?? 200);
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body));
  }
}

/** Keeps what a command writes. */
export class RecordedOutput {
  printed = '';
  errors = '';
  isTerminal = false;
  colour = false;
  readonly print = (text: string): void => {
    this.printed += text;
  };
  readonly printError = (text: string): void => {
    this.errors += text;
  };
}
