import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CliProcess, get, refuses } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { ThreadFaults } from '../support/faulty-threads.ts';
import { freePort, temporaryDirectory } from '../support/process.ts';
import { RawClient } from '../support/raw-client.ts';
import { ServedConfig } from '../support/served-config.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

function configOf(port: number, more: object = {}): object {
  const routes = { '/': { respond: 200, body: 'here' }, '/back/*': { proxy: 'back' } };
  return {
    threads: 2,
    logs: { access: 'off', error: { path: './error.log', level: 'notice' } },
    upstreams: { back: { servers: ['http://127.0.0.1:1', 'http://127.0.0.1:2'] } },
    ...more,
    sites: { '*': { listen: [`127.0.0.1:${port}`], routes } },
  };
}

/** A server and the commands that ask it, in its directory. */
async function started(
  t: TestContext,
  config: object,
  environment: Readonly<Record<string, string>> = {},
  directory = temporaryDirectory(),
): Promise<{
  readonly server: ServedConfig;
  readonly ask: (...words: readonly string[]) => Promise<CliProcess>;
}> {
  const server = await ServedConfig.start(config, environment, directory);
  t.after(async () => {
    await server.stop();
    server.remove();
  });
  const ask = async (...words: readonly string[]): Promise<CliProcess> => {
    const command = new CliProcess(t, words, directory);
    await command.over();
    return command;
  };
  return { server, ask };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks an administration by HTTP. */
function admin(
  where: { readonly socketPath: string } | { readonly port: number },
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = 'GET',
): Promise<Answer> {
  return new Promise((done, failed) => {
    const asked = request(
      { host: '127.0.0.1', ...where, path, method, headers, agent: false },
      (answer) => {
        let body = '';
        answer.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
        answer.on('end', () => {
          done({ status: answer.statusCode ?? 0, body });
        });
      },
    );
    asked.on('error', failed);
    asked.end();
  });
}

test('status, connections and reload ask the server that runs the file', async (t) => {
  const port = await freePort();
  const { server, ask } = await started(t, configOf(port));
  const client = new RawClient(port);
  t.after(() => {
    client.close();
  });
  await client.ask(REQUEST);
  assert.equal((await get(port, '/back/x')).status, 502);
  const said = await ask('status', 'c.json', '--json');
  assert.equal(said.status, 0, said.stderr);
  const status = JSON.parse(said.stdout) as {
    readonly pid: number;
    readonly supervisor: Readonly<Record<string, unknown>>;
    readonly threads: readonly Readonly<Record<string, number | string>>[];
    readonly addresses: readonly object[];
    readonly counters: Readonly<Record<string, number>>;
    readonly upstreams: readonly { readonly peers: readonly { readonly failures: number }[] }[];
  };
  assert.equal(status.pid, server.servers[0]);
  assert.equal(status.supervisor['pid'], server.pid);
  assert.deepEqual(status.addresses, [{ key: `127.0.0.1:${port}`, port, hosts: ['*'] }]);
  assert.deepEqual(
    ['requests', 'responses_2xx', 'responses_5xx', 'connections'].map(
      (name) => status.counters[name],
    ),
    [2, 1, 1, 2],
  );
  const sum = (name: string): number =>
    status.threads.reduce((all, thread) => all + Number(thread[name]), 0);
  assert.deepEqual([sum('connections'), sum('requests')], [1, 2]);
  assert.deepEqual(
    status.upstreams.map(({ peers }) => peers.map(({ failures }) => failures)),
    [[1, 1]],
  );
  const page = await ask('status', 'c.json');
  assert.match(page.stdout, /127\.0\.0\.1:[0-9]+ +\*/);
  const list = JSON.parse(
    (await ask('connections', 'c.json', '--json')).stdout,
  ) as readonly Readonly<Record<string, unknown>>[];
  assert.equal(list.length, 1);
  const [connection] = list;
  assert.deepEqual(
    [
      connection?.['local'],
      connection?.['state'],
      connection?.['requests'],
      connection?.['bytesIn'],
    ],
    [`127.0.0.1:${port}`, 'idle', 1, REQUEST.length],
  );
  assert.match(String(connection?.['remote']), /^127\.0\.0\.1:[0-9]+$/);
  writeFileSync(join(server.directory, 'c.json'), JSON.stringify(configOf(port, { threads: 3 })));
  assert.equal((await ask('reload', 'c.json')).status, 0);
  writeFileSync(join(server.directory, 'c.json'), '{ "surprise": 1 }');
  const refused = await ask('reload', 'c.json');
  assert.equal(refused.status, 1);
  assert.match(refused.complaint, /c\.json:1:[0-9]+ surprise: Unknown key "surprise"/);
  const after = JSON.parse((await ask('status', 'c.json', '--json')).stdout) as typeof status;
  assert.deepEqual(
    [
      after.threads.length,
      after.supervisor['reloads'],
      after.supervisor['refusals'],
      after.supervisor['handOvers'],
    ],
    [3, 1, 1, 1],
  );
  // What was counted before the hand-over counts on, also what the process of before counts on its last connections.
  await client.ask(REQUEST);
  await get(port);
  let requests = 0;
  for (let tries = 0; tries < 20 && requests !== 4; tries++) {
    // oxlint-disable-next-line no-await-in-loop -- the process of before tells now and then
    const later = JSON.parse((await ask('status', 'c.json', '--json')).stdout) as typeof status;
    requests = later.counters['requests'] ?? 0;
  }
  assert.equal(requests, 4);
});

test('drain lets a connection finish, tells how many are left, and ends the server', async (t) => {
  const port = await freePort();
  const { server } = await started(t, configOf(port));
  const client = connect(port, '127.0.0.1');
  t.after(() => client.destroy());
  let said = '';
  client.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
  client.write('GET / HTTP/1.1\r\n');
  await get(port);
  const drain = new CliProcess(t, ['drain', 'c.json'], server.directory);
  // oxlint-disable-next-line no-await-in-loop -- until it accepts nothing any more
  while (!(await refuses(port)));
  assert.equal(drain.status, undefined);
  client.write('Host: x\r\nConnection: close\r\n\r\n');
  await eventually('the answer', () => said.endsWith('here'));
  assert.equal(await drain.over(), 0);
  assert.equal(await server.exited, 0);
});

test('stop ends the server, and then nobody is there', async (t) => {
  const port = await freePort();
  const { server, ask } = await started(t, configOf(port));
  const stop = await ask('stop', 'c.json');
  assert.equal(stop.status, 0, stop.stderr);
  assert.equal(await server.exited, 0);
  for (const words of [['status'], ['reload'], ['stop'], ['top']]) {
    // oxlint-disable-next-line no-await-in-loop -- four
    const asked = await ask(...words, 'c.json');
    assert.equal(asked.status, 1);
    assert.match(asked.complaint, /^No server runs here: /);
  }
});

test('readiness is denied first on the way down, while all goes on', async (t) => {
  const directory = temporaryDirectory();
  const [port, socketPath] = [await freePort(), join(directory, 'admin.sock')];
  const config = configOf(port, { shutdownDelay: '2s', admin: { listen: `unix:${socketPath}` } });
  const { server } = await started(t, config, {}, directory);
  assert.equal(statSync(socketPath).mode & 0o777, 0o600);
  assert.deepEqual(await admin({ socketPath }, '/ready'), { status: 200, body: 'ready\n' });
  server.signal('SIGQUIT');
  let readiness = 200;
  while (readiness === 200) {
    // oxlint-disable-next-line no-await-in-loop -- until the signal has arrived
    readiness = (await admin({ socketPath }, '/ready')).status;
  }
  assert.equal(readiness, 503);
  assert.equal((await admin({ socketPath }, '/live')).status, 200);
  assert.equal((await get(port)).body, 'here');
  assert.equal(await server.exited, 0);
  assert.equal(existsSync(socketPath), false);
});

test('on a loopback port a token is asked for, and neither told nor logged', async (t) => {
  const directory = temporaryDirectory();
  const [port, adminPort] = [await freePort(), await freePort()];
  const token = 'x'.repeat(32);
  writeFileSync(join(directory, 'token'), `${token}\n`, { mode: 0o600 });
  const config = configOf(port, {
    admin: { listen: `127.0.0.1:${adminPort}`, tokenFile: './token' },
  });
  const { server, ask } = await started(t, config, {}, directory);
  const where = { port: adminPort };
  assert.equal((await admin(where, '/live')).status, 200);
  for (const headers of [{}, { Authorization: 'Bearer wrong' }, { Authorization: token }])
    // oxlint-disable-next-line no-await-in-loop -- three
    assert.equal((await admin(where, '/status', headers)).status, 401);
  const authorized = { Authorization: `Bearer ${token}` };
  assert.equal((await admin(where, '/status', authorized)).status, 200);
  const foreign = { ...authorized, Host: 'evil.test' };
  assert.equal((await admin(where, '/status', foreign)).status, 421);
  const page = { ...authorized, Origin: 'http://evil.test' };
  assert.equal((await admin(where, '/reload', page, 'POST')).status, 403);
  const shown = await admin(where, '/config', authorized);
  assert.equal(shown.status, 200);
  assert.equal(shown.body.includes(token), false);
  assert.equal((await ask('status', 'c.json')).status, 0);
  assert.equal((await ask('status', '--admin', `127.0.0.1:${adminPort}`)).status, 1);
  const named = ['--admin', `127.0.0.1:${adminPort}`, '--token-file', 'token'];
  assert.equal((await ask('status', ...named)).status, 0);
  assert.equal((await ask('reload', ...named)).status, 0);
  const log = join(server.directory, 'error.log');
  await eventually('the audit', () => readFileSync(log, 'utf8').includes('/reload'));
  assert.equal(readFileSync(log, 'utf8').includes(token), false);
  chmodSync(join(directory, 'token'), 0o644);
  const open = await ask('status', ...named);
  assert.equal(open.status, 1);
  assert.match(open.complaint, /Other users may read the token/);
});

test('the administration answers while every web thread stands still', async (t) => {
  const directory = temporaryDirectory();
  const faults = new ThreadFaults(directory);
  const port = await freePort();
  const config = configOf(port, { stuckThreadTimeout: '0s' });
  const { ask } = await started(t, config, faults.environment, directory);
  faults.stall(1);
  faults.stall(2);
  let states: readonly unknown[] = [''];
  for (let tries = 0; tries < 20 && !states.every((state) => state === 'stuck'); tries++) {
    // oxlint-disable-next-line no-await-in-loop -- until both are seen to stand still
    const said = await ask('status', 'c.json', '--json');
    assert.equal(said.status, 0, said.stderr);
    const { threads } = JSON.parse(said.stdout) as {
      readonly threads: readonly { readonly state: string }[];
    };
    states = threads.map(({ state }) => state);
  }
  assert.deepEqual(states, ['stuck', 'stuck']);
  faults.goOn(1);
  faults.goOn(2);
  assert.equal((await get(port)).body, 'here');
});

test('a second server on the same file says that the first runs, also where it would have another port', async (t) => {
  const { server } = await started(t, configOf(0));
  const second = new CliProcess(t, ['run', 'c.json'], server.directory);
  assert.equal(await second.over(), 1);
  assert.match(second.complaint, /Another server has its administration at unix:.* already/);
});

for (const [what, options, message] of [
  ['another machine', { listen: '0.0.0.0:9000', tokenFile: './c.json' }, /open to other machines/],
  ['a port without a token', { listen: '127.0.0.1:9000' }, /every user of the machine/],
  [
    'a token that others may read',
    { listen: '127.0.0.1:9000', tokenFile: './c.json' },
    /c\.json:1:[0-9]+ admin\.tokenFile: Other users may read/,
  ],
  [
    'a token of five characters',
    { listen: '127.0.0.1:9000', tokenFile: './short' },
    /c\.json:1:[0-9]+ admin\.tokenFile: The first line of .* is no token/,
  ],
  [
    'the address of a site',
    { listen: 'localhost:10999', tokenFile: './token' },
    /c\.json:1:[0-9]+ admin\.listen: The site "\*" listens on 127\.0\.0\.1:10999/,
  ],
] as const)
  test(`an administration for ${what} is refused`, async (t) => {
    const directory = temporaryDirectory();
    writeFileSync(join(directory, 'c.json'), JSON.stringify(configOf(10_999, { admin: options })));
    writeFileSync(join(directory, 'short'), 'abcde\n', { mode: 0o600 });
    writeFileSync(join(directory, 'token'), 'x'.repeat(16), { mode: 0o600 });
    for (const command of ['run', 'check']) {
      const tried = new CliProcess(t, [command, 'c.json'], directory);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      assert.equal(await tried.over(), 1);
      assert.match(tried.complaint, message);
      assert.equal(tried.stdout, '');
    }
  });

for (const place of ['socket', 'port'] as const)
  test(`what was ordered at a ${place} while no process was there, by who has left since, is not done`, async (t) => {
    const directory = temporaryDirectory();
    const [path, port, token] = [join(directory, 'admin.sock'), await freePort(), 'x'.repeat(32)];
    writeFileSync(join(directory, 'token'), token, { mode: 0o600 });
    const administration =
      place === 'socket'
        ? { listen: `unix:${path}` }
        : { listen: `127.0.0.1:${port}`, tokenFile: './token' };
    const config = configOf(await freePort(), { admin: administration });
    const { server } = await started(t, config, {}, directory);
    server.signal('SIGWINCH');
    await eventually('the rest', () => server.servers.length === 0);
    const host = place === 'socket' ? 'localhost' : `127.0.0.1:${port}`;
    const authorization = place === 'socket' ? '' : `Authorization: Bearer ${token}\r\n`;
    for (const order of ['/stop', '/drain', '/reload']) {
      const socket = place === 'socket' ? connect(path) : connect(port, '127.0.0.1');
      socket.write(
        `POST ${order} HTTP/1.1\r\nHost: ${host}\r\n${authorization}Content-Length: 0\r\n\r\n`,
      );
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await new Promise((done) => setTimeout(done, 50));
      socket.destroy();
    }
    assert.equal((await server.reload(config)).taken, true);
    const before = server.servers;
    const log = (): string => readFileSync(join(directory, 'error.log'), 'utf8');
    await eventually('three refusals', () => log().split('not followed').length === 4);
    assert.equal((await get(server.port)).status, 200);
    assert.deepEqual(server.servers, before, server.complaint);
  });

test('a server is found, and asked to load again, where its file has a mistake that is not about the administration', async (t) => {
  const directory = temporaryDirectory();
  const port = await freePort();
  writeFileSync(join(directory, 'token'), 'x'.repeat(32), { mode: 0o600 });
  for (const administration of [
    { listen: `127.0.0.1:${port}`, tokenFile: './token' },
    { listen: `unix:${join(directory, 'a.sock')}` },
  ]) {
    // oxlint-disable no-await-in-loop -- one after the other
    const { server, ask } = await started(
      t,
      configOf(await freePort(), { admin: administration }),
      {},
      directory,
    );
    const file = join(directory, 'c.json');
    writeFileSync(file, JSON.stringify(configOf(1, { admin: administration, thread: 1 })));
    const reload = await ask('reload', 'c.json');
    assert.equal(reload.status, 1);
    assert.match(reload.complaint, /Unknown key.*Did you mean "?threads/);
    assert.match((await ask('status', 'c.json')).stdout, /serves/);
    await server.stop();
    // oxlint-enable no-await-in-loop
  }
});
