// Requests through a proxy route over real sockets: clients on one side, servers of Node's own on the other.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import {
  Agent,
  createServer,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as httpRequest,
  type RequestListener,
  type Server,
} from 'node:http';
import { connect, createServer as createTcpServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import {
  openProxy,
  peer,
  type PeerModel,
  type ProxyFront,
  type ProxyRouteModel,
} from '../support/proxy-front.ts';

const directory = mkdtempSync(join(tmpdir(), 'daemun-proxy-'));
after(() => {
  rmSync(directory, { recursive: true });
});

const cleanups: (() => Promise<void> | void)[] = [];
after(async () => {
  // oxlint-disable-next-line no-await-in-loop -- clients go before servers
  for (const cleanup of cleanups.toReversed()) await cleanup();
});

async function proxyTo(
  peers: readonly PeerModel[],
  route: Partial<ProxyRouteModel> = {},
): Promise<ProxyFront> {
  const proxy = await openProxy(peers, {
    bodySpool: { memory: 64 * 1024, file: 1 << 30, directory },
    ...route,
  });
  cleanups.push(() => proxy.close());
  return proxy;
}

async function back(
  listener: RequestListener,
): Promise<Server & { readonly where: { port: number } }> {
  const server = createServer({ keepAliveTimeout: 60_000 }, listener);
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return Object.assign(server, { where: { port: address.port } });
}

async function rawBack(onSocket: (socket: Socket) => void): Promise<{ port: number }> {
  const sockets = new Set<Socket>();
  const server = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onSocket(socket);
  });
  server.listen({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { port: address.port };
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly trailers: IncomingMessage['trailers'];
  readonly body: Buffer;
  readonly informed: readonly number[];
}

interface Asking {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: Uint8Array;
  readonly agent?: Agent;
}

async function ask(proxy: ProxyFront, asking: Asking = {}): Promise<Answer> {
  const { method = 'GET', path = '/', headers = {}, body } = asking;
  const informed: number[] = [];
  const request = httpRequest({
    port: proxy.port,
    host: '127.0.0.1',
    method,
    path,
    headers: { Host: 'site.test', ...headers },
    agent: asking.agent ?? false,
  });
  request.on('information', ({ statusCode }) => informed.push(statusCode));
  // A response that breaks off is told by the response; without a listener here it would end the process.
  request.on('error', () => {});
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    trailers: response.trailers,
    body: Buffer.concat(chunks),
    informed,
  };
}

/** Echoes: the request as JSON where it has no body, else its body. */
const echo: RequestListener = (request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    response.setHeader('X-Method', request.method ?? '');
    response.setHeader('X-Length', request.headers['content-length'] ?? 'none');
    if (chunks.length > 0) response.end(Buffer.concat(chunks));
    else response.end(JSON.stringify({ url: request.url, headers: request.headers }));
  });
};

test('a request arrives as it should, and its answer comes back', async () => {
  const server = await back(echo);
  const proxy = await proxyTo([peer(server.where)]);
  const { status, headers, body } = await ask(proxy, {
    path: '/a%2Fb//c?d=%20',
    headers: {
      'X-A': '1',
      Connection: 'keep-alive, X-Hop',
      'X-Hop': '2',
      'X-Forwarded-For': '9.9.9.9',
    },
  });
  assert.equal(status, 200);
  assert.equal(headers['x-method'], 'GET');
  assert.equal(headers['server'], 'Daemun');
  const seen = JSON.parse(body.toString()) as { url: string; headers: Record<string, string> };
  assert.equal(seen.url, '/a%2Fb//c?d=%20');
  // The port is the listener's to know; `forwarded.test.ts` says what becomes of it.
  delete seen.headers['x-forwarded-port'];
  assert.deepEqual(seen.headers, {
    host: `127.0.0.1:${server.where.port}`,
    'x-a': '1',
    'x-forwarded-for': '127.0.0.1',
    'x-forwarded-proto': 'http',
    'x-forwarded-host': 'site.test',
  });
});

