import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectSecurely } from 'node:tls';
import { CliProcess, get, refuses } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { needs, peerPath } from '../support/needs.ts';
import {
  AS_OWNER,
  freePort,
  LAUNCHER,
  launcherForAll,
  temporaryDirectory,
} from '../support/process.ts';
import { childrenOf, isRunning } from '../support/process-tree.ts';
import { RawClient } from '../support/raw-client.ts';
import { ServedConfig } from '../support/served-config.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

function answering(body: string, port: number, more: object = {}): object {
  const sites = { '*': { listen: [`127.0.0.1:${port}`], routes: { '/': { respond: 200, body } } } };
  return { threads: 2, logs: { access: 'off' }, ...more, sites };
}

async function started(
  t: TestContext,
  config: object,
  directory = temporaryDirectory(),
): Promise<ServedConfig> {
  const server = await ServedConfig.start(config, {}, directory);
  t.after(async () => {
    await server.stop();
    server.remove();
  });
  return server;
}

/** Asks on connections of their own, one after the other, until `over`; what was answered, in order, without repetition. */
async function asking(where: number | string, over: AbortSignal): Promise<readonly string[]> {
  const answers: string[] = [];
  while (!over.aborted) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { body } = await get(where);
    if (answers.at(-1) !== body) answers.push(body);
  }
  return answers;
}

test('a server process that is killed is replaced, and no connection is refused meanwhile', async (t) => {
  const port = await freePort();
  const server = await started(t, answering('here', port));
  const over = new AbortController();
  t.after(() => {
    over.abort();
  });
  const askers = [1, 2, 3].map(() => outcomes(port, over.signal));
  const before = server.servers;
  for (const pid of before) process.kill(pid, 'SIGKILL');
  await eventually('another server process', () =>
    server.servers.some((pid) => !before.includes(pid)),
  );
  for (let i = 0; i < 20; i++) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    assert.equal((await get(port)).body, 'here');
  }
  assert.match(server.complaint, /The server process was ended by SIGKILL and will be replaced/);
  assert.ok(server.servers.every((pid) => !before.includes(pid)));
  over.abort();
  // What the process had under way is lost with it; nobody was refused.
  for (const seen of await Promise.all(askers)) {
    assert.ok(seen.has('here'));
    assert.ok(seen.isSubsetOf(new Set(['here', 'ECONNRESET'])), [...seen].join());
  }
});

/** What all asking on new connections led to: the answers, and the codes of errors. */
async function outcomes(port: number, over: AbortSignal): Promise<ReadonlySet<string>> {
  const seen = new Set<string>();
  while (!over.aborted) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      seen.add((await get(port)).body);
    } catch (error) {
      seen.add(error instanceof Error && 'code' in error ? String(error.code) : String(error));
    }
  }
  return seen;
}

test('a hand-over refuses nobody, and who waits for an answer gets it from the process of before', async (t) => {
  const [port, added] = [await freePort(), await freePort()];
  const server = await started(t, answering('first', port));
  const before = server.servers;
  const slow = new RawClient(port);
  t.after(() => {
    slow.close();
  });
  assert.equal((await slow.ask(REQUEST)).status, 200);
  const over = new AbortController();
  const answers = asking(port, over.signal);
  const taken = { taken: true, reasons: '' };
  assert.deepEqual(await server.reload(answering('with 1', port, { threads: 1 })), taken);
  // The last request of a connection of before is answered by its process, as the configuration of the
  // hand-over says.
  const last = await slow.ask(REQUEST);
  assert.deepEqual([last.status, last.body.toString('latin1')], [200, 'with 1']);
  assert.equal(last.fields.getByName('connection'), 'close');
  for (const threads of [3, 2]) {
    const config = answering(`with ${threads}`, port, { threads });
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    assert.deepEqual(await server.reload(config), taken);
  }
  const sites = {
    '*': {
      listen: [`127.0.0.1:${port}`, `127.0.0.1:${added}`],
      routes: { '/': { respond: 200, body: 'last' } },
    },
  };
  assert.equal((await server.reload({ threads: 2, logs: { access: 'off' }, sites })).taken, true);
  assert.equal((await get(added)).body, 'last');
  over.abort();
  const heard = await answers;
  assert.ok(new Set(heard).isSubsetOf(new Set(['first', 'with 1', 'with 3', 'with 2', 'last'])));
  await eventually('the end of the process of before', () => !before.some(isRunning));
});

