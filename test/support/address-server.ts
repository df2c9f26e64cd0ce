import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { resolveConfig } from '../../src/config/index.ts';
import { type Refusal, WebServer } from '../../src/server/index.ts';

/** What each address answers; a port, an address, or an address with options. */
export type Answers = readonly (readonly [listen: unknown, body: string])[];

function configOf(threads: number, answers: Answers): Parameters<WebServer['apply']>[0] {
  const sites = answers.map(([listen, body]) => [
    body,
    { listen: [listen], routes: { '/': { respond: 200, body } } },
  ]);
  const input = { threads, logs: { access: 'off' }, sites: Object.fromEntries(sites) };
  const loaded = resolveConfig(input, { directory: '/' });
  assert.ok(loaded.model !== undefined, JSON.stringify(loaded.problems));
  return loaded.model;
}

/** A server of sites that answer with their name, each on one address. */
export class AddressServer {
  readonly #threads: number;
  readonly #server = new WebServer({
    serverName: 'Daemun',
    onThreadLost: (thread, reason) => {
      assert.fail(`thread ${thread} is lost: ${reason}`);
    },
  });

  constructor(t: TestContext, threads: number) {
    this.#threads = threads;
    t.after(() => this.#server.stop(0));
  }

  /** Serves at first; resolves to what is announced. */
  async start(answers: Answers): Promise<readonly (readonly [key: string, port: number])[]> {
    const served = await this.#server.start(configOf(this.#threads, answers));
    assert.ok(!('problems' in served), JSON.stringify(served));
    return served.map(({ key, port }) => [key, port]);
  }

  /** Null where it is served now, otherwise what is said of it. */
  async apply(answers: Answers): Promise<Refusal['problems'] | null> {
    const served = await this.#server.apply(configOf(this.#threads, answers));
    return 'problems' in served ? served.problems : null;
  }
}
