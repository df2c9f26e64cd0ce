/**
 * Limits over several threads, and over changes of what serves: never more is let in than they say, and never less. Rates
 * are so low that the time that a test takes does not matter.
 */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { get } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { ThreadFaults } from '../support/faulty-threads.ts';
import { freePort, temporaryDirectory } from '../support/process.ts';
import { RawClient } from '../support/raw-client.ts';
import { ServedConfig } from '../support/served-config.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';
const CLIENTS = 8;
/** A burst that lasts for some seconds. */
const LARGE = 24_000;

interface Settings {
  readonly port: number;
  readonly threads?: number;
  readonly top?: object;
  readonly site: object;
  readonly route?: object;
}

function configOf({ port, threads = 4, top = {}, site, route }: Settings): object {
  const routes = { '/': route ?? { respond: 200, body: 'in' } };
  return {
    threads,
    logs: { access: 'off', error: { path: 'stderr', level: 'crit' } },
    limits: { keepAliveRequests: 1_000_000 },
    rateZones: { all: { key: 'all', rate: '1r/m' } },
    connectionZones: { all: { key: 'all' } },
    ...top,
    sites: { '*': { listen: [`127.0.0.1:${port}`], ...site, routes } },
  };
}

async function started(
  t: TestContext,
  config: object,
): Promise<{ readonly server: ServedConfig; readonly faults: ThreadFaults }> {
  const directory = temporaryDirectory();
  const faults = new ThreadFaults(directory);
  const server = await ServedConfig.start(config, faults.environment, directory);
  t.after(async () => {
    await server.stop();
    server.remove();
  });
  return { server, faults };
}