test('who asks the administration is answered, whichever process is replaced meanwhile', async (t) => {
  const directory = temporaryDirectory();
  const socket = join(directory, 'admin.sock');
  const port = await freePort();
  const admin = { listen: `unix:${socket}` };
  const server = await started(t, answering('here', port, { admin }), directory);
  const over = new AbortController();
  const probes = Array.from({ length: 6 }, async () => {
    const statuses = new Set<number>();
    while (!over.signal.aborted) {
      // oxlint-disable no-await-in-loop -- one after the other
      statuses.add((await get(socket, '/live')).status);
      await delay(3);
      // oxlint-enable no-await-in-loop
    }
    return [...statuses];
  });
  for (const threads of [1, 2, 1]) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { taken } = await server.reload(answering('here', port, { admin, threads }));
    assert.ok(taken);
  }
  over.abort();
  for (const statuses of await Promise.all(probes)) assert.deepEqual(statuses, [200]);
});

test('USR2 starts the program beside this one on the same sockets; QUIT ends the one of before', async (t) => {
  const directory = temporaryDirectory();
  const [port, socket] = [await freePort(), join(directory, 'x.sock')];
  const config = {
    ...answering('here', port, { pidFile: './daemun.pid' }),
  };
  Object.assign(config, {
    sites: {
      '*': {
        listen: [`127.0.0.1:${port}`, `unix:${socket}`],
        routes: { '/': { respond: 200, body: 'here' } },
      },
    },
  });
  const server = await started(t, config, directory);
  const pidFile = join(directory, 'daemun.pid');
  const pidIn = (file: string): number =>
    existsSync(file) ? Number(readFileSync(file, 'utf8')) : server.pid;
  assert.equal(pidIn(pidFile), server.pid);
  const over = new AbortController();
  const [tcp, unix] = [asking(port, over.signal), asking(socket, over.signal)];
  server.signal('SIGUSR2');
  await eventually('another supervisor', () => pidIn(pidFile) !== server.pid);
  const next = pidIn(pidFile);
  t.after(() => {
    if (isRunning(next)) process.kill(next, 'SIGKILL');
  });
  assert.equal(pidIn(`${pidFile}.oldbin`), server.pid);
  await eventually('its server process', () => childrenOf(next).length > 0);
  server.signal('SIGWINCH');
  await eventually(
    'the end of the server process of before',
    () => server.servers.filter((pid) => pid !== next).length === 0,
  );
  assert.equal((await get(port)).body, 'here');
  // The upgrade could be undone here: HUP brings it back.
  server.signal('SIGHUP');
  await eventually(
    'a server process again',
    () => server.servers.filter((pid) => pid !== next).length === 1,
  );
  server.signal('SIGQUIT');
  assert.equal(await server.exited, 0);
  assert.deepEqual([existsSync(`${pidFile}.oldbin`), existsSync(socket)], [false, true]);
  assert.equal((await get(socket)).body, 'here');
  over.abort();
  assert.deepEqual([await tcp, await unix], [['here'], ['here']]);
  process.kill(next, 'SIGTERM');
  await eventually('the end of all', () => !isRunning(next));
  assert.deepEqual([existsSync(pidFile), existsSync(socket)], [false, false]);
  assert.ok(await refuses(port));
});

test('an upgrade that does not start is told, and this one goes on as before', async (t) => {
  const directory = temporaryDirectory();
  const [port, socket] = [await freePort(), join(directory, 'x.sock')];
  const config = (listen: readonly string[]): object => ({
    threads: 1,
    pidFile: './daemun.pid',
    logs: { access: 'off' },
    sites: { '*': { listen, routes: { '/': { respond: 200, body: 'here' } } } },
  });
  const server = await started(t, config([`127.0.0.1:${port}`, `unix:${socket}`]), directory);
  writeFileSync(join(directory, 'c.json'), '{');
  for (let round = 1; round <= 2; round++) {
    server.signal('SIGUSR2');
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await eventually(
      'the failure',
      () => server.complaint.split('ended with status 1; this one goes on').length > round,
    );
  }
  assert.equal(Number(readFileSync(join(directory, 'daemun.pid'), 'utf8')), server.pid);
  for (const where of [port, socket]) {
    // oxlint-disable-next-line no-await-in-loop -- two
    assert.equal((await get(where)).body, 'here');
  }
  await server.stop();
  assert.equal(existsSync(socket), false);
});

