import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { get, refuses } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { freePort, temporaryDirectory } from '../support/process.ts';
import { childrenOf } from '../support/process-tree.ts';
import { ServedConfig } from '../support/served-config.ts';

const RESPOND = { '/': { respond: 200, body: 'here' } };

async function started(t: TestContext, config: object, directory: string): Promise<ServedConfig> {
  const server = await ServedConfig.start(config, {}, directory);
  t.after(async () => {
    // Another supervisor, which a test that failed has left, would keep the output open.
    for (const child of server.servers) process.kill(child, 'SIGKILL');
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
  const next = await successor(t, pidFile, server.pid);
  rmSync(`${pidFile}.oldbin`);
  process.kill(next, 'SIGTERM');
  await eventually('the end of the other', () => server.complaint.includes('this one goes on'));
  assert.equal(Number(readFileSync(pidFile, 'utf8')), server.pid);
  assert.equal((await get(port)).body, 'here');
  assert.equal(await server.stop(), 0);
  assert.equal(existsSync(pidFile), false);
});

test('an upgrade that is undone leaves the unix sockets to the server of before', async (t) => {
  const directory = temporaryDirectory();
  const [socket, admin] = [join(directory, 'x.sock'), join(directory, 'admin.sock')];
  const pidFile = join(directory, 'daemun.pid');
  const config = (listen: readonly string[]): object => ({
    threads: 1,
    pidFile,
    admin: { listen: `unix:${admin}` },
    logs: { access: 'off' },
    sites: { '*': { listen, routes: RESPOND } },
  });
  const tcp = `127.0.0.1:${await freePort()}`;
  const server = await started(t, config([tcp, `unix:${socket}`]), directory);
  // The second time, the new program has no use for the socket.
  for (const listen of [[tcp, `unix:${socket}`], [tcp]]) {
    writeFileSync(join(directory, 'c.json'), JSON.stringify(config(listen)));
    const said = server.complaint.length;
    server.signal('SIGUSR2');
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const next = await successor(t, pidFile, server.pid);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await eventually('its server process', () => childrenOf(next).length > 0);
    // oxlint-disable-next-line no-await-in-loop -- as above
    await servedBy(admin, next);
    process.kill(next, 'SIGTERM');
    // oxlint-disable-next-line no-await-in-loop -- as above
    await eventually('this one alone', () =>
      server.complaint.slice(said).includes('status 0; this one goes on'),
    );
    // oxlint-disable-next-line no-await-in-loop -- as above
    assert.equal((await get(socket)).body, 'here');
    // oxlint-disable-next-line no-await-in-loop -- as above
    await servedBy(admin, server.pid);
  }
  assert.equal(await server.stop(), 0);
  assert.deepEqual([existsSync(socket), existsSync(admin)], [false, false]);
});

/** Asks until the administration answers from a server whose supervisor has this number; both may answer. */
async function servedBy(admin: string, pid: number): Promise<void> {
  for (let asked = 0; asked !== pid;) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { body } = await get(admin, '/status');
    asked = (JSON.parse(body) as { readonly supervisor: { readonly pid: number } }).supervisor.pid;
  }
}

/** The supervisor that has come beside the one of before. */
async function successor(t: TestContext, pidFile: string, before: number): Promise<number> {
  // While the one makes room for the other there is no file.
  const pid = (): number => {
    try {
      return Number(readFileSync(pidFile, 'utf8'));
    } catch {
      return before;
    }
  };
  await eventually('another supervisor', () => pid() !== before);
  const next = pid();
  t.after(() => {
    try {
      process.kill(next, 'SIGKILL');
    } catch {
      // It has ended, as it should.
    }
  });
  return next;
}

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

interface Upgradable {
  readonly server: ServedConfig;
  readonly directory: string;
  readonly pidFile: string;
  readonly port: number;
  readonly config: (more?: object) => object;
}

async function upgradable(t: TestContext, listen: readonly string[] = []): Promise<Upgradable> {
  const directory = temporaryDirectory();
  const pidFile = join(directory, 'daemun.pid');
  const port = await freePort();
  const config = (more: object = {}): object => ({
    threads: 1,
    pidFile,
    admin: 'off',
    logs: { access: 'off' },
    sites: { '*': { listen: [`127.0.0.1:${port}`, ...listen], routes: RESPOND } },
    ...more,
  });
  const server = await started(t, config(), directory);
  return { server, directory, pidFile, port, config };
}

async function serves(supervisor: number): Promise<void> {
  await eventually('its server process', () => childrenOf(supervisor).length > 0);
}