/** Clients that ask one request after the other, each until it was refused so often in a row. */
class Crowd {
  admitted = 0;
  refused = 0;
  /** Requests of which nobody knows what became of them. */
  lost = 0;
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  async run(t: TestContext, until: () => boolean = () => true): Promise<void> {
    await Promise.all(Array.from({ length: CLIENTS }, () => this.#one(t, until)));
  }

  async #one(t: TestContext, until: () => boolean): Promise<void> {
    const client = new RawClient(this.#port);
    t.after(() => {
      client.close();
    });
    for (let refused = 0; refused < 20 || !until();) {
      // So that something is left when the test has done what it does in the middle, however slow the machine is.
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      if (this.admitted > LARGE / 2 && !until()) await new Promise((go) => setTimeout(go, 20));
      try {
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const { status } = await client.ask(REQUEST);
        if (status === 200) this.admitted++;
        else {
          assert.equal(status, 503);
          this.refused++;
          refused++;
        }
      } catch {
        this.lost++;
        client.close();
      }
    }
  }
}

test('clients over several threads are let in as often as the rate says, and not once more', async (t) => {
  const port = await freePort();
  const site = { limitRequests: [{ zone: 'all', burst: 499, noDelay: true }] };
  await started(t, configOf({ port, site }));
  const crowd = new Crowd(port);
  await crowd.run(t);
  assert.deepEqual([crowd.admitted, crowd.lost], [500, 0]);
});

test('a hand-over in the middle lets nobody in twice, and forgets nobody', async (t) => {
  const port = await freePort();
  const settings = {
    port,
    site: { limitRequests: [{ zone: 'all', burst: LARGE - 1, noDelay: true }] },
  };
  const { server } = await started(t, configOf(settings));
  const crowd = new Crowd(port);
  let over = false;
  const running = crowd.run(t, () => over);
  await eventually('the first requests', () => crowd.admitted > 100);
  const { taken } = await server.reload(configOf({ ...settings, threads: 3 }));
  assert.ok(taken);
  const meanwhile = crowd.admitted;
  over = true;
  await running;
  assert.ok(meanwhile < LARGE, 'the hand-over was in the middle');
  assert.equal(crowd.admitted, LARGE);
  assert.equal(crowd.lost, 0);
  assert.ok(!server.complaint.includes('Nobody decides'), server.complaint);
});

test('a hand-over that fails leaves the decisions where they were, those that wait among them', async (t) => {
  const port = await freePort();
  const settings = {
    port,
    site: { limitRequests: [{ zone: 'all', burst: LARGE - 1, noDelay: true }] },
  };
  const { server, faults } = await started(t, configOf({ ...settings, threads: 2 }));
  const crowd = new Crowd(port);
  let over = false;
  const running = crowd.run(t, () => over);
  await eventually('the first requests', () => crowd.admitted > 100);
  // When it has the counts already.
  faults.fail(3, 'commit');
  assert.equal((await server.reload(configOf({ ...settings, threads: 3 }))).taken, false);
  faults.mend();
  const meanwhile = crowd.admitted;
  assert.ok((await server.reload(configOf({ ...settings, threads: 3 }))).taken);
  over = true;
  await running;
  assert.ok(meanwhile < LARGE, 'the failure was in the middle');
  assert.equal(crowd.admitted, LARGE);
  assert.ok(!server.complaint.includes('Nobody decides'), server.complaint);
});

test('hand-overs one after the other, with connections of each process, count as one server', async (t) => {
  const port = await freePort();
  const settings = { port, site: { limitRequests: [{ zone: 'all', burst: 5, noDelay: true }] } };
  const { server } = await started(t, configOf({ ...settings, threads: 1 }));
  const clients: RawClient[] = [];
  const open = (): RawClient => {
    const client = new RawClient(port);
    clients.push(client);
    t.after(() => {
      client.close();
    });
    return client;
  };
  assert.equal((await open().ask(REQUEST)).status, 200);
  await server.reload(configOf({ ...settings, threads: 2 }));
  assert.equal((await open().ask(REQUEST)).status, 200);
  await server.reload(configOf({ ...settings, threads: 3 }));
  assert.equal((await open().ask(REQUEST)).status, 200);
  // Each on its connection, and in its process.
  const statuses: number[] = [];
  for (const client of clients) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    statuses.push((await client.ask(REQUEST)).status);
  }
  assert.deepEqual(statuses, [200, 200, 200]);
  assert.equal((await get(port)).status, 503);
  assert.ok(!server.complaint.includes('Nobody decides'), server.complaint);
});

test('a thread that ends in the middle lets nobody in twice', async (t) => {
  const port = await freePort();
  const settings = {
    port,
    site: { limitRequests: [{ zone: 'all', burst: LARGE - 1, noDelay: true }] },
  };
  const { server, faults } = await started(t, configOf(settings));
  const crowd = new Crowd(port);
  let over = false;
  const running = crowd.run(t, () => over);
  await eventually('the first requests', () => crowd.admitted > 100);
  await faults.end(2);
  await eventually('the loss', () => server.complaint.includes('is lost and will be replaced'));
  await eventually('the process in its place', () => server.servers.length > 1);
  over = true;
  await running;
  assert.ok(crowd.admitted <= LARGE, `${crowd.admitted}`);
  assert.ok(crowd.admitted + crowd.lost >= LARGE, `${crowd.admitted} and ${crowd.lost} lost`);
});

test('counts go on over another configuration; a zone with another key begins anew', async (t) => {
  const port = await freePort();
  const site = { limitRequests: [{ zone: 'all', burst: 2, noDelay: true }] };
  const { server } = await started(t, configOf({ port, site }));
  const statuses = async (count: number): Promise<readonly number[]> => {
    const heard: number[] = [];
    for (let i = 0; i < count; i++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      heard.push((await get(port)).status);
    }
    return heard;
  };
  assert.deepEqual(await statuses(2), [200, 200]);
  const again = { respond: 200, body: 'again' };
  await server.reload(configOf({ port, site, route: again }));
  assert.deepEqual(await statuses(2), [200, 503]);
  const faster = { rateZones: { all: { key: 'all', rate: '2r/m' } } };
  await server.reload(configOf({ port, site, top: faster }));
  assert.deepEqual(await statuses(1), [503]);
  // One that is refused leaves all as it is.
  const refused = { rateZones: { all: { key: '$no_such_variable', rate: '2r/m' } } };
  assert.equal((await server.reload(configOf({ port, site, top: refused }))).taken, false);
  assert.deepEqual(await statuses(1), [503]);
  const other = { rateZones: { all: { key: 'others', rate: '2r/m' } } };
  await server.reload(configOf({ port, site, top: other }));
  assert.deepEqual(await statuses(4), [200, 200, 200, 503]);
});

/** A server behind the proxy that answers when the test says so. */
class Back {
  readonly held: ServerResponse[] = [];
  /** How many requests came ever. */
  came = 0;
  readonly port: number;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(t: TestContext): Promise<Back> {
    const server = createServer((_request, response) => {
      back.came++;
      back.held.push(response);
      response.on('close', () => {
        back.held.splice(back.held.indexOf(response), 1);
      });
    });
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done);
    });
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const back: Back = new Back((server.address() as AddressInfo).port);
    return back;
  }

  /** Answers the oldest. */
  answer(count: number): void {
    for (const response of this.held.slice(0, count)) response.end('in');
  }
}