test('a second server with the same pid file says which process has it', async (t) => {
  const directory = temporaryDirectory();
  const config = answering('here', 0, { pidFile: './daemun.pid' });
  const server = await started(t, config, directory);
  const second = spawn(process.execPath, [LAUNCHER, 'run', 'c.json', ...AS_OWNER], {
    cwd: directory,
  });
  let said = '';
  second.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
  const status = await new Promise((done) => second.on('close', done));
  assert.equal(status, 1);
  assert.match(said, new RegExp(`^Process ${server.pid} runs already, says .*daemun\\.pid`));
  assert.equal(Number(readFileSync(join(directory, 'daemun.pid'), 'utf8')), server.pid);
});

test('the death of the supervisor ends the server process, which answers what has begun', async (t) => {
  const port = await freePort();
  const server = await started(t, answering('here', port));
  const [serving = 0] = server.servers;
  const client = connect(port, '127.0.0.1');
  t.after(() => client.destroy());
  let said = '';
  client.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')));
  client.write('GET / HTTP/1.1\r\n');
  assert.equal((await get(port)).body, 'here');
  server.signal('SIGKILL');
  // oxlint-disable-next-line no-await-in-loop -- until the server process knows
  while (!(await refuses(port)));
  client.write('Host: x\r\nConnection: close\r\n\r\n');
  await eventually('the answer', () => said.endsWith('here'));
  await eventually('the end of the server process', () => !isRunning(serving));
});

/** The effective user and group of a process, and its other groups. */
function rightsOf(pid: number): {
  readonly uid: string;
  readonly gid: string;
  readonly groups: string;
} {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const words = (name: string): readonly string[] =>
    new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1]?.split(/\s+/) ?? [];
  return {
    uid: words('Uid').join(),
    gid: words('Gid').join(),
    groups: words('Groups').join(' ').trim(),
  };
}

const asRoot = { skip: needs('root') };

