/** Bodies of 100 MB through Daemun in both directions, and clients that leave in the middle of one. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type Server,
  type ServerResponse,
} from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { freePort, startDaemun, type TestProcess } from '../support/process.ts';
import { childrenOf } from '../support/process-tree.ts';

const BLOCK = Buffer.from(
  Uint8Array.from({ length: 100_000 }, (_, at) => (at * 2_654_435_761) >>> 24),
);
const BLOCKS = 1000;
const SIZE = BLOCK.length * BLOCKS;
const MiB = 1 << 20;
/** Far below what is sent, far above what a process of Node's needs anyway. */
const MEMORY_BOUND = 400 * MiB;

/** Writes all blocks, no faster than they are taken. */
async function writeBlocks(
  sink: NodeJS.WritableStream & { readonly destroyed?: boolean },
): Promise<void> {
  for (let i = 0; i < BLOCKS; i++) {
    // Each block is another: a lost, doubled or swapped one changes the hash.
    const block = Buffer.from(BLOCK);
    block.writeUInt32BE(i);
    // oxlint-disable-next-line no-await-in-loop -- no faster than it is taken
    if (!sink.write(block)) await once(sink, 'drain');
  }
  sink.end();
}

async function hashOf(stream: NodeJS.ReadableStream): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stream) {
    const bytesOfChunk = chunk as Buffer;
    hash.update(bytesOfChunk);
    bytes += bytesOfChunk.length;
  }
  return `${bytes} ${hash.digest('hex')}`;
}

function expectedHash(): string {
  const hash = createHash('sha256');
  for (let i = 0; i < BLOCKS; i++) {
    const block = Buffer.from(BLOCK);
    block.writeUInt32BE(i);
    hash.update(block);
  }
  return `${SIZE} ${hash.digest('hex')}`;
}