function proxied(port: number, back: Back, max: number, threads: number, more = {}): object {
  return configOf({
    port,
    threads,
    top: {
      ...more,
      upstreams: { b: { servers: [`http://127.0.0.1:${back.port}`] } },
    },
    site: { limitConnections: [{ zone: 'all', max }] },
    route: { proxy: 'b', readTimeout: '10m' },
  });
}

/** Asks so often at once, each on a connection of its own; the answers that came, and how many are open. */
class Askers {
  readonly answers: number[] = [];
  lost = 0;
  readonly #port: number;
  readonly #t: TestContext;

  constructor(t: TestContext, port: number) {
    this.#t = t;
    this.#port = port;
  }

  ask(count: number): readonly RawClient[] {
    return Array.from({ length: count }, () => {
      const client = new RawClient(this.#port);
      this.#t.after(() => {
        client.close();
      });
      client.ask(REQUEST).then(
        ({ status }) => this.answers.push(status),
        () => this.lost++,
      );
      return client;
    });
  }

  /** Asks one after the other until so many are under way, and then so often that it is known that no more are let in. */
  async fill(back: Back, wanted: number): Promise<void> {
    for (let tries = 0; back.held.length < wanted; tries++) {
      assert.ok(tries < 1000, `${back.held.length} of ${wanted} are under way`);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await this.one(back);
    }
    for (let more = 0; more < 8; more++) {
      // oxlint-disable-next-line no-await-in-loop -- as above
      await this.one(back);
      assert.equal(back.held.length, wanted);
    }
  }

  /** Asks once and waits until it was refused, or is under way. */
  async one(back: Back): Promise<void> {
    const [refused, { came }] = [this.count(503), back];
    this.ask(1);
    await eventually(
      'a refusal, or a request',
      () => this.count(503) > refused || back.came > came,
    );
  }

  count(status: number): number {
    return this.answers.filter((answer) => answer === status).length;
  }
}

test('so many requests are under way at once as the limit says, over all threads', async (t) => {
  const port = await freePort();
  const back = await Back.start(t);
  await started(t, proxied(port, back, 5, 4));
  const askers = new Askers(t, port);
  askers.ask(CLIENTS * 2);
  await eventually(
    'the refusals',
    () => askers.count(503) === CLIENTS * 2 - 5 && back.held.length === 5,
  );
  for (let round = 1; round <= 10; round++) {
    back.answer(2);
    // oxlint-disable no-await-in-loop -- one round after the other
    await eventually('the answers', () => askers.count(200) === 2 * round);
    await askers.fill(back, 5);
    // oxlint-enable no-await-in-loop
  }
  assert.equal(back.came, 25);
});

test('requests under way count on over hand-overs until they are over', async (t) => {
  const port = await freePort();
  const back = await Back.start(t);
  const { server } = await started(t, proxied(port, back, 5, 4));
  const askers = new Askers(t, port);
  askers.ask(3);
  await eventually('three', () => back.held.length === 3);
  assert.ok((await server.reload(proxied(port, back, 5, 3))).taken);
  askers.ask(4);
  await eventually('two more', () => back.held.length === 5 && askers.count(503) === 2);
  assert.ok((await server.reload(proxied(port, back, 5, 2))).taken);
  askers.ask(4);
  await eventually('none more', () => askers.count(503) === 6);
  // The oldest are in the first process.
  back.answer(3);
  await eventually('three answers', () => askers.count(200) === 3);
  await askers.fill(back, 5);
  assert.equal(askers.lost, 0);
  assert.ok(!server.complaint.includes('Nobody decides'), server.complaint);
});