test(
  'root keeps the sockets and reads the keys, and an ordinary user serves: low ports, TLS, logs, and a port that is added later',
  asRoot,
  async (t) => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o755);
    const [logs, www] = [join(directory, 'logs'), join(directory, 'www')];
    mkdirSync(logs, { mode: 0o755 });
    mkdirSync(www);
    writeFileSync(join(www, 'public.txt'), 'public');
    writeFileSync(join(www, 'secret.txt'), 'secret', { mode: 0o600 });
    const certificates = join(directory, 'tls');
    mkdirSync(certificates, { mode: 0o700 });
    const install = (name: string): void => {
      for (const kind of ['pem', 'key']) {
        const file = join(certificates, `site.${kind}`);
        copyFileSync(join(import.meta.dirname, `../support/certificates/${name}.${kind}`), file);
        chmodSync(file, 0o600);
      }
    };
    install('a');
    const low = [await lowPort(80), await lowPort(400), await lowPort(700)];
    const secure = await lowPort(443);
    const tls = { certificate: './tls/site.pem', key: './tls/site.key' };
    const config = (ports: readonly number[]): object => ({
      user: 'www-data',
      threads: 2,
      logs: { access: './logs/access.log', error: { path: './logs/error.log', level: 'notice' } },
      sites: {
        '*': {
          listen: [
            ...ports.map((port) => `127.0.0.1:${port}`),
            { address: '127.0.0.1', port: secure, tls },
          ],
          routes: { '/': { files: './www' } },
        },
      },
    });
    writeFileSync(join(directory, 'c.json'), JSON.stringify(config(low.slice(0, 2))));
    const child = spawn(process.execPath, [launcherForAll(), 'run', 'c.json'], {
      cwd: directory,
      stdio: 'pipe',
    });
    let [said, complained] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (complained += chunk.toString('utf8')));
    const ended = new Promise((done) => child.on('close', done));
    t.after(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    await eventually('the announcement', () => said.includes('Ctrl-C') || child.exitCode !== null);
    assert.equal(complained, '');
    const user = statSync('/proc/self').uid;
    const [serving = 0] = childrenOf(child.pid ?? 0);
    const rights = rightsOf(serving);
    assert.deepEqual([user, rights.uid, rights.gid], [0, '33,33,33,33', '33,33,33,33']);
    assert.ok(!rights.groups.split(' ').includes('0'), rights.groups);
    for (const port of low.slice(0, 2)) {
      // oxlint-disable-next-line no-await-in-loop -- two
      assert.equal((await get(port, '/public.txt')).body, 'public');
    }
    assert.equal((await get(low[0] ?? 0, '/secret.txt')).status, 403);
    assert.equal(await shownOn(secure), 'a.test');
    install('renewed');
    writeFileSync(join(directory, 'c.json'), JSON.stringify(config(low.slice(0, 2))));
    child.kill('SIGHUP');
    await eventually('the configuration to be loaded', () => said.includes('loaded again'));
    assert.deepEqual(childrenOf(child.pid ?? 0), [serving]);
    assert.equal(await shownOn(secure), 'renewed.test');
    writeFileSync(join(directory, 'c.json'), JSON.stringify(config(low)));
    child.kill('SIGHUP');
    await eventually('a hand-over', () => said.split('loaded again').length === 3);
    assert.equal(await shownOn(secure), 'renewed.test');
    assert.equal((await get(low[2] ?? 0, '/public.txt')).body, 'public');
    const access = join(logs, 'access.log');
    const lines = (file = access): number => readFileSync(file, 'latin1').split('\n').length - 1;
    await eventually('the lines', () => lines() === 4);
    assert.deepEqual([statSync(access).uid, statSync(access).gid], [33, 33]);
    // As logrotate does it: the new file is made in a directory that the user may not write to.
    const { rename } = await import('node:fs/promises');
    await rename(access, `${access}.1`);
    child.kill('SIGUSR1');
    // It is made first and given away then.
    await eventually(
      'a new file of the user',
      () => existsSync(access) && statSync(access).uid === 33,
    );
    // Each thread hears of it a moment later than the file is there, and until then writes to the one before.
    let asked = 0;
    for (; asked < 500 && lines() === 0; asked++) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await get(low[0] ?? 0, '/public.txt');
      // oxlint-disable-next-line no-await-in-loop -- as above
      await delay(20);
    }
    assert.ok(lines() > 0, 'a line in it');
    await eventually(
      'every line in one of them',
      () => lines() + lines(`${access}.1`) === 4 + asked,
    );
    await eventually('the notice', () =>
      readFileSync(join(logs, 'error.log'), 'latin1').includes('[notice]'),
    );
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
  },
);