describe('large bodies', () => {
  const spool = mkdtempSync(join(tmpdir(), 'daemun-spool-'));
  const expected = expectedHash();
  let back: Server;
  let daemun: TestProcess;
  let port = 0;
  /** What the back end has seen of bodies that were never completed. */
  const cut = { uploads: 0, downloads: 0, begun: 0 };

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const path = request.url ?? '';
    if (path.endsWith('/endless')) {
      response.on('close', () => {
        if (!response.writableFinished) cut.downloads++;
      });
      const more = (): void => {
        while (!response.destroyed && response.write(BLOCK));
      };
      response.on('drain', more);
      more();
    } else if (path.endsWith('/source')) {
      const length = request.headers['x-length'] === 'known';
      response.writeHead(200, length ? { 'Content-Length': SIZE } : {});
      void writeBlocks(response);
    } else {
      cut.begun++;
      request.on('error', () => cut.uploads++);
      hashOf(request).then(
        (hash) => response.end(`${hash} ${request.headers['content-length'] ?? 'chunked'}`),
        () => {},
      );
    }
  }

  before(async () => {
    back = createServer({ keepAliveTimeout: 60_000, requestTimeout: 0 }, answer);
    back.listen(0, '127.0.0.1');
    await once(back, 'listening');
    const address = back.address();
    assert.ok(address !== null && typeof address === 'object');
    port = await freePort();
    const route = { proxy: 'back', bodySpool: { memory: '1MiB', file: '1GiB', directory: spool } };
    daemun = await startDaemun(port, {
      threads: 1,
      logs: { access: 'off', error: 'off' },
      upstreams: { back: { servers: [{ url: `http://127.0.0.1:${address.port}`, maxFails: 0 }] } },
      sites: {
        '*': {
          listen: [`127.0.0.1:${port}`],
          bodyLimit: '200MiB',
          routes: {
            '/buffer/*': { ...route, requestBody: 'buffer', responseBody: 'buffer' },
            '/stream/*': { ...route, requestBody: 'stream', responseBody: 'stream' },
            '/': { respond: 404 },
          },
        },
      },
    });
  });
  after(async () => {
    await daemun.stop();
    back.closeAllConnections();
    back.close();
    rmSync(spool, { recursive: true });
  });

  /** The process that serves. */
  function server(): number {
    const [serving = 0] = childrenOf(daemun.pid);
    return serving;
  }

  function openFiles(): string[] {
    const folder = `/proc/${server()}/fd`;
    return readdirSync(folder).flatMap((name) => {
      try {
        return [readlinkSync(join(folder, name))];
      } catch {
        return []; // closed since
      }
    });
  }

  function spoolFiles(): number {
    return openFiles().filter((path) => path.startsWith(spool)).length;
  }

  function sockets(): number {
    return openFiles().filter((path) => path.startsWith('socket:')).length;
  }

  function memory(field: 'VmHWM' | 'VmRSS'): number {
    const status = readFileSync(`/proc/${server()}/status`, 'latin1');
    return Number(new RegExp(`${field}:\\s*(\\d+) kB`).exec(status)?.[1]) * 1024;
  }

  for (const mode of ['buffer', 'stream']) {
    for (const length of ['known', 'chunked']) {
      test(`${SIZE} bytes up, ${mode}, ${length}`, async () => {
        const request = httpRequest({
          port,
          host: '127.0.0.1',
          method: 'PUT',
          path: `/${mode}/sink`,
          headers:
            length === 'known' ? { 'Content-Length': SIZE } : { 'Transfer-Encoding': 'chunked' },
          agent: false,
        });
        const answered = once(request, 'response') as Promise<[IncomingMessage]>;
        await writeBlocks(request);
        const [response] = await answered;
        let text = '';
        for await (const chunk of response) text += String(chunk);
        const passedOn = mode === 'stream' && length === 'chunked' ? 'chunked' : SIZE;
        assert.equal(text, `${expected} ${passedOn}`);
      });

      test(`${SIZE} bytes down, ${mode}, ${length}`, async () => {
        const request = httpRequest({
          port,
          host: '127.0.0.1',
          path: `/${mode}/source`,
          headers: { 'X-Length': length },
          agent: false,
        });
        request.end();
        const [response] = (await once(request, 'response')) as [IncomingMessage];
        assert.equal(
          response.headers['content-length'],
          length === 'known' ? `${SIZE}` : undefined,
        );
        assert.equal(await hashOf(response), expected);
      });
    }

    test(`a client that leaves its upload frees everything, ${mode}`, async () => {
      const idle = { sockets: sockets(), uploads: cut.uploads, begun: cut.begun };
      const clients = Array.from({ length: 8 }, () => {
        const socket = connect({ port, host: '127.0.0.1' });
        socket.on('error', () => {});
        socket.write(
          `PUT /${mode}/sink HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${SIZE}\r\n\r\n`,
        );
        for (let i = 0; i < 40; i++) socket.write(BLOCK);
        return socket;
      });
      await eventually('4 MB of each upload to be taken', () =>
        clients.every((socket) => socket.writableLength === 0),
      );
      if (mode === 'buffer') await eventually('files to be written', () => spoolFiles() === 8);
      else await eventually('the uploads at the back end', () => cut.begun === idle.begun + 8);
      for (const socket of clients) socket.destroy();
      await eventually('the end of the files', () => spoolFiles() === 0);
      await eventually('the end of the sockets', () => sockets() <= idle.sockets);
      if (mode === 'buffer') assert.equal(cut.begun, idle.begun, 'the back end was not bothered');
      else await eventually('the end at the back end', () => cut.uploads === idle.uploads + 8);
    });

    test(`a client that leaves its download frees everything, ${mode}`, async () => {
      const idle = { sockets: sockets(), downloads: cut.downloads };
      const received: number[] = [];
      const clients = Array.from({ length: 8 }, (_, at) => {
        const socket = connect({ port, host: '127.0.0.1' });
        received[at] = 0;
        socket.on('error', () => {});
        socket.on('data', (chunk: Buffer) => {
          received[at] = (received[at] ?? 0) + chunk.length;
          if ((received[at] ?? 0) > 2 * MiB) socket.pause();
        });
        socket.write(`GET /${mode}/endless HTTP/1.1\r\nHost: localhost\r\n\r\n`);
        return socket;
      });
      await eventually('2 MiB of each download', () => received.every((bytes) => bytes > 2 * MiB));
      if (mode === 'buffer') await eventually('files to be written', () => spoolFiles() === 8);
      for (const socket of clients) socket.destroy();
      await eventually('the end at the back end', () => cut.downloads === idle.downloads + 8);
      await eventually('the end of the files', () => spoolFiles() === 0);
      await eventually('the end of the sockets', () => sockets() <= idle.sockets);
    });
  }

  test('memory stayed bounded', (t) => {
    const [peak, now] = [memory('VmHWM'), memory('VmRSS')];
    t.diagnostic(
      `resident: ${Math.round(peak / MiB)} MiB at most, ${Math.round(now / MiB)} MiB now`,
    );
    assert.ok(peak < MEMORY_BOUND, `${peak} bytes`);
    assert.deepEqual(readdirSync(spool), []);
  });
});
