// The pool of client connections over real sockets: the conformance suite, and what only sockets can do.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ajpWire } from '../conformance/ajp-wire.ts';
import { h1Wire } from '../conformance/h1-wire.ts';
import { socketBack } from '../conformance/socket-back.ts';
import { transportConformance } from '../conformance/transport.ts';
import { ask, poolTo } from '../support/socket-pool.ts';

const folder = mkdtempSync(join(tmpdir(), 'daemun-transport-'));
after(() => {
  rmSync(folder, { recursive: true });
});
let paths = 0;

for (const wire of [h1Wire, ajpWire]) {
  transportConformance(socketBack(wire, 'TCP', () => null));
  transportConformance(socketBack(wire, 'a unix socket', () => join(folder, `${paths++}.sock`)));
}

interface TestServer {
  readonly port: number;
  readonly server: Server;
  close(): Promise<void>;
}

async function serve(
  onRequest: (socket: Socket, served: number, bytes: string) => void,
): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    let served = 0;
    socket.on('data', (bytes) => {
      onRequest(socket, served++, bytes.toString('latin1'));
    });
    socket.on('end', () => socket.end());
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen({ port: 0, host: '127.0.0.1' }, resolve));
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return {
    port: address.port,
    server,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

// While a FIN is on its way Node cannot reset: it would lose the handle, which then spins.
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

/** Numbers that look random and are the same in every run. */
function draws(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

test('20,000 GETs to a back end that ends idle connections as requests come: nobody notices', async () => {
  const draw = draws(35);
  let ended = 0;
  const back = await serve((socket, served) => {
    if (served > 0 && draw() < 0.2) {
      ended++;
      const how = draw();
      if (how < 0.3) socket.end();
      else if (how < 0.6) socket.destroy();
      else reset(socket);
      return;
    }
    socket.write(OK);
    if (draw() < 0.1) {
      ended++;
      const how = draw();
      const end = (): void => {
        if (how < 0.5) socket.end();
        else reset(socket);
      };
      if (how < 0.2) setImmediate(end);
      else setTimeout(end, 1);
    }
  });
  const pool = poolTo(back.port);
  const troubles: string[] = [];
  let done = 0;
  const worker = async (): Promise<void> => {
    while (done < 20_000) {
      done++;
      // oxlint-disable-next-line no-await-in-loop -- one client asks one thing after the other
      const { status, body, fault } = await ask(pool);
      if (status !== 200 || body !== 'hi') troubles.push(fault?.message ?? `${status} ${body}`);
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  assert.deepEqual(troubles, []);
  assert.ok(ended > 2000, `${ended} connections ended under requests`);
  assert.deepEqual(pool.defects, []);
  assert.equal(pool.peer.calls, 0);
  pool.peer.retire();
  await back.close();
});

for (const [method, body, repeats] of [
  ['GET', '', true],
  ['PUT', 'abc', true],
  ['DELETE', '', true],
  ['POST', '', false],
  ['POST', 'abc', false],
  ['PATCH', 'abc', false],
  ['PUT', 'x'.repeat(70_000), false],
] as const) {
  test(`a ${method} with ${body.length} bytes on a connection that dies is ${repeats ? '' : 'not '}repeated`, async () => {
    let requests = 0;
    const back = await serve((socket, served, bytes) => {
      if (served === 0) requests++;
      else if (bytes.startsWith(method)) requests++;
      if (served > 0) socket.destroy();
      else if (bytes.length < 70_000) socket.write(OK);
    });
    const pool = poolTo(back.port);
    assert.equal((await ask(pool)).status, 200);
    assert.equal(pool.idle.size, 1);
    const { status, fault } = await ask(pool, method, body);
    if (repeats) {
      assert.equal(fault, null);
      assert.equal(status, 200);
      assert.equal(requests, 3);
    } else {
      assert.equal(fault?.kind.status, 502);
      assert.equal(pool.peer.dialled, 1);
    }
    pool.peer.retire();
    await back.close();
  });
}

test('a fresh connection that dies is not dialled again', async () => {
  const back = await serve((socket) => socket.destroy());
  const pool = poolTo(back.port);
  const { fault } = await ask(pool);
  assert.equal(fault?.kind.code, 'call-unanswered');
  assert.equal(pool.peer.dialled, 1);
  assert.equal(pool.peer.calls, 0);
  await back.close();
});

test('a port that nobody listens on is refused with 502, and what the system said', async () => {
  const back = await serve(() => {});
  await back.close();
  const pool = poolTo(back.port);
  const { fault } = await ask(pool);
  assert.equal(fault?.kind.code, 'dial-refused');
  assert.equal(fault.kind.status, 502);
  assert.equal(fault.detail, 'ECONNREFUSED');
  assert.equal(pool.deadlines.size, 0);
});

test('above the limit of calls the next one is refused, and accepted again behind one that ended', async () => {
  const held: Socket[] = [];
  const back = await serve((socket) => held.push(socket));
  const pool = poolTo(back.port, { maxConnections: 2 });
  const first = ask(pool);
  const second = ask(pool);
  assert.ok(pool.peer.full);
  const third = await ask(pool);
  assert.equal(third.fault?.kind.code, 'dial-full');
  assert.equal(pool.peer.calls, 2);
  while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 1)); // oxlint-disable-line no-await-in-loop -- it waits
  held[0]?.write(OK);
  await Promise.race([first, second]);
  assert.equal(pool.peer.full, false);
  const fourth = ask(pool);
  while (held.length < 3) await new Promise((resolve) => setTimeout(resolve, 1)); // oxlint-disable-line no-await-in-loop -- it waits
  for (const socket of held.slice(1)) socket.write(OK);
  assert.equal((await fourth).status, 200);
  await Promise.all([first, second]);
  assert.equal(pool.peer.dialled, 2);
  pool.peer.retire();
  await back.close();
});

test('idle connections above the limit are closed, the oldest first', async () => {
  const held: Socket[] = [];
  const back = await serve((socket) => held.push(socket));
  const pool = poolTo(back.port, { keep: 2 });
  const answers = [ask(pool), ask(pool), ask(pool), ask(pool)];
  while (held.length < 4) await new Promise((resolve) => setTimeout(resolve, 1)); // oxlint-disable-line no-await-in-loop -- it waits
  for (const socket of held) socket.write(OK);
  await Promise.all(answers);
  assert.equal(pool.idle.size, 2);
  pool.peer.retire();
  assert.equal(pool.idle.size, 0);
  await back.close();
});

test('a pool that retires lets its calls end and keeps no connection', async () => {
  const held: Socket[] = [];
  const back = await serve((socket) => held.push(socket));
  const pool = poolTo(back.port);
  const answer = ask(pool);
  while (held.length < 1) await new Promise((resolve) => setTimeout(resolve, 1)); // oxlint-disable-line no-await-in-loop -- it waits
  const dialling = ask(pool);
  pool.peer.retire();
  while (held.length < 2) await new Promise((resolve) => setTimeout(resolve, 1)); // oxlint-disable-line no-await-in-loop -- it waits
  for (const socket of held) socket.write(OK);
  assert.equal((await answer).status, 200);
  assert.equal((await dialling).status, 200);
  assert.equal(pool.idle.size, 0);
  await back.close();
});

test('a back end is not connected to with a descriptor that is kept for others', async () => {
  const back = await serve((socket) => socket.write(OK));
  const pool = poolTo(back.port, { descriptors: { clients: Infinity, backEnds: 0 } });
  const { fault } = await ask(pool);
  assert.equal(fault?.kind.code, 'dial-machine');
  assert.equal(fault.detail, 'EMFILE');
  assert.equal(pool.deadlines.size, 0);
  await back.close();
});
