/** What becomes of logs that the configuration names no more, seen from outside the process. */
import assert from 'node:assert/strict';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CliProcess, get } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';

const RELOADS = 20;
/** More than the kernel holds for a client that does not read. */
const LARGE = 64 * 1024 * 1024;

/** A server whose logs have the number of the load in their names. */
class Renaming {
  readonly command: CliProcess;
  readonly #directory: string;
  #load = 0;
  #pid: string | null = null;

  constructor(t: TestContext) {
    this.#directory = mkdtempSync(join(tmpdir(), 'daemun-logs-'));
    mkdirSync(this.path('public'));
    writeFileSync(this.path('public/large'), '');
    truncateSync(this.path('public/large'), LARGE);
    this.#write();
    this.command = new CliProcess(t, ['run', 'c.json'], this.#directory);
    t.after(() => {
      rmSync(this.#directory, { recursive: true });
    });
  }

  path(name: string): string {
    return join(this.#directory, name);
  }

  /** The names of the logs of a load, in their order. */
  logs(load = this.#load): readonly string[] {
    return ['access', 'error', 'site'].map((kind) => `${kind}-${load}.log`);
  }

  read(log: string): string {
    return readFileSync(this.path(log), 'latin1');
  }

  async reload(): Promise<void> {
    this.#load++;
    this.#write();
    this.command.signal('SIGHUP');
    await this.command.says(new RegExp(`(?:loaded again[^]*){${this.#load}}`));
  }

  #write(): void {
    const [access = '', error = '', site = ''] = this.logs();
    writeFileSync(
      this.path('c.json'),
      JSON.stringify({
        threads: 2,
        logs: { access: { path: access, format: '$pid $request_uri $status' }, error },
        sites: {
          '*': {
            listen: ['127.0.0.1:0'],
            routes: { '/': { files: './public' } },
            errorLog: { path: site, level: 'info' },
          },
        },
      }),
    );
  }

  /** Which of its logs the process has open, each once however many threads write to it. */
  open(): readonly string[] {
    const names = this.#openFiles().filter((name) => name.includes('.log'));
    return [...new Set(names)].toSorted();
  }

  /** Whether a thread of it has a file of its directory open, by the name that the file has now. */
  has(name: string): boolean {
    return this.#openFiles().includes(name);
  }

  #openFiles(): readonly string[] {
    // The first log is removed later.
    const pid = (this.#pid ??= this.read('access-0.log').split(' ')[0] ?? '');
    return readdirSync(`/proc/${pid}/fd`)
      .map((descriptor) => linkOf(`/proc/${pid}/fd/${descriptor}`))
      .filter((file) => file.startsWith(this.#directory))
      .map((file) => file.slice(this.#directory.length + 1));
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    // Closed meanwhile.
    return '';
  }
}

/** Asks for the large file and reads no further than the head. */
async function begin(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  socket.write('GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  await new Promise((resolve) => socket.once('readable', resolve));
  return socket;
}

function finish(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.on('data', () => {}).on('error', reject);
    socket.on('end', () => {
      socket.destroy();
      resolve();
    });
  });
}

test('logs of former configurations are closed when their last request is over, with every line', async (t) => {
  if (process.platform !== 'linux') {
    t.diagnostic('open descriptors are seen under /proc, which is a thing of Linux');
    return;
  }
  const server = new Renaming(t);
  const port = await server.command.port();
  const first = await begin(port);
  t.after(() => {
    first.destroy();
  });
  await get(port, '/missing-0');
  await eventually('a line in the first log', () => server.read('access-0.log').includes('\n'));
  for (let load = 1; load <= RELOADS; load++) {
    // oxlint-disable no-await-in-loop -- one configuration behind the other
    await server.reload();
    await get(port, `/missing-${load}`);
    const expected = [...server.logs(0), ...server.logs(load)].filter(
      // The log of the thread itself has no request that it waits for.
      (log) => log !== 'error-0.log',
    );
    await eventually(
      `only the logs in use are open: ${expected.join(' ')}, not ${server.open().join(' ')}`,
      () => server.open().join() === expected.toSorted().join(),
    );
    // oxlint-enable no-await-in-loop
  }
  await finish(first);
  await eventually(
    'the first logs are closed as well',
    () => server.open().join() === [...server.logs()].toSorted().join(),
  );
  assert.match(server.read('access-0.log'), /\/missing-0 404\n[0-9]+ \/large 200\n$/);
  for (let load = 1; load < RELOADS; load++) {
    assert.match(server.read(`access-${load}.log`), new RegExp(`^[0-9]+ /missing-${load} 404\n$`));
    assert.match(server.read(`site-${load}.log`), new RegExp(`/missing-${load}`));
  }

  // After a rotation only the logs in use are made again.
  for (let load = 0; load < RELOADS; load++) {
    for (const log of server.logs(load)) rmSync(server.path(log), { force: true });
  }
  const [access = ''] = server.logs();
  renameSync(server.path(access), server.path('access.1'));
  server.command.signal('SIGUSR1');
  await eventually('the log in use is made again', () => existsSync(server.path(access)));
  // Each thread opens it again by itself, one a little later than the other.
  await eventually('no thread has the old one', () => !server.has('access.1'));
  await get(port, '/rotated');
  await eventually('its line', () => server.read(access).includes('/rotated'));
  const logs = readdirSync(server.path('.')).filter((name) => name.endsWith('.log'));
  assert.deepEqual(logs.toSorted(), [...server.logs()].toSorted());

  server.command.signal('SIGTERM');
  assert.equal(await server.command.over(), 0);
  assert.match(server.read('access.1'), new RegExp(`/missing-${RELOADS} 404\n$`));
  assert.equal(server.command.stderr, '');
});

test('a refused configuration leaves none of its logs open', async (t) => {
  if (process.platform !== 'linux') {
    t.diagnostic('open descriptors are seen under /proc, which is a thing of Linux');
    return;
  }
  const server = new Renaming(t);
  const port = await server.command.port();
  await get(port, '/x');
  await eventually('a line in the first log', () => server.read('access-0.log').includes('\n'));
  const config = {
    threads: 2,
    logs: { access: 'access-no.log', error: 'error-no.log' },
    sites: {
      a: { listen: ['127.0.0.1:0'], routes: { '/': { respond: 200 } } },
      b: { listen: ['127.0.0.1:0'], routes: { '/': { redirect: '/$nothing' } } },
    },
  };
  writeFileSync(server.path('c.json'), JSON.stringify(config));
  server.command.signal('SIGHUP');
  await server.command.complains(/was not changed/);
  await eventually(
    'the logs of before are open and no others',
    () => server.open().join() === [...server.logs()].toSorted().join(),
  );
  await get(port, '/y');
  await eventually('it goes on with its logs', () => server.read('access-0.log').includes('/y'));
});
