import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type NetConnectOpts, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { eventually } from '../support/eventually.ts';
import {
  type Exchange,
  EXCHANGE_FAULTS,
  Fault,
  NO_FIELDS,
  SocketServer,
  UNKNOWN_LENGTH,
} from '../support/socket-server.ts';

const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** A bare client that keeps all that it was sent. */
class Peer {
  received = '';
  ended = false;
  error: Error | null = null;
  closed = false;
  readonly socket: Socket;

  constructor(t: TestContext, where: NetConnectOpts) {
    const socket = connect({ ...where, allowHalfOpen: true });
    this.socket = socket;
    socket.setEncoding('latin1');
    socket.on('data', (chunk: string) => (this.received += chunk));
    socket.on('end', () => (this.ended = true));
    socket.on('error', (error) => (this.error = error));
    socket.on('close', () => (this.closed = true));
    t.after(() => socket.destroy());
  }

  send(text: string): void {
    this.socket.write(text, 'latin1');
  }

  has(what: string): Promise<void> {
    return eventually(`${what} in the answer`, () => this.received.includes(what));
  }

  end(): Promise<void> {
    return eventually('the end of the answer', () => this.ended || this.closed);
  }
}

async function serving(
  t: TestContext,
  onExchange: (exchange: Exchange) => void,
  options: Parameters<typeof SocketServer.open>[1] = {},
): Promise<SocketServer> {
  const server = await SocketServer.open(onExchange, options);
  server.retireAfter(t);
  return server;
}

const hello = (exchange: Exchange): void => {
  exchange.send(200, NO_FIELDS, 'hello');
};

test('a client that uploads on while it is answered 413 reads the answer, 20 times of 20', async (t) => {
  const server = await serving(t, (exchange) => {
    exchange.send(413, NO_FIELDS, 'too large');
  });
  const piece = 'x'.repeat(64 * 1024);
  for (let i = 0; i < 20; i++) {
    const peer = new Peer(t, { port: server.port });
    peer.send(`POST / HTTP/1.1\r\nHost: x\r\nContent-Length: ${64 * piece.length}\r\n\r\n`);
    for (let sent = 0; sent < 64; sent++) {
      if (peer.closed) break;
      peer.send(piece);
      // oxlint-disable-next-line no-await-in-loop -- the upload goes on behind the answer
      if (sent % 8 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // oxlint-disable-next-line no-await-in-loop -- one client after the other
    await peer.end();
    assert.equal(peer.error, null, `client ${i}`);
    assert.match(peer.received, /^HTTP\/1\.1 413 [^]*\r\n\r\ntoo large$/);
    peer.socket.destroy();
  }
});

for (const limit of ['idle', 'total'] as const)
  test(`lingering ends when its ${limit} time is over`, async (t) => {
    const refuse = (exchange: Exchange): void => {
      exchange.send(413, NO_FIELDS, 'no');
    };
    // Long enough for bytes that are late to arrive.
    const lingering = { idle: 4000, total: 9000 };
    const server = await serving(t, refuse, { limits: { lingering } });
    const peer = new Peer(t, { port: server.port });
    peer.send('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n');
    await peer.end();
    if (limit === 'total') {
      for (let at = 0; at < 9000; at += 900) {
        assert.equal(server.census.open, 1);
        peer.send('x');
        // oxlint-disable-next-line no-await-in-loop -- bytes arrive while the clock moves
        await new Promise((resolve) => setTimeout(resolve, 20));
        server.advance(900);
      }
    } else {
      server.advance(3999);
      assert.equal(server.census.open, 1);
      server.advance(1);
    }
    await eventually('the end of the connection', () => server.census.open === 0);
  });

test('a client that half-closes behind its request gets the whole answer', async (t) => {
  let left = 8 * 1024 * 1024;
  const piece = Buffer.alloc(64 * 1024, 'x');
  const server = await serving(t, (exchange) => {
    const more = (): void => {
      while (left > 0) {
        left -= piece.length;
        if (!exchange.write(piece, 0, piece.length)) return;
      }
      exchange.end(null);
    };
    exchange.observer = { ...exchange.observer, onDrain: more };
    exchange.respond(200, NO_FIELDS, left);
    more();
  });
  const peer = new Peer(t, { port: server.port });
  peer.send(GET);
  peer.socket.end();
  await peer.end();
  assert.equal(peer.error, null);
  assert.equal(peer.received.length - peer.received.indexOf('\r\n\r\n') - 4, 8 * 1024 * 1024);
});

test('a slow reader holds the writer back in bounded memory, and gets everything in the end', async (t) => {
  const total = 64 * 1024 * 1024;
  const piece = Buffer.alloc(64 * 1024, 'y');
  let written = 0;
  let most = 0;
  let finished = 0;
  const server = await serving(t, (exchange) => {
    const more = (): void => {
      while (written < total) {
        written += piece.length;
        const room = exchange.write(piece, 0, piece.length);
        most = Math.max(most, exchange.budget.held);
        if (!room) return;
      }
      exchange.end(null);
    };
    exchange.observer = {
      onDrain: more,
      onHalfClose: () => {},
      onAbort: (fault) => {
        assert.fail(fault.message);
      },
      onFinish: () => finished++,
    };
    exchange.respond(200, NO_FIELDS, total);
    more();
  });
  const peer = new Peer(t, { port: server.port });
  peer.socket.pause();
  peer.send(GET);
  let before = -1;
  await eventually('the writer stands still', () => {
    const still = server.budget.held > 0 && written === before;
    before = written;
    return still;
  });
  assert.ok(written < total, 'no socket buffer holds all of it');
  peer.socket.resume();
  await eventually('the end of the body', () => peer.received.length > total && finished === 1);
  assert.ok(most <= 4 * piece.length, `${most} bytes were held at once`);
  assert.equal(server.budget.held, 0);
});

for (const fields of ['', 'Connection: close\r\n', 'Connection: close\r\nContent-Length: 9\r\n']) {
  const behind = fields === '' ? 'nothing' : JSON.stringify(fields);
  test(`a client that takes nothing of a big answer is given up; the request says ${behind}`, async (t) => {
    const big = Buffer.alloc(64 * 1024 * 1024, 'z');
    let finished = 0;
    let status = 0;
    const server = await serving(t, (exchange) => {
      exchange.observer = {
        ...exchange.observer,
        onFinish: () => {
          finished++;
          status = exchange.fault?.kind.status ?? 0;
        },
      };
      exchange.send(200, NO_FIELDS, big);
    });
    const peer = new Peer(t, { port: server.port });
    peer.socket.pause();
    peer.send(`POST / HTTP/1.1\r\nHost: x\r\n${fields}\r\n`);
    await eventually('an answer that is held', () => server.budget.held >= big.length);
    server.advance(999);
    assert.equal(server.census.open, 1);
    await eventually('the end of the connection', () => {
      server.advance(500);
      return server.census.open === 0;
    });
    assert.deepEqual([finished, status, server.budget.held], [1, 408, 0]);
  });
}

test('a unix socket is a way in like any other', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'daemun-net-'));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  const path = join(directory, 'x.sock');
  const facts: unknown[] = [];
  const server = await serving(
    t,
    (exchange) => {
      facts.push([exchange.connection.remoteAddress, exchange.connection.localAddress]);
      hello(exchange);
    },
    { target: { path } },
  );
  const peer = new Peer(t, { path });
  peer.send(GET + GET);
  await eventually('two answers', () => peer.received.split('hello').length === 3);
  assert.deepEqual(facts, [
    ['unix:', path],
    ['unix:', path],
  ]);
  assert.equal(server.port, 0);
  peer.socket.destroy();
});