test('what a process held is free when it is killed, what others hold is not', async (t) => {
  const port = await freePort();
  const back = await Back.start(t);
  const { server } = await started(t, proxied(port, back, 5, 2));
  const [first] = server.servers;
  const askers = new Askers(t, port);
  askers.ask(3);
  await eventually('three', () => back.held.length === 3);
  assert.ok((await server.reload(proxied(port, back, 5, 1))).taken);
  askers.ask(2);
  await eventually('two more', () => back.held.length === 5);
  askers.ask(1);
  await eventually('a refusal', () => askers.count(503) === 1);
  process.kill(first ?? 0, 'SIGKILL');
  await eventually('the end of three', () => back.held.length === 2 && askers.lost === 3);
  await askers.fill(back, 5);
});

test('what a thread held that ended is free, what the others hold is not', async (t) => {
  const port = await freePort();
  const back = await Back.start(t);
  const { server, faults } = await started(t, proxied(port, back, 8, 2));
  const askers = new Askers(t, port);
  askers.ask(8);
  await eventually('eight', () => back.held.length === 8);
  await faults.end(1);
  await eventually('the loss', () => server.complaint.includes('is lost and will be replaced'));
  await eventually('its end', () => back.held.length === 8 - askers.lost);
  await askers.fill(back, 8);
});

test('what a thread held that ended is free also where no other process can take its place', async (t) => {
  const port = await freePort();
  const back = await Back.start(t);
  const directory = temporaryDirectory();
  t.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  const logs = { access: join(directory, 'logs', 'access.log') };
  mkdirSync(join(directory, 'logs'));
  const { server, faults } = await started(t, proxied(port, back, 8, 2, { logs }));
  const askers = new Askers(t, port);
  askers.ask(8);
  await eventually('eight', () => back.held.length === 8);
  renameSync(join(directory, 'logs'), join(directory, 'away'));
  await faults.end(1);
  await eventually('that there is none', () => server.complaint.includes('could not be replaced'));
  await eventually('its end', () => back.held.length === 8 - askers.lost);
  await askers.fill(back, 8);
});

test('what a thread of a process before held is free when it ends', async (t) => {
  const port = await freePort();
  const back = await Back.start(t);
  const { server, faults } = await started(t, proxied(port, back, 16, 2));
  const askers = new Askers(t, port);
  askers.ask(16);
  await eventually('all', () => back.held.length === 16);
  assert.ok((await server.reload(proxied(port, back, 16, 1))).taken);
  await askers.one(back);
  assert.equal(askers.count(503), 1);
  // Only the process of before has a second one.
  await faults.end(2);
  await eventually('its end', () => askers.lost > 0 && back.held.length === 16 - askers.lost);
  await askers.fill(back, 16);
});

test('a request that waits keeps its body, and what follows on its connection its order', async (t) => {
  const port = await freePort();
  const echo = createServer((request, response) => {
    request.pipe(response);
  });
  await new Promise<void>((done) => {
    echo.listen(0, '127.0.0.1', done);
  });
  t.after(() => {
    echo.closeAllConnections();
    echo.close();
  });
  const back = (echo.address() as AddressInfo).port;
  const config = configOf({
    port,
    top: {
      rateZones: { all: { key: 'all', rate: '50r/s' } },
      upstreams: { b: { servers: [`http://127.0.0.1:${back}`] } },
    },
    site: { limitRequests: [{ zone: 'all', burst: 20 }] },
    route: { proxy: 'b' },
  });
  await started(t, config);
  const client = new RawClient(port);
  t.after(() => {
    client.close();
  });
  const bodies = Array.from({ length: 8 }, (_, at) => String(at).repeat(100_000 + at));
  const answers = await Promise.all(
    bodies.map((body) =>
      client.ask(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`),
    ),
  );
  assert.deepEqual(
    answers.map(({ status }) => status),
    bodies.map(() => 200),
  );
  for (const [at, { body }] of answers.entries()) assert.ok(body.toString('latin1') === bodies[at]);
});
