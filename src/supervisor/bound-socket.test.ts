import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { bindTcp, bindUnix, type BoundSocket } from './bound-socket.ts';

const INSIDE: object = { _createServerHandle: Reflect.get(net, '_createServerHandle') };
const WAYS = [
  ['as documented', undefined],
  ["by what Node's cluster module uses", INSIDE],
] as const;

// A descriptor that two objects of one process have must be closed by neither while the other lives.
const kept: unknown[] = [];

/** Listens on a bound socket, as a server process does on its duplicate. */
async function listen(bound: BoundSocket): Promise<void> {
  const server = net.createServer((socket) => socket.destroy()).listen({ fd: bound.fd });
  server.unref();
  kept.push(bound, server);
  await new Promise((done) => server.once('listening', done));
}

/** A port that somebody listens on. */
function taken(t: TestContext): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  return new Promise((done) => {
    server.once('listening', () => {
      const address = server.address();
      done(typeof address === 'object' ? (address?.port ?? 0) : 0);
    });
  });
}

/** What a connection to a port of 127.0.0.1 ends with. */
function connected(port: number): Promise<string> {
  return new Promise((done) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      socket.destroy();
      done('connected');
    });
    socket.on('error', (error) => {
      done('code' in error ? String(error.code) : '');
    });
  });
}

for (const [how, node] of WAYS) {
  test(`a port is bound ${how} and refuses connections; a duplicate of it can be listened on`, async () => {
    const bound = bindTcp('127.0.0.1', 0, true, node);
    assert.ok(bound.port > 0);
    assert.equal(await connected(bound.port), 'ECONNREFUSED');
    await listen(bound);
    assert.equal(await connected(bound.port), 'connected');
  });

  test(`sockets share a port only where all of them ask for it, bound ${how}`, () => {
    const first = bindTcp('127.0.0.1', 0, true, node);
    const second = bindTcp('127.0.0.1', first.port, true, node);
    assert.notEqual(first.fd, second.fd);
    assert.equal(second.port, first.port);
    first.close();
    second.close();
  });

  test(`a port in use, and an address of no interface, are told by their codes, bound ${how}`, async (t) => {
    const port = await taken(t);
    for (const shared of [false, true])
      assert.throws(() => bindTcp('127.0.0.1', port, shared, node), { code: 'EADDRINUSE' });
    assert.throws(() => bindTcp('*', port, false, node), { code: 'EADDRINUSE' });
    assert.throws(() => bindTcp('203.0.113.9', 0, false, node), { code: 'EADDRNOTAVAIL' });
  });

  test(`all addresses are those of IPv4 as well, bound ${how}`, async () => {
    const bound = bindTcp('*', 0, false, node);
    await listen(bound);
    assert.equal(await connected(bound.port), 'connected');
  });
}

test('a machine without IPv6 is served by IPv4', () => {
  const asked: string[] = [];
  class BoundSocket extends net.BoundSocket {
    constructor(options: ConstructorParameters<typeof net.BoundSocket>[0]) {
      asked.push(options?.host ?? '');
      if (options?.host === '::') throw Object.assign(new Error(''), { code: 'EAFNOSUPPORT' });
      super(options);
    }
  }
  bindTcp('*', 0, false, { BoundSocket }).close();
  assert.deepEqual(asked, ['::', '0.0.0.0']);
});

test('a Node that can do neither is told', () => {
  assert.throws(() => bindTcp('127.0.0.1', 0, true, {}), /cannot bind a socket/);
});

test('a unix socket is bound where nothing is, and closing it is all that it does', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'daemun-bound-'));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  const path = join(directory, 'x.sock');
  const bound = bindUnix(path);
  assert.equal(bound.port, 0);
  assert.ok(existsSync(path));
  assert.throws(() => bindUnix(path), { code: 'EADDRINUSE' });
  assert.throws(() => bindUnix(join(directory, 'none/x')), { code: 'EACCES' });
  bound.close();
});
