/** What clients do wrong: as grave in our error log as in that of nginx, and always with the id of the request. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { eventually } from '../support/eventually.ts';
import { needs, peerPath } from '../support/needs.ts';
import { freePort, startDaemun, startNginx, type TestProcess } from '../support/process.ts';

const HOST = 'Host: x\r\nConnection: close\r\n';
const post = (path: string, fields: string, body = ''): string =>
  `POST ${path} HTTP/1.1\r\n${fields}${HOST}\r\n${body}`;
const get = (path: string, more = ''): string => `GET ${path} HTTP/1.1\r\n${more}${HOST}\r\n`;
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

/** What is wrong, the bytes, and the level in both logs. */
const CASES: readonly (readonly [string, string, string])[] = [
  ['a file that is not there', get('/none'), 'error'],
  ['a path below a file', get('/file.txt/none'), 'error'],
  ['a directory that is not there', get('/none/'), 'error'],
  ['a directory without an index', get('/empty/'), 'error'],
  ['a length that is too large', post('/proxy/', 'Content-Length: 20\r\n'), 'error'],
  [
    'chunks that are too large',
    post('/proxy/', CHUNKED, `14\r\n${'x'.repeat(20)}\r\n0\r\n\r\n`),
    'error',
  ],
  ['a broken chunk', post('/proxy/', CHUNKED, 'zz\r\n'), 'error'],
  ['a chunk size beyond all numbers', post('/proxy/', CHUNKED, `${'f'.repeat(17)}\r\n`), 'error'],
  ['a broken request line', 'GET\r\n\r\n', 'info'],
  ['a request without Host', 'GET / HTTP/1.1\r\n\r\n', 'info'],
  ['a broken header name', get('/', 'A b: c\r\n'), 'info'],
  ['a length that is no number', post('/', 'Content-Length: a\r\n'), 'info'],
  ['a transfer coding that nobody knows', post('/', 'Transfer-Encoding: gzip\r\n'), 'info'],
  ['a version that nobody knows', 'GET / HTTP/3.1\r\nHost: x\r\n\r\n', 'info'],
  ['a request line that is too long', get(`/${'a'.repeat(9000)}`), 'info'],
  ['a path above the root', get('/../../x'), 'info'],
  ['a broken percent escape', get('/%zz'), 'info'],
  ['TRACE', `TRACE / HTTP/1.1\r\n${HOST}\r\n`, 'info'],
];

describe('levels of the error log', { skip: needs('nginx') }, () => {
  let daemun: { readonly process: TestProcess; readonly port: number; readonly log: string };
  let nginx: typeof daemun;

  before(async () => {
    const [ours, theirs, nobody] = [await freePort(), await freePort(), await freePort()];
    const served = (directory: string): void => {
      mkdirSync(join(directory, 'html/empty'), { recursive: true });
      writeFileSync(join(directory, 'html/file.txt'), 'a file\n');
    };
    const http = `error_log {dir}/errors.log info; server { listen 127.0.0.1:${theirs}; root {dir}/html;
      client_max_body_size 10; location /proxy/ { proxy_pass http://127.0.0.1:${nobody}; } }`;
    const theirProcess = await startNginx(peerPath('nginx') ?? '', theirs, http);
    served(theirProcess.directory);
    // Its configuration names the directory, which has to be there when it is loaded.
    const html = join(theirProcess.directory, 'html');
    nginx = {
      process: theirProcess,
      port: theirs,
      log: join(theirProcess.directory, 'errors.log'),
    };
    const ourProcess = await startDaemun(ours, {
      threads: 1,
      upstreams: { nobody: { servers: [`http://127.0.0.1:${nobody}`] } },
      logs: { access: 'off', error: { path: 'errors.log', level: 'info' } },
      sites: {
        '*': {
          listen: [`127.0.0.1:${ours}`],
          bodyLimit: '10B',
          routes: { '/': { files: html }, '/proxy/*': { proxy: 'nobody' } },
        },
      },
    });
    daemun = { process: ourProcess, port: ours, log: join(ourProcess.directory, 'errors.log') };
  });
  after(async () => {
    await Promise.all([daemun.process.stop(), nginx.process.stop()]);
  });

  test('what clients do wrong is as grave as in nginx, and has the id of its request', async () => {
    for (const server of [nginx, daemun]) {
      for (const [, bytes] of CASES) {
        // oxlint-disable-next-line no-await-in-loop -- lines come in the order of the requests
        await answered(server.port, bytes);
      }
      let lines: readonly string[] = [];
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await eventually('a line for each request', () => {
        lines = linesOf(server.log);
        return lines.length >= CASES.length;
      });
      assert.deepEqual(
        lines.map((line, at) => [CASES[at]?.[0], levelOf(line), line]),
        CASES.map(([what, , level], at) => [what, level, lines[at]]),
      );
      if (server === daemun)
        for (const line of lines) assert.match(line, /, request_id: "[0-9a-f]{32}"$/);
    }
  });

  test('a method that files do not take is no error in either log', async () => {
    for (const server of [nginx, daemun]) {
      const put = `PUT /file.txt HTTP/1.1\r\nContent-Length: 0\r\n${HOST}\r\n`;
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await answered(server.port, put);
      // oxlint-disable-next-line no-await-in-loop -- what comes behind shows that no line came before
      await answered(server.port, get('/behind'));
      // oxlint-disable-next-line no-await-in-loop -- as above
      await eventually('the line behind', () => /GET \/behind/.test(linesOf(server.log).join('')));
      const errors = linesOf(server.log).filter((line) => levelOf(line) === 'error');
      assert.doesNotMatch(errors.join(''), /PUT/);
    }
  });
});

function levelOf(line: string): string | null {
  return /^[^[]*\[([a-z]+)\]/.exec(line)?.[1] ?? null;
}

/** The whole lines that are about a request. */
function linesOf(log: string): readonly string[] {
  const lines = readFileSync(log, 'latin1').split('\n').slice(0, -1);
  return lines.filter((line) => / \*[0-9]+ .*request: "/.test(line));
}

/** Sends bytes on a connection of their own, and resolves when that is over; an answer ends it. */
function answered(port: number, bytes: string): Promise<void> {
  return new Promise((done) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('close', () => {
      done();
    });
    socket.on('data', () => socket.end());
    socket.write(bytes, 'latin1');
  });
}
