import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import { get } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { ThreadFaults } from '../support/faulty-threads.ts';
import { freePort, temporaryDirectory } from '../support/process.ts';
import { ServedConfig } from '../support/served-config.ts';

/** A back end that answers when it is told to, and knows how many requests it had at once. */
class SlowBackEnd {
  most = 0;
  came = 0;
  port = 0;
  readonly #waiting = new Set<ServerResponse>();

  async open(t: TestContext): Promise<void> {
    const server = createServer((_request, response) => {
      this.came++;
      this.#waiting.add(response);
      response.on('close', () => this.#waiting.delete(response));
      this.most = Math.max(this.most, this.#waiting.size);
    });
    this.port = await freePort();
    await new Promise<void>((done) => {
      server.listen(this.port, '127.0.0.1', done);
    });
    t.after(() => {
      server.close();
      server.closeAllConnections();
    });
  }

  answerAll(): void {
    for (const response of this.#waiting) response.end('behind');
  }
}

async function started(
  t: TestContext,
  servers: readonly object[],
): Promise<{ readonly server: ServedConfig; readonly faults: ThreadFaults }> {
  const directory = temporaryDirectory();
  const faults = new ThreadFaults(directory);
  const config = {
    threads: 4,
    logs: { access: 'off', error: 'stderr' },
    upstreams: { back: { servers } },
    sites: { '*': { listen: ['127.0.0.1:0'], routes: { '/': { proxy: 'back' } } } },
  };
  const server = await ServedConfig.start(config, faults.environment, directory);
  t.after(async () => {
    await server.stop();
    server.remove();
  });
  return { server, faults };
}

/** Statuses of requests that are made together, each on a connection of its own. */
function statuses(port: number, count: number): Promise<readonly number[]> {
  const asked = Array.from({ length: count }, async () => (await get(port)).status);
  return Promise.all(asked);
}

test('the requests that a server may have at once are counted over all threads', async (t) => {
  const back = new SlowBackEnd();
  await back.open(t);
  const { server } = await started(t, [
    { url: `http://127.0.0.1:${back.port}`, maxConnections: 3 },
  ]);
  for (let round = 0; round < 3; round++) {
    const before = back.came;
    const asked = statuses(server.port, 24);
    let over = false;
    void asked.then(() => (over = true));
    // oxlint-disable no-await-in-loop -- one round after the other
    await eventually('three requests', () => back.came >= before + 3);
    await eventually('the answers', () => {
      back.answerAll();
      return over;
    });
    const answers = await asked;
    // oxlint-enable no-await-in-loop
    assert.deepEqual(new Set(answers), new Set([200, 502]));
    assert.equal(back.most, 3);
  }
});

test('a request that a thread had under way when it was lost does not count any more', async (t) => {
  const back = new SlowBackEnd();
  await back.open(t);
  const { server, faults } = await started(t, [
    { url: `http://127.0.0.1:${back.port}`, maxConnections: 1 },
  ]);
  const lost = get(server.port).catch(() => null);
  await eventually('the request', () => back.came === 1);
  assert.deepEqual(new Set(await statuses(server.port, 8)), new Set([502]));
  for (const thread of [1, 2, 3]) {
    // oxlint-disable-next-line no-await-in-loop -- until it is the one that has it
    await faults.end(thread);
  }
  back.answerAll();
  await lost;
  const asked = statuses(server.port, 1);
  let over = false;
  void asked.then(() => (over = true));
  await eventually('the answer', () => {
    back.answerAll();
    return over;
  });
  assert.deepEqual(await asked, [200]);
});

test('what one thread has found failed, the others do not try', async (t) => {
  const back = new SlowBackEnd();
  await back.open(t);
  const { server } = await started(t, [
    { url: `http://127.0.0.1:${await freePort()}`, maxFails: 1, failTimeout: '1h' },
    { url: `http://127.0.0.1:${back.port}` },
  ]);
  for (let i = 0; i < 24; i++) {
    const asked = statuses(server.port, 1);
    let over = false;
    void asked.then(() => (over = true));
    // oxlint-disable no-await-in-loop -- each may reach another thread
    await eventually('the answer', () => {
      back.answerAll();
      return over;
    });
    assert.deepEqual(await asked, [200]);
    // oxlint-enable no-await-in-loop
  }
  assert.equal(server.complaint.split('dial-refused').length - 1, 1, server.complaint);
});
