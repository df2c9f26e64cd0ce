import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { get } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { needs, peerPath } from '../support/needs.ts';
import { freePort, temporaryDirectory } from '../support/process.ts';
import { ServedConfig } from '../support/served-config.ts';
import { type Exchange, NO_FIELDS, SocketServer } from '../support/socket-server.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

const hello = (exchange: Exchange): void => {
  exchange.send(200, NO_FIELDS, 'hello');
};

/** A client that has asked, and keeps what it was answered. */
class Client {
  received = '';
  closed = false;
  connected = false;
  readonly socket: Socket;

  constructor(t: TestContext, where: NetConnectOpts) {
    this.socket = connect(where);
    this.socket.on('connect', () => (this.connected = true));
    this.socket.on('data', (chunk: Buffer) => (this.received += chunk.toString('latin1')));
    this.socket.on('error', () => {});
    this.socket.on('close', () => (this.closed = true));
    this.socket.write(GET);
    t.after(() => this.socket.destroy());
  }
}

/** Runs a program to its end while nothing of this process runs. */
function meanwhile(program: string): void {
  execFileSync(process.execPath, ['--input-type=module', '--eval', program]);
}

test('what a client sent that reset its connection before it was accepted is not served', async (t) => {
  const served: string[] = [];
  const server = await SocketServer.open((exchange) => {
    served.push(exchange.connection.remoteAddress);
    hello(exchange);
  });
  server.retireAfter(t);
  meanwhile(`
    import { connect } from 'node:net';
    const socket = connect(${server.port}, '127.0.0.1', () => {
      socket.write(${JSON.stringify(GET)}, () => socket.resetAndDestroy());
    });
  `);
  const stays = new Client(t, { port: server.port });
  await eventually('an answer', () => stays.received.endsWith('hello'));
  await eventually('one connection', () => server.census.open === 1);
  assert.deepEqual(served, ['127.0.0.1']);
  assert.deepEqual([server.refused, server.defects], [[], []]);
  stays.socket.destroy();
});

test('a listener that winds down takes no connection, and the next answer of each that it has is the last', async (t) => {
  const server = await SocketServer.open(hello);
  server.retireAfter(t);
  const idle = new Client(t, { port: server.port });
  await eventually('an answer', () => idle.received.endsWith('hello'));
  assert.doesNotMatch(idle.received, /Connection: close/);
  const { port } = server;
  server.windDown();
  const late = new Client(t, { port });
  await eventually('a refusal', () => late.closed);
  assert.deepEqual([late.connected, idle.closed], [false, false]);
  idle.received = '';
  idle.socket.write(GET);
  await eventually('the end', () => idle.closed);
  assert.match(idle.received, /^HTTP\/1\.1 200 [^]*\r\nConnection: close\r\n[^]*hello$/);
  const waiting = new Client(t, { port });
  await eventually('a refusal', () => waiting.closed);
});

test('a listener that retires closes a connection that waits for a request', async (t) => {
  const server = await SocketServer.open(hello);
  server.retireAfter(t);
  const idle = new Client(t, { port: server.port });
  await eventually('an answer', () => idle.received.endsWith('hello'));
  server.windDown();
  server.retire();
  await eventually('its end', () => idle.closed);
});

/** Length of the queue of each socket that listens on what `filter` says, as `ss` shows it. */
function backlogs(kind: '-ltnH' | '-lxH', text: string): readonly number[] {
  const shown = execFileSync(peerPath('ss') ?? 'ss', [kind], { encoding: 'utf8' }).split('\n');
  return shown
    .map((line) => line.split(/\s+/))
    .filter((words) => words.includes(text))
    .map((words) => Number(words[kind === '-ltnH' ? 2 : 3]));
}

test(
  'the queue of an open socket changes, and the socket goes on',
  { skip: needs('ss') },
  async (t) => {
    const directory = temporaryDirectory();
    t.after(() => {
      rmSync(directory, { recursive: true });
    });
    const path = join(directory, 'x.sock');
    const servers = [
      await SocketServer.open(hello),
      await SocketServer.open(hello, { target: { path } }),
    ];
    const lengths = (): readonly (readonly number[])[] => [
      backlogs('-ltnH', `127.0.0.1:${servers[0]?.port}`),
      backlogs('-lxH', path),
    ];
    for (const server of servers) server.retireAfter(t);
    assert.deepEqual(lengths(), [[511], [511]]);
    for (const backlog of [1, 1000]) {
      for (const server of servers) assert.equal(server.changeBacklog(backlog), true);
      assert.deepEqual(lengths(), [[backlog], [backlog]]);
    }
    for (const where of [{ port: servers[0]?.port ?? 0 }, { path }]) {
      const client = new Client(t, where);
      // oxlint-disable-next-line no-await-in-loop -- two
      await eventually('an answer', () => client.received.endsWith('hello'));
      client.socket.destroy();
    }
  },
);

test('a listener that is closed has no queue to change', async () => {
  const server = await SocketServer.open(hello);
  server.retire();
  assert.equal(server.changeBacklog(5), false);
});

test(
  'HUP changes the queue of an address that stays, in every thread',
  { skip: needs('ss') },
  async (t) => {
    const config = (backlog: number): object => {
      const listen = [{ address: '127.0.0.1', port: 0, backlog }];
      const sites = { '*': { listen, routes: { '/': { respond: 200, body: 'here' } } } };
      return { threads: 2, logs: { access: 'off' }, sites };
    };
    const server = await ServedConfig.start(config(100));
    t.after(async () => {
      await server.stop();
      server.remove();
    });
    const address = `127.0.0.1:${server.port}`;
    assert.deepEqual(backlogs('-ltnH', address), [100, 100]);
    assert.deepEqual(await server.reload(config(200)), { taken: true, reasons: '' });
    assert.deepEqual(backlogs('-ltnH', address), [200, 200]);
    assert.equal((await get(server.port)).body, 'here');
  },
);

test('who comes by IPv4 to a listener on all addresses is known by the IPv4 address', async (t) => {
  const directory = temporaryDirectory();
  const back = await SocketServer.open((exchange) => {
    const { fields } = exchange.request;
    exchange.send(
      200,
      NO_FIELDS,
      `forwarded for ${fields.getByName('x-forwarded-for') ?? 'nobody'}`,
    );
  });
  const port = await freePort();
  const server = await ServedConfig.start(
    {
      threads: 1,
      logs: { access: { path: './access.log', format: '$remote_addr $server_addr' } },
      upstreams: { back: { servers: [`http://127.0.0.1:${back.port}`] } },
      sites: { '*': { listen: [port], routes: { '/': { proxy: 'back' } } } },
    },
    {},
    directory,
  );
  t.after(async () => {
    await server.stop();
    server.remove();
    await back.close();
  });
  assert.equal((await get(port)).body, 'forwarded for 127.0.0.1');
  const log = join(directory, 'access.log');
  const lines = (): string => (existsSync(log) ? readFileSync(log, 'latin1') : '');
  await eventually('a line', () => lines().endsWith('\n'));
  assert.equal(lines(), '127.0.0.1 127.0.0.1\n');
});
