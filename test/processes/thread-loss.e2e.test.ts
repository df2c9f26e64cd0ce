import assert from 'node:assert/strict';
import { mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { get } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { ThreadFaults } from '../support/faulty-threads.ts';
import { temporaryDirectory } from '../support/process.ts';
import { RawClient } from '../support/raw-client.ts';
import { ServedConfig } from '../support/served-config.ts';

function configOf(body: string, access = 'off'): object {
  const routes = { '/': { respond: 200, body } };
  return { threads: 2, logs: { access }, sites: { '*': { listen: ['127.0.0.1:0'], routes } } };
}

async function started(
  t: TestContext,
  access?: (directory: string) => string,
): Promise<{ readonly server: ServedConfig; readonly faults: ThreadFaults }> {
  const directory = temporaryDirectory();
  const faults = new ThreadFaults(directory);
  const config = configOf('first', access?.(directory));
  const server = await ServedConfig.start(config, faults.environment, directory);
  t.after(async () => {
    await server.stop();
    server.remove();
  });
  return { server, faults };
}

/** How often it was told that a thread is lost. */
function losses({ complaint }: ServedConfig): number {
  return complaint.split('is lost and will be replaced').length - 1;
}

/**
 * Resolves when so many losses were told. A thread that is ending may still take a connection, which ends with it;
 * once its end is told it has closed everything, and nobody who comes then may be lost.
 */
async function lost(server: ServedConfig, count: number): Promise<void> {
  await eventually('the losses', () => losses(server) >= count);
}

/** Every connection is answered, whatever thread of whatever process it reaches. */
async function serves(server: ServedConfig, body: string): Promise<void> {
  for (let i = 0; i < 16; i++) {
    // oxlint-disable-next-line no-await-in-loop -- each connection may reach another thread
    assert.equal((await get(server.port)).body, body);
  }
}

test('a thread that ends is told and replaced; who comes meanwhile waits, and who is connected elsewhere is answered', async (t) => {
  const { server, faults } = await started(t);
  const clients = Array.from({ length: 8 }, () => new RawClient(server.port));
  t.after(() => {
    for (const client of clients) client.close();
  });
  const ask = async (client: RawClient): Promise<string> =>
    (await client.ask('GET / HTTP/1.1\r\nHost: x\r\n\r\n')).body.toString('latin1');
  await Promise.all(clients.map(ask));
  await faults.end(1);
  await lost(server, 1);
  await serves(server, 'first');
  assert.equal(losses(server), 1);
  const answers = await Promise.allSettled(clients.map(ask));
  const answered = answers.filter(({ status }) => status === 'fulfilled');
  assert.ok(answered.length > 0, 'connections of the other thread live on');
  for (const answer of answered)
    assert.equal(answer.status === 'fulfilled' ? answer.value : '', 'first');
});

test('all threads may end, again and again', async (t) => {
  const { server, faults } = await started(t);
  for (let round = 1; round <= 3; round++) {
    // oxlint-disable no-await-in-loop -- one round after the other
    await Promise.all([faults.end(1), faults.end(2)]);
    await lost(server, 2 * round);
    await serves(server, 'first');
    // oxlint-enable no-await-in-loop
  }
  assert.equal((await server.reload(configOf('second'))).taken, true);
  await serves(server, 'second');
});

test('a thread that ends while it prepares a configuration leaves the one before, and the next is served', async (t) => {
  const { server, faults } = await started(t);
  faults.halt(1, 'prepare');
  const loading = server.reload(configOf('second'));
  await faults.endHalted(1);
  const { taken, reasons } = await loading;
  assert.equal(taken, false);
  assert.match(reasons, /Web thread 1 ended/);
  await serves(server, 'first');
  assert.equal((await server.reload(configOf('third'))).taken, true);
  await serves(server, 'third');
});

test('a process that cannot take the place of a hurt one is told, and tried again', async (t) => {
  let logs = '';
  const { server, faults } = await started(t, (directory) => {
    logs = join(directory, 'logs');
    mkdirSync(logs);
    return join(logs, 'access.log');
  });
  renameSync(logs, `${logs}-away`);
  await faults.end(1);
  await eventually('the failure', () => server.complaint.includes('could not be replaced'));
  renameSync(`${logs}-away`, logs);
  await serves(server, 'first');
});
