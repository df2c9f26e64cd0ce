import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { startUpgrade } from '../../src/cli/upgrade.ts';
import { bindTcp } from '../../src/supervisor/bound-socket.ts';
import { SOCKETS_VARIABLE } from '../../src/supervisor/index.ts';
import { get } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { freePort, temporaryDirectory } from '../support/process.ts';
import { ServedConfig } from '../support/served-config.ts';

const RESPOND = { '/': { respond: 200, body: 'here' } };

async function started(t: TestContext, config: object, directory: string): Promise<ServedConfig> {
  const server = await ServedConfig.start(config, {}, directory);
  t.after(async () => {
    await server.stop();
    server.remove();
  });
  return server;
}

test('an upgrade goes on without the pid file, which somebody removed, and is undone likewise', async (t) => {
  const directory = temporaryDirectory();
  const port = await freePort();
  const pidFile = join(directory, 'daemun.pid');
  const sites = { '*': { listen: [`127.0.0.1:${port}`], routes: RESPOND } };
  const config = { threads: 1, pidFile, logs: { access: 'off' }, sites };
  const server = await started(t, config, directory);
  rmSync(pidFile);
  server.signal('SIGUSR2');
  await eventually('another supervisor', () => existsSync(pidFile));
  const next = Number(readFileSync(pidFile, 'utf8'));
  t.after(() => {
    try {
      process.kill(next, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  });
  assert.notEqual(next, server.pid);
  rmSync(`${pidFile}.oldbin`);
  process.kill(next, 'SIGTERM');
  await eventually('the end of the other', () => server.complaint.includes('this one goes on'));
  assert.equal(Number(readFileSync(pidFile, 'utf8')), server.pid);
  assert.equal((await get(port)).body, 'here');
  assert.equal(await server.stop(), 0);
  assert.equal(existsSync(pidFile), false);
});

test('an upgrade that the pid file is in the way of is told, and the server goes on', async (t) => {
  const directory = temporaryDirectory();
  const port = await freePort();
  const pids = join(directory, 'pids');
  mkdirSync(pids);
  const sites = { '*': { listen: [`127.0.0.1:${port}`], routes: RESPOND } };
  const pidFile = join(pids, 'daemun.pid');
  const server = await started(
    t,
    { threads: 1, pidFile, logs: { access: 'off' }, sites },
    directory,
  );
  rmSync(pids, { recursive: true });
  writeFileSync(pids, '');
  server.signal('SIGUSR2');
  await eventually('the failure', () => server.complaint.includes('this one goes on'));
  assert.match(server.complaint, /No program could be started in the place of this one: ENOTDIR/);
  assert.equal((await get(port)).body, 'here');
});

test('a list of sockets of any length reaches the program that takes the place of this one', async (t) => {
  const bound = bindTcp('127.0.0.1', 0, false);
  t.after(() => {
    bound.close();
  });
  // The system allows 128 KiB for a variable of the environment.
  const path = `/${'x'.repeat(300_000)}`;
  const sockets = [
    { fd: bound.fd, endpoint: { kind: 'unix', path }, reusesPort: false },
    { fd: bound.fd, endpoint: { kind: 'unix', path }, reusesPort: false },
  ] as const;
  const reads = `
    const { sockets } = JSON.parse(require('fs').readFileSync(Number(process.env.${SOCKETS_VARIABLE})));
    const right = sockets.every(({ fd, endpoint }) => endpoint.path.length === 300001 && require('fs').fstatSync(fd).isSocket());
    process.exit(right ? 40 + sockets.length : 1);`;
  const how = await new Promise<string>((done) => {
    const alive = setInterval(() => {}, 1000);
    startUpgrade(
      sockets,
      (said) => {
        clearInterval(alive);
        done(said);
      },
      ['-e', reads],
    );
  });
  assert.equal(how, 'ended with status 42');
});