for (const requestBody of ['buffer', 'stream'] as const) {
  for (const size of [1, 65_536, 65_537, 3_000_000]) {
    for (const framing of ['length', 'chunked'] as const) {
      test(`${size} bytes go up (${requestBody}, ${framing}) and come back the same`, async () => {
        const server = await back(echo);
        const proxy = await proxyTo([peer(server.where)], { requestBody });
        const sent = randomBytes(size);
        const { status, headers, body } = await ask(proxy, {
          method: 'POST',
          body: sent,
          headers:
            framing === 'length' ? { 'Content-Length': size } : { 'Transfer-Encoding': 'chunked' },
        });
        assert.equal(status, 200);
        assert.ok(body.equals(sent));
        const announced = requestBody === 'buffer' || framing === 'length' ? String(size) : 'none';
        assert.equal(headers['x-length'], announced);
        assert.deepEqual(readdirSync(directory), []);
      });
    }
  }
}

test('interim responses, chunks and trailers come through', async () => {
  const server = await back((_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' });
    response.writeHead(200, { Trailer: 'X-Sum' });
    response.write('one');
    setImmediate(() => {
      response.write('two');
      response.addTrailers({ 'X-Sum': '7' });
      response.end();
    });
  });
  const proxy = await proxyTo([peer(server.where)]);
  const { informed, body, trailers } = await ask(proxy, { headers: { TE: 'trailers' } });
  assert.deepEqual(informed, [103]);
  assert.equal(body.toString(), 'onetwo');
  assert.equal(trailers['x-sum'], '7');
});

for (const [method, status] of [
  ['HEAD', 200],
  ['GET', 204],
  ['GET', 304],
] as const) {
  test(`${method} with ${status} has no body, and the connection goes on`, async () => {
    const server = await back((_request, response) => {
      response.writeHead(status, status === 204 ? {} : { 'Content-Length': 5 });
      response.end();
    });
    const proxy = await proxyTo([peer(server.where)]);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 3; i++) {
      // oxlint-disable-next-line no-await-in-loop -- one connection carries one after the other
      const answer = await ask(proxy, { method, agent });
      assert.equal(answer.status, status);
      assert.equal(answer.body.length, 0);
      if (method === 'HEAD') assert.equal(answer.headers['content-length'], '5');
    }
    agent.destroy();
  });
}

test('connections to the server are used again', async () => {
  let connections = 0;
  const server = await back((_request, response) => response.end('hi'));
  server.on('connection', () => connections++);
  const proxy = await proxyTo([peer(server.where)]);
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  const answers = await Promise.all(Array.from({ length: 200 }, () => ask(proxy, { agent })));
  assert.ok(answers.every(({ status, body }) => status === 200 && body.toString() === 'hi'));
  assert.ok(connections <= 4, `${connections} connections for four clients`);
  agent.destroy();
});

test('a server on a unix socket', async () => {
  const path = join(directory, 'back.sock');
  const server = createServer(echo);
  server.listen(path);
  await once(server, 'listening');
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const proxy = await proxyTo([peer({ path })]);
  const { status, body } = await ask(proxy);
  assert.equal(status, 200);
  assert.match(body.toString(), /"host":"localhost"/);
  await new Promise((resolve) => server.close(resolve).closeAllConnections());
});

