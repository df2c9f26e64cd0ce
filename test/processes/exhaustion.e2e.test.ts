import assert from 'node:assert/strict';
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  readSync,
  truncateSync,
} from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { CliProcess, get } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { idleCrowd } from '../support/idle-crowd.ts';
import { makePipe } from '../support/make-pipe.ts';
import { needs } from '../support/needs.ts';
import { temporaryDirectory } from '../support/process.ts';
import { RawClient } from '../support/raw-client.ts';
import { ServedConfig } from '../support/served-config.ts';

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

function configOf(directory: string, more: object): object {
  const sites = {
    '*': { listen: ['127.0.0.1:0'], routes: { '/*': { respond: 200, body: 'here' } } },
  };
  const admin = { listen: `unix:${join(directory, 'admin.sock')}` };
  return { threads: 2, admin, logs: { access: 'off' }, ...more, sites };
}

async function started(
  t: TestContext,
  more: object,
  { directory = temporaryDirectory(), wrapper = [] as readonly string[] } = {},
): Promise<ServedConfig> {
  const server = await ServedConfig.start(configOf(directory, more), {}, directory, wrapper);
  t.after(async () => {
    await server.stop();
    server.remove();
  });
  return server;
}

/** Clock ticks that the server process worked. */
function ticksOf({ servers }: ServedConfig): number {
  const [serving = 0] = servers;
  const figures = readFileSync(`/proc/${serving}/stat`, 'latin1').split(') ').at(-1)?.split(' ');
  return Number(figures?.[11]) + Number(figures?.[12]);
}

/** A client that asks once and keeps its connection. */
interface Asker {
  readonly socket: Socket;
  received: string;
  over: boolean;
}

function asker(t: TestContext, port: number): Asker {
  const socket = connect(port, '127.0.0.1');
  t.after(() => socket.destroy());
  const asked: Asker = { socket, received: '', over: false };
  socket.on('data', (chunk: Buffer) => (asked.received += chunk.toString('latin1')));
  for (const event of ['error', 'end', 'close'])
    socket.on(event, () => {
      asked.over = true;
    });
  socket.write(REQUEST);
  return asked;
}

async function settled(
  askers: readonly Asker[],
): Promise<readonly [answered: number, closed: number]> {
  await eventually('an answer or an end for each', () =>
    askers.every(({ received, over }) => received !== '' || over),
  );
  const answered = askers.filter(({ received }) => received.endsWith('here')).length;
  return [answered, askers.length - answered];
}

test(
  'without descriptors for new clients the others and the administration are served, which is told once',
  { skip: needs('prlimit') },
  async (t) => {
    const logs = { access: 'off', error: './error.log' };
    const wrapper = ['prlimit', '--nofile=120:120'];
    const server = await started(t, { logs }, { wrapper });
    const log = join(server.directory, 'error.log');
    const lines = (): readonly string[] => readFileSync(log, 'latin1').split('\n').slice(0, -1);
    const old = new RawClient(server.port);
    t.after(() => {
      old.close();
    });
    const askOld = async (): Promise<number> => (await old.ask(REQUEST)).status;
    assert.equal(await askOld(), 200);
    const askers = Array.from({ length: 100 }, () => asker(t, server.port));
    const [answered, closed] = await settled(askers);
    assert.ok(answered > 10 && closed > 10, `${answered} answered, ${closed} closed`);
    assert.equal(await askOld(), 200);
    for (const path of ['/live', '/metrics', '/status']) {
      // oxlint-disable-next-line no-await-in-loop -- three
      assert.equal((await get(join(server.directory, 'admin.sock'), path)).status, 200, path);
    }
    const command = new CliProcess(t, ['status', 'c.json'], server.directory);
    assert.equal(await command.over(), 0);
    const told = (): readonly string[] => lines().filter((line) => line.includes('no-descriptors'));
    await eventually('a line', () => told().length > 0);
    assert.match(told()[0] ?? '', /\[crit\] .*no-descriptors \(accept\): .* as the system allows/);
    const more = Array.from({ length: 100 }, () => asker(t, server.port));
    assert.deepEqual(await settled(more), [0, 100]);
    // One for each thread.
    assert.ok(told().length <= 2, told().join('\n'));
    assert.equal(lines().length, told().length);
    const ticks = ticksOf(server);
    await delay(500);
    assert.ok(ticksOf(server) - ticks < 25, 'it rests');
    for (const { socket } of askers) socket.destroy();
    let late = asker(t, server.port);
    await eventually('room again', () => {
      if (late.received !== '') return true;
      if (late.over) late = asker(t, server.port);
      return false;
    });
    assert.equal((await get(server.port)).body, 'here');
  },
);

