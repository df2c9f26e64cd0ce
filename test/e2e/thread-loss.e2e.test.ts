import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { get } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { ThreadedServer } from '../support/threaded-server.ts';

async function started(t: TestContext): Promise<ThreadedServer> {
  const server = new ThreadedServer();
  t.after(() => server.stop());
  await server.start('first');
  return server;
}

test('threads that end are told and replaced, and serve the same on the same port', async (t) => {
  const server = await started(t);
  await server.kill(2);
  await eventually('both losses', () => server.lost.length === 2);
  assert.deepEqual(
    server.lost.toSorted((a, b) => a - b),
    [1, 2],
  );
  // A configuration is applied behind the replacements.
  assert.equal(await server.apply('first'), null);
  for (let i = 0; i < 8; i++) {
    // oxlint-disable-next-line no-await-in-loop -- each connection may reach another thread
    assert.equal((await get(server.port)).body, 'first');
  }
});

test('a thread that ends while it prepares a configuration leaves the one before, and the next is served', async (t) => {
  const server = await started(t);
  const applying = server.apply('second');
  await server.kill(1);
  const why = await applying;
  if (why !== null) assert.match(why, /Web thread [12] ended/);
  const body = why === null ? 'second' : 'first';
  await eventually('the loss', () => server.lost.length === 1);
  for (let tries = 0, again: string | null = ''; again !== null; tries++) {
    assert.ok(tries < 100, 'the replacement never comes');
    // oxlint-disable-next-line no-await-in-loop -- until the replacement is there
    again = await server.apply(body);
    // oxlint-disable-next-line no-await-in-loop -- a thread that ended before it served comes back later
    if (again !== null) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.equal((await get(server.port)).body, body);
  assert.equal(await server.apply('third'), null);
  assert.equal((await get(server.port)).body, 'third');
});

test('a replacement that cannot serve the configuration is told as lost, and tried again', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'daemun-loss-'));
  const logs = join(directory, 'logs');
  mkdirSync(logs);
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  const server = new ThreadedServer(join(logs, 'access.log'));
  t.after(() => server.stop());
  await server.start('first');
  renameSync(logs, `${logs}-away`);
  await server.kill(1);
  await eventually('the loss of the replacement', () => server.lost.length >= 2);
  assert.equal(server.lost[0], server.lost[1]);
  renameSync(`${logs}-away`, logs);
  for (let tries = 0, again: string | null = ''; again !== null; tries++) {
    assert.ok(tries < 100, 'the replacement never comes');
    // oxlint-disable-next-line no-await-in-loop -- until the replacement is there
    again = await server.apply('second');
    // oxlint-disable-next-line no-await-in-loop -- it is tried again after a while
    if (again !== null) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (let i = 0; i < 8; i++) {
    // oxlint-disable-next-line no-await-in-loop -- each connection may reach another thread
    assert.equal((await get(server.port)).body, 'second');
  }
});
