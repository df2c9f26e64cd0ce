import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { get } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { ThreadFaults } from '../support/faulty-threads.ts';
import { LoadTally, visit } from '../support/load-clients.ts';
import { temporaryDirectory } from '../support/process.ts';
import { RawClient } from '../support/raw-client.ts';
import { ServedConfig } from '../support/served-config.ts';

/** Longer than a thread that was given up lives on, in milliseconds. */
const GIVEN_UP_MS = 4000;

function configOf(timeout: string, more: object = {}): object {
  const routes = { '/': { respond: 200, body: 'here' } };
  const logs = { access: 'off', error: { path: 'stderr', level: 'warn' } };
  const sites = { '*': { listen: ['127.0.0.1:0'], routes } };
  return { threads: 2, stuckThreadTimeout: timeout, logs, ...more, sites };
}

async function started(
  t: TestContext,
  config: object,
): Promise<{ readonly server: ServedConfig; readonly faults: ThreadFaults }> {
  const directory = temporaryDirectory();
  const faults = new ThreadFaults(directory);
  const server = await ServedConfig.start(config, faults.environment, directory);
  t.after(async () => {
    faults.mend();
    await server.stop();
    server.remove();
  });
  return { server, faults };
}

test('a thread that stands still is told with what it runs, and so is that it goes on', async (t) => {
  const { server, faults } = await started(t, configOf('0s'));
  faults.stall(2);
  await eventually('the first line', () => server.complaint.includes('has stood still'));
  assert.match(
    server.complaint,
    /\[warn\] [0-9]+#[12]: Web thread 2 has stood still for [0-9.]+ s in .*< processTimers/,
  );
  assert.match(server.complaint, /runForLong \([^)]*faulty-threads\.ts:[0-9]+\)/);
  faults.goOn(2);
  await eventually('the second line', () =>
    /Web thread 2 goes on after [0-9.]+ s/.test(server.complaint),
  );
  assert.doesNotMatch(server.complaint, /is lost/);
});

test('a thread that waits in a call of the system is told, and goes on when it comes back', async (t) => {
  const { server, faults } = await started(t, configOf('0s'));
  faults.sleep(2, 3);
  await eventually('the first line', () => server.complaint.includes('has stood still'));
  assert.match(server.complaint, /Web thread 2 has stood still for [0-9.]+ s, perhaps in a call/);
  await eventually('the second line', () =>
    server.complaint.includes('Web thread 2 goes on after'),
  );
  for (let i = 0; i < 16; i++) {
    // oxlint-disable-next-line no-await-in-loop -- each may reach another thread
    assert.equal((await get(server.port)).body, 'here');
  }
});

test('a thread that stands still for too long is ended, and nobody waits for it any more', async (t) => {
  const { server, faults } = await started(t, configOf('2s'));
  const [before] = server.servers;
  faults.stall(1);
  await eventually('the stall', () => server.complaint.includes('has stood still'));
  // Some of these connections come to the thread that stands still, and wait.
  const answers = Promise.all(Array.from({ length: 12 }, () => get(server.port)));
  await eventually('the loss', () => server.complaint.includes('is lost'));
  assert.match(
    server.complaint,
    /Web thread 1 is lost and will be replaced: it stood still for [0-9.]+ s in /,
  );
  faults.goOn(1);
  for (const { body } of await answers) assert.equal(body, 'here');
  await eventually('another process', () => !server.servers.includes(before ?? 0));
  for (let i = 0; i < 12; i++) {
    // oxlint-disable-next-line no-await-in-loop -- each may reach another thread
    assert.equal((await get(server.port)).body, 'here');
  }
});

test('a thread that does not come back from a call of the system costs its own connections alone, and its process ends with it', async (t) => {
  const { server, faults } = await started(t, configOf('2s', { drainTimeout: '2s' }));
  const [before = 0] = server.servers;
  faults.sleep(1, 30);
  await eventually('the loss', () => server.complaint.includes('is lost'));
  // Nothing can end such a thread; the others do not wait for it.
  assert.match(server.complaint, /Web thread 1 is lost .* stood still .* perhaps in a call/);
  await eventually('another process', () => server.servers.some((pid) => pid !== before));
  for (let i = 0; i < 12; i++) {
    // oxlint-disable-next-line no-await-in-loop -- each may reach another thread
    assert.equal((await get(server.port)).body, 'here');
  }
  for (let tries = 0; server.servers.includes(before); tries++) {
    assert.ok(tries < 120, 'the process of before stays');
    // oxlint-disable-next-line no-await-in-loop -- it takes some seconds
    await new Promise((done) => setTimeout(done, 250));
  }
});

test('a thread that goes on after it was given up takes nobody along', async (t) => {
  const { server, faults } = await started(t, configOf('1s'));
  faults.stall(1);
  await eventually('the loss', () => server.complaint.includes('is lost'));
  faults.goOn(1);
  const tally = new LoadTally();
  const errand = { host: 'x', path: '/', answer: 'here', tagged: false };
  const end = performance.now() + GIVEN_UP_MS;
  const over = (): boolean => performance.now() > end;
  await Promise.all(
    Array.from({ length: 12 }, (_, at) =>
      visit(server.port, [errand], at % 2 === 0, tally, over, () => 2),
    ),
  );
  assert.deepEqual(tally.failures, []);
});

test('a thread that needs more memory than it may have is replaced', async (t) => {
  const { server, faults } = await started(t, configOf('0s', { threadHeap: '64MiB' }));
  faults.hoard(2);
  await eventually('the loss', () => server.complaint.includes('is lost'));
  assert.match(server.complaint, /Web thread 2 is lost and will be replaced: .*memory/);
  for (let i = 0; i < 12; i++) {
    // oxlint-disable-next-line no-await-in-loop -- each may reach another thread
    assert.equal((await get(server.port)).body, 'here');
  }
});

test('a server process whose main thread stands still is replaced, also while it is to load a configuration', async (t) => {
  const { server, faults } = await started(t, configOf('1s'));
  const [before = 0] = server.servers;
  const client = new RawClient(server.port);
  t.after(() => {
    client.close();
  });
  const ask = async (): Promise<string> =>
    (await client.ask('GET / HTTP/1.1\r\nHost: x\r\n\r\n')).body.toString('latin1');
  assert.equal(await ask(), 'here');
  faults.stallMain(before);
  const loading = server.reload(configOf('1s', { hotFileMemory: '1MiB' }));
  assert.equal(await ask(), 'here', 'its web threads go on');
  assert.equal((await loading).taken, true);
  assert.match(server.complaint, /The main thread of the server process stands still/);
  assert.ok(server.servers.includes(before), 'it still has what it has begun');
  // The stall is not over, and nobody comes to the process of before any more.
  for (let tries = 0; !server.complaint.includes('this thread accepts nothing any more'); tries++) {
    assert.ok(tries < 60, 'its threads do not notice');
    // oxlint-disable-next-line no-await-in-loop -- it takes some seconds
    await new Promise((done) => setTimeout(done, 250));
  }
  faults.mend();
  await eventually('the end of the first', () => !server.servers.includes(before));
  assert.equal((await get(server.port)).body, 'here');
});

test('a supervisor that stood still takes nobody else for standing still', async (t) => {
  const { server } = await started(t, configOf('4s'));
  const before = server.servers;
  server.signal('SIGSTOP');
  await new Promise((done) => setTimeout(done, 6000));
  server.signal('SIGCONT');
  await new Promise((done) => setTimeout(done, 2500));
  assert.equal((await get(server.port)).body, 'here');
  assert.deepEqual([server.servers, server.complaint], [before, '']);
});