describe('servers that fail', () => {
  const dead = async (): Promise<{ port: number }> => {
    const server = createTcpServer();
    server.listen({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    await new Promise((resolve) => server.close(resolve));
    return { port: address.port };
  };

  test('one of two that nobody listens on is not noticed', async () => {
    const server = await back(echo);
    const proxy = await proxyTo([peer(await dead()), peer(server.where)]);
    for (let i = 0; i < 10; i++) {
      // oxlint-disable-next-line no-await-in-loop -- the first failure puts the server aside for the rest
      assert.equal((await ask(proxy)).status, 200);
    }
  });

  test('a POST goes to the next one where the first refused the connection', async () => {
    const server = await back(echo);
    for (const requestBody of ['buffer', 'stream'] as const) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const proxy = await proxyTo([peer(await dead()), peer(server.where)], { requestBody });
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { status, body } = await ask(proxy, { method: 'POST', body: Buffer.from('abc') });
      assert.equal(status, 200);
      assert.equal(body.toString(), 'abc');
    }
  });

  test('all of them: 502', async () => {
    const proxy = await proxyTo([peer(await dead()), peer(await dead())]);
    assert.equal((await ask(proxy)).status, 502);
    assert.equal((await ask(proxy)).status, 502);
  });

  test('one that never answers: 504 behind the read timeout', async () => {
    let asked = false;
    const server = await back(() => {
      asked = true;
    });
    const proxy = await proxyTo([peer(server.where)], { readTimeout: 1000 });
    const answer = ask(proxy);
    await eventually('the request', () => asked);
    proxy.server.advance(1000);
    assert.equal((await answer).status, 504);
  });

  for (const [what, bytes] of [
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nleak'],
    ['a NUL in a field', 'HTTP/1.1 200 OK\r\nX: leak\0\r\nContent-Length: 0\r\n\r\n'],
    ['no HTTP', 'leak\r\n\r\n'],
  ] as const) {
    test(`one that answers with ${what}: 502, nothing leaked, and the connection is gone`, async () => {
      let connections = 0;
      const where = await rawBack((socket) => {
        connections++;
        socket.on('data', () => socket.write(bytes));
      });
      const proxy = await proxyTo([peer(where)]);
      for (let i = 1; i <= 3; i++) {
        // oxlint-disable-next-line no-await-in-loop -- one connection after the other
        const { status, body } = await ask(proxy);
        assert.equal(status, 502);
        assert.ok(!body.toString().includes('leak'));
        assert.equal(connections, i);
      }
    });
  }

  test('one that breaks off in the middle: the client can tell', async () => {
    const where = await rawBack((socket) => {
      socket.on('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'));
    });
    const proxy = await proxyTo([peer(where)]);
    await assert.rejects(ask(proxy));
  });

  test('one that ends idle connections as requests come is not noticed in 5,000 GETs', async () => {
    let ended = 0;
    let count = 0;
    const where = await rawBack((socket) => {
      let served = 0;
      socket.on('data', () => {
        if (served++ > 0 && ++count % 5 === 0) {
          ended++;
          socket.destroy();
        } else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi');
      });
      socket.on('end', () => socket.end());
    });
    const proxy = await proxyTo([peer(where)]);
    const agent = new Agent({ keepAlive: true, maxSockets: 16 });
    let left = 5000;
    const client = async (): Promise<void> => {
      while (left-- > 0) {
        // oxlint-disable-next-line no-await-in-loop -- a client asks one thing after the other
        const { status, body } = await ask(proxy, { agent });
        assert.equal(status, 200);
        assert.equal(body.toString(), 'hi');
      }
    };
    await Promise.all(Array.from({ length: 16 }, client));
    assert.ok(ended > 500, `${ended} connections ended under requests`);
    agent.destroy();
  });
});

test('a client that leaves takes its request to the server with it', async () => {
  let gone = false;
  let asked = false;
  const server = await back((request) => {
    asked = true;
    request.socket.on('close', () => {
      gone = true;
    });
  });
  const proxy = await proxyTo([peer(server.where)]);
  const client = connect({ port: proxy.port, host: '127.0.0.1' });
  client.write('GET / HTTP/1.1\r\nHost: site.test\r\n\r\n');
  await eventually('the request', () => asked);
  client.destroy();
  await eventually('the server to see it', () => gone);
  assert.equal(proxy.built.upstream.peers[0]?.active, 0);
});

