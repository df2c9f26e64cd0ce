import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { openUnixSocket } from './unix-socket.ts';

function place(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'daemun-unix-'));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  return join(directory, 'x.sock');
}

test('a socket has the rights that were asked for, and goes when it is closed', async (t) => {
  const path = place(t);
  for (const mode of [0o600, 0o666]) {
    // oxlint-disable-next-line no-await-in-loop -- two
    const bound = await openUnixSocket(path, mode);
    assert.equal(statSync(path).mode & 0o777, mode);
    bound.close();
    assert.equal(existsSync(path), false);
  }
});

test('a socket that nobody answers on is taken over; one that is answered, and a file, are not', async (t) => {
  const path = place(t);
  const dead = await openUnixSocket(path, 0o600);
  const next = await openUnixSocket(path, 0o600);
  dead.close();
  assert.ok(existsSync(path), 'the one before does not take the next away');
  next.close();
  const server = createServer().listen(path);
  await new Promise((done) => server.once('listening', done));
  await assert.rejects(openUnixSocket(path, 0o600), { code: 'EADDRINUSE' });
  await new Promise((done) => server.close(done));
  writeFileSync(path, 'mine');
  await assert.rejects(openUnixSocket(path, 0o600), { code: 'EADDRINUSE' });
  assert.ok(existsSync(path));
  await assert.rejects(openUnixSocket(`${path}/x`, 0o600));
});