/** Asks for long paths on one connection, so that each costs the access log about 4 KiB. */
async function askAtLength(client: RawClient, times: number): Promise<void> {
  const request = `GET /${'x'.repeat(4000)} HTTP/1.1\r\nHost: x\r\n\r\n`;
  for (let i = 0; i < times; i++) {
    // oxlint-disable-next-line no-await-in-loop -- one connection
    assert.equal((await client.ask(request)).status, 200);
  }
}

const LOST = /the log [^ ]*access\.log lost ([0-9]+) lines?: ([A-Z]+|the log)/g;

function lossesOf({ complaint }: ServedConfig): readonly RegExpExecArray[] {
  return [...complaint.matchAll(LOST)];
}

function linesLost(server: ServedConfig): number {
  return lossesOf(server).reduce((sum, [, lines]) => sum + Number(lines), 0);
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}

test(
  'a disk that is full costs lines of logs, which are counted on standard error, and no request',
  { skip: needs('root', 'unshare') },
  async (t) => {
    const directory = temporaryDirectory();
    mkdirSync(join(directory, 'logs'));
    const mount = 'mount -t tmpfs -o size=256k none logs && exec "$@"';
    const wrapper = ['unshare', '--mount', 'sh', '-c', mount, 'sh'];
    const logs = { access: './logs/access.log', error: './logs/error.log' };
    const server = await started(t, { logs, threads: 1 }, { directory, wrapper });
    // The small disk, which only the server sees.
    const file = `/proc/${server.pid}/root${directory}/logs/access.log`;
    assert.ok(!existsSync(join(directory, 'logs/access.log')));
    const client = new RawClient(server.port);
    t.after(() => {
      client.close();
    });
    await askAtLength(client, 300);
    await eventually('the first loss', () => lossesOf(server).length > 0);
    assert.equal(lossesOf(server)[0]?.[2], 'ENOSPC');
    await askAtLength(client, 300);
    assert.ok(lossesOf(server).length <= 2, server.complaint);
    // The lines are there, or are told.
    const kept = countLines(readFileSync(file, 'latin1'));
    truncateSync(file);
    await askAtLength(client, 10);
    await eventually('the last loss', () => {
      const now = countLines(readFileSync(file, 'latin1'));
      return kept + now + linesLost(server) >= 610;
    });
    const now = countLines(readFileSync(file, 'latin1'));
    assert.ok(now >= 10, 'it writes again');
    // The line that the full disk cut off has an end of its own.
    assert.ok(kept + now + linesLost(server) <= 611);
  },
);

test('a log whose reader stands still costs its lines, bounded memory, and no request', async (t) => {
  const directory = temporaryDirectory();
  const pipe = join(directory, 'access.log');
  makePipe(pipe);
  const reader = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  t.after(() => {
    closeSync(reader);
  });
  const logs = { access: pipe, error: './error.log' };
  const server = await started(t, { logs, threads: 1 }, { directory });
  const client = new RawClient(server.port);
  t.after(() => {
    client.close();
  });
  // The bound of a log is 8 MiB: about 2,000 of these lines.
  await askAtLength(client, 3000);
  await eventually('the loss', () => linesLost(server) > 0);
  const before = server.residentKib ?? 0;
  await askAtLength(client, 4000);
  const grown = (server.residentKib ?? 0) - before;
  assert.ok(grown < 12 * 1024, `${grown} KiB more`);
  assert.ok(lossesOf(server).length <= 3, server.complaint);
  assert.equal(lossesOf(server)[0]?.[2], 'the log');
  // Told in the error log as well.
  await eventually('a line in the error log', () =>
    /\[crit\] .*access\.log lost/.test(readFileSync(join(directory, 'error.log'), 'latin1')),
  );
  let read = 0;
  const buffer = Buffer.alloc(65_536);
  await eventually('all the other lines', () => {
    try {
      for (;;) {
        const bytes = readSync(reader, buffer);
        read += countLines(buffer.toString('latin1', 0, bytes));
      }
    } catch {
      // Nothing is there now.
    }
    return read + linesLost(server) >= 7000;
  });
  assert.equal(read + linesLost(server), 7000);
});

test('with 5,000 idle connections the administration answers, and so does who was there before', async (t) => {
  const report = await idleCrowd(5000);
  assert.deepEqual(report.failures, []);
  assert.ok(report.open >= 5001, `${report.open} are counted`);
  t.diagnostic(
    `KiB ${report.residentKib.join(' → ')}, descriptors ${report.descriptors.join(' → ')}`,
  );
});