for (const [name, code] of [
  ['maxConnections', 'connections-per-thread'],
  ['maxConnectionsPerAddress', 'connections-per-address'],
] as const)
  test(`connections beyond ${name} are closed and told; one that ends makes room`, async (t) => {
    const server = await serving(t, hello, { limits: { [name]: 2 } });
    const first = new Peer(t, { port: server.port });
    const second = new Peer(t, { port: server.port });
    await eventually('two connections', () => server.census.open === 2);
    const third = new Peer(t, { port: server.port });
    await eventually('the end of the third', () => third.ended || third.closed);
    assert.deepEqual(server.refused, [code]);
    assert.equal(third.received, '');
    for (const peer of [first, second]) {
      peer.send(GET);
      // oxlint-disable-next-line no-await-in-loop -- two
      await peer.has('hello');
    }
    first.socket.resetAndDestroy();
    await eventually('room', () => server.census.open === 1);
    const fourth = new Peer(t, { port: server.port });
    fourth.send(GET);
    await fourth.has('hello');
    assert.deepEqual(server.refused, [code]);
  });

test('a connection whose descriptor is kept for others is closed and told', async (t) => {
  const descriptors = { clients: 0, backEnds: 0 };
  const server = await serving(t, hello, { descriptors });
  const peer = new Peer(t, { port: server.port });
  await eventually('its end', () => peer.ended || peer.closed);
  assert.deepEqual([server.refused, server.census.open], [['no-descriptors'], 0]);
  assert.equal(peer.received, '');
});

test('a client that resets in the middle of an answer is an abort, never an end', async (t) => {
  const told: string[] = [];
  const server = await serving(t, (exchange) => {
    const piece = Buffer.alloc(1024 * 1024, 'z');
    exchange.observer = {
      onDrain: () => {},
      onHalfClose: () => {},
      onAbort: (fault) => void told.push(fault.kind.code),
      onFinish: () => void told.push('finish'),
    };
    exchange.respond(200, NO_FIELDS, 16 * piece.length);
    for (let i = 0; i < 16; i++) exchange.write(piece, 0, piece.length);
    exchange.end(null);
  });
  const peer = new Peer(t, { port: server.port });
  peer.socket.pause();
  peer.send(GET);
  await eventually('a client that is behind', () => server.budget.held > 0);
  assert.equal(told.length, 0);
  peer.socket.resetAndDestroy();
  await eventually('the end', () => told.includes('finish'));
  assert.deepEqual(told, ['client-left', 'finish']);
  await eventually('nothing is held', () => server.budget.held === 0);
  assert.equal(server.census.open, 0);
  assert.deepEqual(server.defects, []);
});