test('of two programs neither starts a third; when the first has ended, the second does', async (t) => {
  const { server, pidFile, port } = await upgradable(t);
  server.signal('SIGUSR2');
  const next = await successor(t, pidFile, server.pid);
  await serves(next);
  server.signal('SIGUSR2');
  await eventually('a refusal', () =>
    server.complaint.includes('the program that was started in the place of this one still runs'),
  );
  process.kill(next, 'SIGUSR2');
  await eventually('another', () =>
    server.complaint.includes(`in the place of process ${server.pid}, which still runs`),
  );
  assert.equal(Number(readFileSync(pidFile, 'utf8')), next);
  assert.equal(Number(readFileSync(`${pidFile}.oldbin`, 'utf8')), server.pid);
  server.signal('SIGQUIT');
  assert.equal(await server.exited, 0);
  process.kill(next, 'SIGUSR2');
  const last = await successor(t, pidFile, next);
  await serves(last);
  process.kill(next, 'SIGQUIT');
  await eventually('the end of the second', () => childrenOf(next).length === 0);
  assert.equal((await get(port)).body, 'here');
  process.kill(last, 'SIGTERM');
  await eventually('the end of the third', () => !existsSync(pidFile));
});

for (const signal of ['SIGTERM', 'SIGKILL'] as const)
  test(`a program that rests serves again when the one in its place is ended by ${signal}`, async (t) => {
    const { server, pidFile, port } = await upgradable(t);
    server.signal('SIGUSR2');
    const next = await successor(t, pidFile, server.pid);
    await serves(next);
    server.signal('SIGWINCH');
    await eventually('the rest', () => server.servers.every((pid) => pid === next));
    const others = childrenOf(next);
    process.kill(next, signal);
    await eventually('this one alone', () => server.complaint.includes('this one goes on'));
    await eventually('a server process', () => server.servers.some((pid) => pid !== next));
    for (const pid of others) if (signal === 'SIGKILL') process.kill(pid, 'SIGKILL');
    assert.equal((await get(port)).body, 'here');
    assert.equal(await server.stop(), 0);
  });

test('a program that rests serves again with the configuration of before when HUP brings a bad one', async (t) => {
  const { server, port } = await upgradable(t);
  server.signal('SIGWINCH');
  await eventually('the rest', () => server.servers.length === 0);
  assert.equal((await server.reload('{')).taken, false);
  await eventually('a server process', () => server.servers.length === 1);
  assert.equal((await get(port)).body, 'here');
});

test('a unix socket that the program of before has no use for any more is left to the one in its place', async (t) => {
  const directory = temporaryDirectory();
  const socket = join(directory, 'x.sock');
  const { server, pidFile, port, config } = await upgradable(t, [`unix:${socket}`]);
  server.signal('SIGUSR2');
  const next = await successor(t, pidFile, server.pid);
  await serves(next);
  const sites = { '*': { listen: [`127.0.0.1:${port}`], routes: RESPOND } };
  assert.equal((await server.reload(config({ sites }))).taken, true);
  assert.equal((await get(socket)).body, 'here');
  server.signal('SIGQUIT');
  assert.equal(await server.exited, 0);
  assert.equal((await get(socket)).body, 'here');
  process.kill(next, 'SIGTERM');
  await eventually('the end of the other', () => !existsSync(pidFile));
  assert.equal(existsSync(socket), false);
});

test('an address that a configuration brings is closed when the server ends while the process of before still ends', async (t) => {
  const { server, directory, port, config } = await upgradable(t);
  const [before = 0] = server.servers;
  const added = await freePort();
  const socket = join(directory, 'y.sock');
  const listen = [`127.0.0.1:${port}`, `127.0.0.1:${added}`, `unix:${socket}`];
  // It cannot say that it drains.
  process.kill(before, 'SIGSTOP');
  const loading = server.reload(config({ sites: { '*': { listen, routes: RESPOND } } }));
  await eventually('the new process', () => existsSync(socket));
  await answeredOn(added);
  server.signal('SIGTERM');
  process.kill(before, 'SIGCONT');
  assert.equal(await server.exited, 0);
  loading.catch(() => {});
  assert.ok(await refuses(added));
  assert.equal(existsSync(socket), false);
});

async function answeredOn(port: number): Promise<void> {
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- until it answers
    if (!(await refuses(port))) break;
    // oxlint-disable-next-line no-await-in-loop -- as above
    await new Promise((done) => setTimeout(done, 20));
  }
  assert.equal((await get(port)).body, 'here');
}
