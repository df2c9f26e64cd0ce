import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test, type TestContext } from 'node:test';
import {
  askHost,
  makePages,
  type ManyHosts,
  manyHosts,
  WARM_PAGE,
  wrongHosts,
} from '../support/many-hosts.ts';
import { reloadAgain } from '../support/many-reloads.ts';
import { freePort, temporaryDirectory } from '../support/process.ts';
import { RawClient } from '../support/raw-client.ts';
import { ServedConfig } from '../support/served-config.ts';

const COUNT = 10_000;
const CHANGED = 4321;

/** A back end that counts the connections that are made to it. */
async function startBackEnd(t: TestContext): Promise<{ port: number; connections: number }> {
  const back = { port: await freePort(), connections: 0 };
  const server = createServer({ keepAliveTimeout: 60_000 }, (_request, response) =>
    response.end('behind'),
  );
  server.on('connection', () => back.connections++);
  await new Promise<void>((resolve) => {
    server.listen(back.port, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return back;
}

test('10,000 hosts all answer after each change, and those that did not change keep what they have', async (t) => {
  const back = await startBackEnd(t);
  const directory = temporaryDirectory();
  makePages(directory, 'before');
  const hosts = (generation: ManyHosts['generation']): ManyHosts => {
    return { count: COUNT, generation, back: back.port };
  };
  const first = hosts(() => 1);
  const server = await ServedConfig.start(manyHosts(first), {}, directory);
  t.after(async () => {
    await server.stop();
    server.remove();
  });
  const client = new RawClient(server.port);
  t.after(() => {
    client.close();
  });
  assert.deepEqual(await wrongHosts(server.port, first), []);
  const ask = (number: number, path: string): Promise<string> => askHost(client, number, path);
  for (const number of [0, CHANGED, COUNT - 1]) {
    // oxlint-disable-next-line no-await-in-loop -- three
    assert.equal(await ask(number, WARM_PAGE), 'before');
  }
  assert.equal(await ask(7, '/behind/'), 'behind');
  assert.equal(await ask(107, '/behind/'), 'behind');
  assert.equal(back.connections, 1);

  makePages(directory, 'after');
  const second = hosts((number) => (number === CHANGED ? 2 : 1));
  assert.equal((await server.reload(manyHosts(second))).taken, true);
  assert.deepEqual(await wrongHosts(server.port, second), []);
  assert.equal(await ask(CHANGED, WARM_PAGE), 'after', 'made anew');
  assert.equal(await ask(0, WARM_PAGE), 'before', 'the very same as before');
  assert.equal(await ask(COUNT - 1, WARM_PAGE), 'before', 'the very same as before');
  assert.equal(await ask(7, '/behind/'), 'behind');
  assert.equal(back.connections, 1, 'the connection of before');

  const third = hosts(() => 3);
  assert.equal((await server.reload(manyHosts(third))).taken, true);
  assert.deepEqual(await wrongHosts(server.port, third), []);
  assert.equal(await ask(0, WARM_PAGE), 'after', 'made anew');
  assert.equal(await ask(7, '/behind/'), 'behind');
  assert.equal(back.connections, 1, 'all sites changed, the upstream did not');

  const fewer = { ...third, count: COUNT - 1 };
  assert.equal((await server.reload(manyHosts(fewer))).taken, true);
  assert.deepEqual(await wrongHosts(server.port, fewer), []);
  assert.equal(await ask(COUNT - 1, '/'), 'site 0, generation 3', 'gone: the first site answers');
});

test('200 reloads of 200 sites leave neither memory nor descriptors behind', async (t) => {
  const { first, last } = await reloadAgain(200, 200);
  t.diagnostic(`${JSON.stringify(first)} became ${JSON.stringify(last)}`);
  if (first.residentKib !== null && last.residentKib !== null) {
    assert.ok(last.residentKib < first.residentKib * 1.5, JSON.stringify({ first, last }));
  }
  assert.equal(last.descriptors, first.descriptors);
});