test('a client that reads nothing holds the server back', async () => {
  let written = 0;
  const server = await back((_request, response) => {
    const piece = Buffer.alloc(1 << 20);
    const writeOn = (): void => {
      while (written < 256 << 20) {
        written += piece.length;
        if (!response.write(piece)) {
          response.once('drain', writeOn);
          return;
        }
      }
      response.end();
    };
    writeOn();
  });
  const proxy = await proxyTo([peer(server.where)]);
  const client = connect({ port: proxy.port, host: '127.0.0.1' });
  client.pause();
  client.write('GET / HTTP/1.1\r\nHost: site.test\r\n\r\n');
  let before = -1;
  await eventually('the server to stop', () => {
    const still = written > 0 && written === before;
    before = written;
    return still;
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  // What the buffers of two connections take is megabytes; the whole answer is far more.
  assert.ok(written < 64 << 20, `${written} bytes written to a client that reads nothing`);
  assert.ok(proxy.server.budget.held < 4 << 20, `${proxy.server.budget.held} bytes held`);
  client.destroy();
  await eventually('the end', () => proxy.built.upstream.peers[0]?.active === 0);
});

test('a slow client does not occupy the server where the answer is buffered', async () => {
  const sent = randomBytes(24 << 20);
  let answered = false;
  const server = await back((_request, response) => {
    response.end(sent, () => {
      answered = true;
    });
  });
  const proxy = await proxyTo([peer(server.where)], { responseBody: 'buffer' });
  const client = connect({ port: proxy.port, host: '127.0.0.1' });
  client.write('GET / HTTP/1.1\r\nHost: site.test\r\nConnection: close\r\n\r\n');
  client.pause();
  await eventually('the server to be free', () => {
    return answered && proxy.built.upstream.peers[0]?.active === 0;
  });
  assert.ok(proxy.server.budget.held < 4 << 20, `${proxy.server.budget.held} bytes held`);
  const chunks: Buffer[] = [];
  for await (const chunk of client) chunks.push(chunk as Buffer);
  const whole = Buffer.concat(chunks);
  assert.ok(whole.subarray(whole.indexOf('\r\n\r\n') + 4).equals(sent));
  assert.deepEqual(readdirSync(directory), []);
});

describe('WebSocket', () => {
  const handshake =
    'GET /chat HTTP/1.1\r\nHost: site.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: a\r\nSec-WebSocket-Version: 13\r\n\r\n';

  async function chatServer(): Promise<{ port: number; readonly state: { ended: boolean } }> {
    const state = { ended: false };
    const server = await back((_request, response) => response.end());
    server.on('upgrade', (_request, socket, head) => {
      socket.write(
        'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: b\r\n\r\nhello',
      );
      if (head.length > 0) socket.write(head);
      socket.on('data', (bytes: Buffer) => socket.write(bytes));
      socket.on('error', () => {});
      socket.on('end', () => {
        state.ended = true;
        socket.end('bye');
      });
    });
    return { port: server.where.port, state };
  }

  test('a tunnel carries bytes both ways, and ends when both sides did', async () => {
    const server = await chatServer();
    const proxy = await proxyTo([peer(server)]);
    const client = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
    let text = '';
    let ended = false;
    client.on('data', (bytes) => {
      text += bytes.toString('latin1');
    });
    client.on('end', () => {
      ended = true;
    });
    client.write(handshake);
    await eventually('the switch', () => text.endsWith('\r\n\r\nhello'));
    assert.match(text, /^HTTP\/1\.1 101 /);
    assert.match(text, /\r\nUpgrade: websocket\r\n/i);
    assert.match(text, /\r\nSec-WebSocket-Accept: b\r\n/i);
    client.write('\0\xffping', 'latin1');
    await eventually('the echo', () => text.endsWith('hello\0\xffping'));
    client.end();
    await eventually('the end', () => ended);
    assert.equal(server.state.ended, true);
    assert.ok(text.endsWith('pingbye'));
    await eventually('the release', () => proxy.built.upstream.peers[0]?.active === 0);
  });

  test('a tunnel in which nobody says anything for the read timeout is closed', async () => {
    const server = await chatServer();
    const proxy = await proxyTo([peer(server)], { readTimeout: 1000 });
    const client = connect({ port: proxy.port, host: '127.0.0.1' });
    let text = '';
    let closed = false;
    client.on('data', (bytes) => {
      text += bytes.toString('latin1');
    });
    client.on('error', () => {});
    client.on('close', () => {
      closed = true;
    });
    client.write(handshake);
    await eventually('the switch', () => text.endsWith('hello'));
    proxy.server.advance(999);
    client.write('x');
    await eventually('the echo', () => text.endsWith('hellox'));
    proxy.server.advance(999);
    await new Promise((resolve) => setTimeout(resolve, 5));
    assert.equal(closed, false);
    proxy.server.advance(1);
    await eventually('the close', () => closed);
    assert.equal(proxy.built.upstream.peers[0]?.active, 0);
  });
});
