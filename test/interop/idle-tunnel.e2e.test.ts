/** A WebSocket that nobody uses for the time to read: nginx and we end it alike, on both sides. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { needs, peerPath } from '../support/needs.ts';
import { freePort, startDaemun, startNginx, type TestProcess } from '../support/process.ts';

const READ_MS = 300;
const ASKS =
  'GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
const SWITCHES =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n';

/** One side of a tunnel: what it heard, and how it ended for it. */
class Side {
  text = '';
  ending: 'in order' | 'reset' | null = null;
  closed = false;

  constructor(socket: Socket) {
    socket.on('data', (chunk: Buffer) => (this.text += chunk.toString('latin1')));
    socket.on('end', () => (this.ending ??= 'in order'));
    socket.on('error', () => (this.ending ??= 'reset'));
    socket.on('close', () => (this.closed = true));
  }
}

describe('an idle WebSocket', { skip: needs('nginx') }, () => {
  const servers: { name: string; process: TestProcess; port: number; log: string }[] = [];
  const sockets = new Set<Socket>();
  const behind: { readonly side: Side; readonly socket: Socket }[] = [];
  const back = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    const side = new Side(socket);
    behind.push({ side, socket });
    socket.once('data', () => socket.write(`${SWITCHES}hello`));
  });

  before(async () => {
    const [ours, theirs] = [await freePort(), await freePort()];
    await new Promise<void>((listening) => back.listen(0, '127.0.0.1', listening));
    const address = back.address();
    const url = `http://127.0.0.1:${address === null || typeof address === 'string' ? 0 : address.port}`;
    const daemun = await startDaemun(ours, {
      threads: 1,
      upstreams: { back: { servers: [url] } },
      logs: { access: 'off', error: 'errors.log' },
      sites: {
        '*': {
          listen: [`127.0.0.1:${ours}`],
          routes: { '/': { proxy: 'back', readTimeout: `${READ_MS}ms` } },
        },
      },
    });
    const nginx = await startNginx(
      peerPath('nginx') ?? '',
      theirs,
      `error_log {dir}/errors.log info; server { listen 127.0.0.1:${theirs}; location / {
        proxy_pass ${url}; proxy_http_version 1.1; proxy_set_header Connection upgrade;
        proxy_set_header Upgrade websocket; proxy_read_timeout ${READ_MS}ms; } }`,
    );
    for (const [name, process, port] of [
      ['nginx', nginx, theirs],
      ['daemun', daemun, ours],
    ] as const)
      servers.push({ name, process, port, log: join(process.directory, 'errors.log') });
  });
  after(async () => {
    for (const socket of sockets) socket.destroy();
    back.close();
    await Promise.all(servers.map(({ process }) => process.stop()));
  });

  test('ends in order for client and server, behind all bytes, with one line in the log', async () => {
    for (const { name, port, log } of servers) {
      const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
      sockets.add(socket);
      const client = new Side(socket);
      socket.write(ASKS);
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await eventually('the switch', () => client.text.endsWith('hello'));
      socket.write('words');
      // oxlint-disable-next-line no-await-in-loop -- as above
      await eventually('the end for the client', () => client.ending !== null);
      const server = behind.at(-1);
      assert.ok(server !== undefined);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await eventually('the end for the server', () => server.side.ending !== null);
      assert.equal(client.ending, 'in order', `${name}: client`);
      assert.equal(server.side.ending, 'in order', `${name}: server`);
      assert.ok(server.side.text.endsWith('words'), name);
      // Closed, not ended on one side: what is sent now meets nobody, which the next to be sent finds out.
      // oxlint-disable-next-line no-await-in-loop -- as above
      await eventually('both closed', () => {
        if (!client.closed) socket.write('more');
        if (!server.side.closed) server.socket.write('more');
        return client.closed && server.side.closed;
      });
      // oxlint-disable-next-line no-await-in-loop -- as above
      await eventually('the line', () => timeOuts(log).length > 0);
      const lines = timeOuts(log);
      assert.equal(lines.length, 1, lines.join('\n'));
      assert.match(lines[0] ?? '', /, client: 127\.0\.0\.1, .*request: "GET \/ HTTP\/1\.1"/);
    }
  });
});

/** The lines about a server that sent nothing in time, in the words of both. */
function timeOuts(log: string): readonly string[] {
  const lines = readFileSync(log, 'latin1').split('\n').slice(0, -1);
  return lines.filter((line) => /upstream timed out|call-read-timeout/.test(line));
}
