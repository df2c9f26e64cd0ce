import assert from 'node:assert/strict';
import { Worker } from 'node:worker_threads';
import { resolveConfig } from '../../src/config/index.ts';
import { WebServer } from '../../src/server/index.ts';

// The server lets nobody end its threads; a test does what a crash would, and finds them as they are spoken to.
const workers = new Set<Worker>();
const post: Worker['postMessage'] = Reflect.get(Worker.prototype, 'postMessage');
Worker.prototype.postMessage = function postMessage(this: Worker, ...message) {
  workers.add(this);
  post.apply(this, message);
};

/** A server of two threads on a free port, whose one route answers a text; its threads can be made to end. */
export class ThreadedServer {
  readonly lost: number[] = [];
  port = 0;
  /** Path of an access log, or `off`. */
  readonly #accessLog: string;
  readonly #server = new WebServer({
    serverName: 'Daemun',
    onThreadLost: (thread) => this.lost.push(thread),
  });

  constructor(accessLog = 'off') {
    this.#accessLog = accessLog;
  }

  async start(body: string): Promise<void> {
    workers.clear();
    const ports = await this.#server.start(configOf(body, this.#accessLog));
    assert.ok(!('problems' in ports), JSON.stringify(ports));
    this.port = ports[0]?.port ?? 0;
  }

  /** Serves another text; resolves to null, or to why it is not served. */
  async apply(body: string): Promise<string | null> {
    try {
      const applied = await this.#server.apply(configOf(body, this.#accessLog));
      return 'problems' in applied ? JSON.stringify(applied.problems) : null;
    } catch (error) {
      return String(error);
    }
  }

  /** Ends the first `count` threads without a word. */
  async kill(count: number): Promise<void> {
    const chosen = [...workers].slice(0, count);
    for (const worker of chosen) workers.delete(worker);
    await Promise.all(chosen.map((worker) => worker.terminate()));
  }

  stop(): Promise<void> {
    return this.#server.stop(0);
  }
}

function configOf(body: string, access: string): Parameters<WebServer['apply']>[0] {
  const routes = { '/': { respond: 200, body } };
  const sites = { '*': { listen: ['127.0.0.1:0'], routes } };
  const loaded = resolveConfig({ threads: 2, logs: { access }, sites }, { directory: '/' });
  assert.ok(loaded.model !== undefined, JSON.stringify(loaded.problems));
  return loaded.model;
}