test('an answer that is lost with the one behind it has not been sent', async (t) => {
  const told: string[] = [];
  const server = await serving(t, (exchange) => {
    const { path } = exchange.request;
    exchange.observer = {
      ...exchange.observer,
      onAbort: () => void told.push(`${path} aborted`),
      onFinish: () => void told.push(`${path} finished`),
    };
    if (path === '/1') exchange.send(200, NO_FIELDS, 'hello');
    else exchange.abort(new Fault(EXCHANGE_FAULTS['handler-failed'], 'handler'));
  });
  const peer = new Peer(t, { port: server.port });
  peer.send('GET /1 HTTP/1.1\r\nHost: x\r\n\r\nGET /2 HTTP/1.1\r\nHost: x\r\n\r\n');
  await eventually('the end of the connection', () => peer.closed && server.census.open === 0);
  assert.equal(peer.received, '');
  assert.deepEqual(told, ['/2 aborted', '/2 finished', '/1 aborted', '/1 finished']);
});

test('1000 requests in one write get 1000 answers in their order', async (t) => {
  const server = await serving(t, (exchange) => {
    const close = exchange.request.path === '/999';
    if (close) exchange.closes = true;
    exchange.send(200, NO_FIELDS, `<${exchange.request.path}>`);
  });
  const peer = new Peer(t, { port: server.port });
  const requests = Array.from({ length: 1000 }, (_, n) => GET.replace('/', `/${n}`));
  peer.send(requests.join(''));
  await peer.end();
  const paths = Array.from(peer.received.matchAll(/<\/([0-9]+)>/g), ([, n]) => Number(n));
  assert.deepEqual(
    paths,
    Array.from({ length: 1000 }, (_, n) => n),
  );
  assert.equal(peer.received.split('HTTP/1.1 200 OK').length, 1001);
  peer.socket.destroy();
});

test('a head that comes byte by byte has as much time as one that stands still: then 408', async (t) => {
  const statuses: number[] = [];
  const server = await serving(t, (exchange) => {
    statuses.push(exchange.refusal?.kind.status ?? 0);
    exchange.send(exchange.refusal?.kind.status ?? 200, NO_FIELDS, 'slow');
  });
  const peer = new Peer(t, { port: server.port });
  peer.socket.setNoDelay(true);
  peer.send('G');
  await eventually('the first byte', () => server.budget.held > 0);
  const rest = 'ET / HTTP/1.1\r\n';
  for (let at = 0; at < 9; at++) {
    // oxlint-disable-next-line no-await-in-loop -- bytes arrive while the clock moves
    await new Promise((resolve) => setTimeout(resolve, 5));
    server.advance(110);
    peer.send(rest.charAt(at));
  }
  assert.deepEqual(statuses, []);
  server.advance(10);
  await peer.end();
  assert.deepEqual(statuses, [408]);
  assert.match(peer.received, /^HTTP\/1\.1 408 [^]*Connection: close[^]*slow$/);
  peer.socket.destroy();
});

test('a connection that never says anything is closed without an answer', async (t) => {
  const server = await serving(t, hello);
  const peer = new Peer(t, { port: server.port });
  await eventually('the connection', () => server.census.open === 1);
  server.advance(999);
  assert.equal(server.census.open, 1);
  server.advance(1);
  await peer.end();
  assert.equal(peer.received, '');
});

test('retiring takes no new connection, closes idle ones, and lets answers under way finish', async (t) => {
  const open: Exchange[] = [];
  const server = await serving(t, (exchange) => {
    if (exchange.request.path === '/now') hello(exchange);
    else {
      open.push(exchange);
      exchange.respond(200, NO_FIELDS, UNKNOWN_LENGTH);
    }
  });
  const { port } = server;
  const idle = new Peer(t, { port });
  idle.send(GET.replace('/', '/now'));
  await idle.has('hello');
  const busy = new Peer(t, { port });
  busy.send(GET);
  await eventually('the exchange', () => open.length === 1);
  server.retire();
  await idle.end();
  idle.socket.end();
  const late = new Peer(t, { port });
  await eventually('a refusal', () => late.error !== null);
  assert.equal(busy.ended, false);
  open[0]?.write(Buffer.from('the rest'), 0, 8);
  open[0]?.end(null);
  await busy.end();
  assert.match(busy.received, /8\r\nthe rest\r\n0\r\n\r\n$/);
  busy.socket.end();
  await eventually('the end of all connections', () => server.census.open === 0);
});