/** The name in the certificate that a port shows. */
function shownOn(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectSecurely({ host: '127.0.0.1', port, rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

/** A free port below 1024, which only root can open. */
async function lowPort(from: number): Promise<number> {
  for (let port = from; port < 1024; port++) {
    // oxlint-disable-next-line no-await-in-loop -- until one is free
    if (await refuses(port)) return port;
  }
  throw new Error('no low port is free');
}

test(
  'a program that the user may not read is told, and nothing serves as root in its place',
  asRoot,
  async (t) => {
    const directory = temporaryDirectory();
    const closed = join(directory, 'closed');
    mkdirSync(closed, { mode: 0o700 });
    const { cpSync, symlinkSync } = await import('node:fs');
    const checkout = join(import.meta.dirname, '../..');
    for (const name of ['bin', 'src', 'package.json'])
      cpSync(join(checkout, name), join(closed, name), { recursive: true });
    symlinkSync(join(checkout, 'node_modules'), join(closed, 'node_modules'));
    const port = await freePort();
    writeFileSync(
      join(directory, 'c.json'),
      JSON.stringify({ ...answering('here', port), user: 'www-data' }),
    );
    const child = spawn(process.execPath, [join(closed, 'bin/daemun.cjs'), 'run', 'c.json'], {
      cwd: directory,
    });
    t.after(() => child.kill('SIGKILL'));
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    assert.equal(await new Promise((done) => child.on('close', done)), 1);
    assert.match(said, /cannot start as www-data/);
    assert.ok(await refuses(port));
  },
);

test(
  'sockets that systemd opened are served, and stay open for the next start',
  { skip: needs('systemd-socket-activate') },
  async (t) => {
    const directory = temporaryDirectory();
    const [port, socket] = [await freePort(), join(directory, 'x.sock')];
    const unused = await freePort();
    const sites = {
      '*': {
        listen: [`127.0.0.1:${port}`, `unix:${socket}`],
        routes: { '/': { respond: 200, body: 'here' } },
      },
    };
    writeFileSync(
      join(directory, 'c.json'),
      JSON.stringify({ threads: 2, logs: { access: 'off' }, sites }),
    );
    const child = spawn(
      peerPath('systemd-socket-activate') ?? '',
      [
        '-l',
        `127.0.0.1:${port}`,
        '-l',
        socket,
        '-l',
        `127.0.0.1:${unused}`,
        process.execPath,
        LAUNCHER,
        'run',
        'c.json',
        ...AS_OWNER,
      ],
      { cwd: directory, stdio: 'pipe' },
    );
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    const ended = new Promise((done) => child.on('close', done));
    t.after(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    await eventually('listening', () => said.includes('Listening on'));
    // The first connection starts the program, and waits for it.
    assert.equal((await get(port)).body, 'here');
    assert.equal((await get(socket)).body, 'here');
    for (let i = 0; i < 8; i++) {
      // oxlint-disable-next-line no-await-in-loop -- each may reach another thread
      assert.equal((await get(port)).body, 'here');
    }
    // systemd keeps it open, and who connects waits.
    const [warning, ...others] = said.match(/The service manager has a socket on [^\n]*/g) ?? [];
    assert.match(warning ?? '', new RegExp(`on 127\\.0\\.0\\.1:${unused}, where no site listens`));
    assert.deepEqual(others, []);
    child.kill('SIGQUIT');
    assert.equal(await ended, 0);
    // Here systemd would go on to listen; the program that stood in for it has become the server, and is gone.
    assert.ok(existsSync(socket));
  },
);

test('run --daemon ends when the server serves, which goes on in the background', async (t) => {
  const directory = temporaryDirectory();
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  const port = await freePort();
  const write = (logs: object): void => {
    const config = { ...answering('here', port), pidFile: './daemun.pid', logs };
    writeFileSync(join(directory, 'c.json'), JSON.stringify(config));
  };
  const daemon = async (): Promise<CliProcess> => {
    const command = new CliProcess(t, ['run', 'c.json', '--daemon'], directory);
    await command.over();
    return command;
  };
  write({});
  const wrong = await daemon();
  assert.equal(wrong.status, 1);
  assert.match(wrong.complaint, /^logs\.access: .*Name a file.*logs\.error: .*Name a file/);
  write({ access: 'off', error: { path: './error.log', level: 'notice' } });
  const right = await daemon();
  assert.deepEqual([right.status, right.stderr], [0, '']);
  assert.match(right.stdout, /^Daemun .*\n.*\n"daemun stop" ends it[^]*as process ([0-9]+)\.\n$/);
  const pid = Number(readFileSync(join(directory, 'daemun.pid'), 'utf8'));
  t.after(() => {
    if (isRunning(pid)) process.kill(pid, 'SIGKILL');
  });
  assert.ok(right.stdout.includes(`process ${pid}.`));
  assert.equal((await get(port)).body, 'here');
  const again = await daemon();
  assert.equal(again.status, 1);
  assert.match(again.complaint, /Another program listens/);
  const errorLog = (): string => readFileSync(join(directory, 'error.log'), 'utf8');
  // What a program cannot say to a terminal, the log of the one of before does.
  write({});
  process.kill(pid, 'SIGUSR2');
  await eventually('the one that goes on', () => errorLog().includes('this one goes on'));
  assert.match(errorLog(), /in the place of this one: logs\.access: .*Name a file/);
  write({ access: 'off', error: { path: './error.log', level: 'notice' } });
  process.kill(pid, 'SIGUSR2');
  let next = pid;
  await eventually('the other program', () => {
    const files = readdirSync(directory);
    // For a moment only the one of before has a file.
    if (files.includes('daemun.pid') && files.includes('daemun.pid.oldbin'))
      next = Number(readFileSync(join(directory, 'daemun.pid'), 'utf8'));
    return next !== pid;
  });
  t.after(() => {
    if (isRunning(next)) process.kill(next, 'SIGKILL');
  });
  process.kill(pid, 'SIGQUIT');
  await eventually('the end of the first', () => !isRunning(pid));
  assert.equal((await get(port)).body, 'here');
  const stop = new CliProcess(t, ['stop', 'c.json'], directory);
  assert.equal(await stop.over(), 0);
  await eventually('the end of the server', () => !isRunning(next));
  assert.ok(await refuses(port));
});
