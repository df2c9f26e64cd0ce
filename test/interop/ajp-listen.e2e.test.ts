/** Apache in front of Daemun, with mod_proxy_ajp and with mod_jk. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as httpRequest,
  type Server,
} from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { AJP_FRONTS, AJP_SECRET } from '../support/apache-ajp.ts';
import { startApache } from '../support/apache.ts';
import { eventually } from '../support/eventually.ts';
import {
  BIG,
  digestOfPieces,
  digestOfStream,
  downloadBig,
  PIECE,
  uploadBig,
} from '../support/large-body.ts';
import { needs, peerPath } from '../support/needs.ts';
import { freePort, startDaemun, type TestProcess } from '../support/process.ts';

/** Tells a request as JSON with the digest of its body; `/app/send/N` is answered with N bytes. */
async function startBack(): Promise<{ readonly server: Server; readonly port: number }> {
  const server = createServer((request, response) => {
    const sent = /^\/app\/send\/([0-9]+)$/.exec(request.url ?? '');
    if (sent !== null) {
      const left = { bytes: Number(sent[1]) };
      const more = (): void => {
        while (left.bytes > 0) {
          const piece = PIECE.subarray(0, Math.min(PIECE.length, left.bytes));
          left.bytes -= piece.length;
          if (!response.write(piece)) return;
        }
        response.end();
      };
      response.on('drain', more);
      more();
      return;
    }
    const { method, url, headers } = request;
    const long = headers['x-answer'] === 'long' ? { 'X-Long': 'x'.repeat(20_000) } : {};
    const answer = async (): Promise<void> => {
      const body = await digestOfStream(request);
      response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'], ...long });
      response.end(JSON.stringify({ method, url, headers, body }));
    };
    // Clients of some tests leave.
    answer().catch(() => {});
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  return { server, port: address.port };
}

interface Answer {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  readonly chunked?: boolean;
}

function ask(port: number, agent: Agent, asked: Asked): Promise<Answer> {
  const { method = 'GET', path = '/', headers = {}, body, chunked = false } = asked;
  const own: Record<string, string> = { host: 'x.test', ...headers };
  if (body !== undefined && !chunked) own['content-length'] = String(body.length);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, method, path, headers: own, agent, maxHeaderSize: 65_536 },
      (response: IncomingMessage) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.on('error', reject);
        response.on('end', () => {
          const fields = new Map(
            Object.entries(response.headers).map(([name, value]) => [name, String(value)]),
          );
          resolve({ status: response.statusCode ?? 0, fields, body: Buffer.concat(pieces) });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Fields that Apache writes itself, or leaves out. */
const APACHES = new Set([
  'date',
  'server',
  'connection',
  'keep-alive',
  'transfer-encoding',
  // mod_proxy_ajp drops it, that of Tomcat as well.
  'content-length',
]);

function compared({ status, fields, body }: Answer): object {
  const own = [...fields]
    .filter(([name]) => !APACHES.has(name))
    .toSorted(([one], [other]) => (one < other ? -1 : 1));
  const text = body.toString('latin1').replaceAll(/<code>[0-9a-f]{32}<\/code>/g, '<code>id</code>');
  return { status, own, body: text };
}

function configOf(ajp: number, http: number, back: number, packet: number, root: string): object {
  return {
    threads: 1,
    logs: {
      access: { path: 'stdout', format: 'at $remote_addr:$remote_port "$request" $status' },
      error: { path: 'stderr', level: 'info' },
    },
    limits: { headLimit: '128KiB' },
    upstreams: { app: { servers: [`http://127.0.0.1:${back}`] } },
    sites: {
      '*': {
        listen: [
          `127.0.0.1:${http}`,
          { port: ajp, ajp: { secret: AJP_SECRET, packetSize: `${packet}B` } },
        ],
        bodyLimit: '200MiB',
        routes: {
          '/app/*': {
            proxy: 'app',
            preserveHost: true,
            requestBody: 'stream',
            responseBody: 'stream',
          },
          '/*': { files: root },
        },
      },
    },
  };
}

const skip = needs('apache2', 'mod_jk');

for (const [name, front] of Object.entries(AJP_FRONTS))
  for (const packet of [8192, 65_536])
    suite(`${name} in front of us, with packets of ${packet} bytes`, { skip }, () => {
      interface Running {
        readonly apache: TestProcess;
        readonly daemun: TestProcess;
        readonly back: Server;
        readonly directory: string;
        /** Of Apache, and of Daemun for HTTP and for AJP. */
        readonly port: number;
        readonly http: number;
        readonly ajp: number;
      }
      const agent = new Agent({ keepAlive: true, maxSockets: 4 });
      let running: Promise<Running> | null = null;
      async function start(): Promise<Running> {
        const directory = mkdtempSync(join(tmpdir(), 'daemun-ajp-'));
        const root = join(directory, 'site');
        mkdirSync(join(root, 'sub'), { recursive: true });
        writeFileSync(join(root, 'index.html'), '<h1>home</h1>');
        writeFileSync(join(root, 'sub/index.html'), '<h1>sub</h1>');
        writeFileSync(join(root, 'data.bin'), PIECE);
        const [port, http, ajp] = [await freePort(), await freePort(), await freePort()];
        const { server: back, port: backPort } = await startBack();
        const daemun = await startDaemun(http, configOf(ajp, http, backPort, packet, root));
        const directives = front.directives([ajp], packet, directory);
        const program = peerPath('apache2') ?? '';
        const apache = await startApache(program, port, front.modules, directives);
        return { apache, daemun, back, directory, port, http, ajp };
      }
      const started = (): Promise<Running> => (running ??= start());
      const through = async (asked: Asked): Promise<Answer> =>
        ask((await started()).port, agent, asked);

      test('files are what they are over HTTP, with their validators, ranges and redirects', async () => {
        const { http } = await started();
        const { fields } = await ask(http, agent, { path: '/data.bin' });
        const etag = fields.get('etag') ?? '';
        for (const asked of [
          { path: '/' },
          { path: '/sub/' },
          { path: '/sub' },
          { path: '/missing' },
          { path: '/data.bin' },
          { path: '/data.bin', method: 'HEAD' },
          { path: '/data.bin', headers: { 'if-none-match': etag } },
          { path: '/data.bin', headers: { 'if-match': '"other"' } },
          { path: '/data.bin', headers: { range: 'bytes=5-99' } },
          { path: '/data.bin', headers: { range: 'bytes=0-1,5-6' } },
          { path: '/data.bin', headers: { range: 'bytes=999999-' } },
          { path: '/data.bin', method: 'POST', body: Buffer.from('abc') },
          { path: '/%2e%2e/etc/passwd' },
          { path: '/sub/..%2f..%2f' },
        ]) {
          // oxlint-disable no-await-in-loop -- one after the other
          const theirs = await ask(http, agent, asked);
          const ours = await through(asked);
          // oxlint-enable no-await-in-loop
          const multipart = /boundary=\S+/.test(theirs.fields.get('content-type') ?? '');
          // Apache itself refuses such a path.
          if (asked.path.includes('%2')) assert.ok(ours.status >= 400, asked.path);
          else if (multipart) assert.equal(ours.status, 206);
          // Of 304 Apache leaves fields out.
          else if (theirs.status === 304) assert.equal(ours.status, 304);
          else assert.deepEqual(compared(ours), compared(theirs), JSON.stringify(asked));
        }
      });

      test('what a back end sees of a request', async () => {
        const { daemun } = await started();
        const headers = { 'user-agent': 'caf\xe9', cookie: 'a=b', 'x-a': 'b' };
        const { status, fields, body } = await through({ path: '/app/a%20b?q=1&r', headers });
        assert.equal(status, 200);
        assert.equal(fields.get('set-cookie'), 'a=1,b=2');
        const told = JSON.parse(body.toString('utf8')) as {
          url: string;
          headers: Record<string, string>;
        };
        assert.equal(told.url, '/app/a%20b?q=1&r');
        assert.equal(told.headers['host'], 'x.test');
        assert.equal(told.headers['x-forwarded-host'], 'x.test');
        assert.equal(told.headers['x-forwarded-proto'], 'http');
        assert.match(told.headers['x-forwarded-for'] ?? '', /^127\.0\.0\.1$/);
        for (const [field, value] of Object.entries(headers))
          assert.equal(told.headers[field], value);
        await eventually('the log', () =>
          /at 127\.0\.0\.1:[1-9][0-9]* "GET \/app\/a%20b\?q=1&r HTTP\/1\.1" 200/.test(
            daemun.output,
          ),
        );
      });

      const most = packet - 6;
      for (const length of [0, 1, most - 1, most, most + 1, 1_000_003])
        for (const chunked of [false, true])
          test(`a body of ${length} bytes arrives, its length ${chunked ? 'not ' : ''}told`, async () => {
            const body = Buffer.alloc(length, 'abcdefghi');
            const answer = await through({ method: 'POST', path: '/app/', body, chunked });
            assert.equal(answer.status, 200);
            const told = JSON.parse(answer.body.toString('latin1')) as { body: string };
            const hash = createHash('sha256').update(body).digest('hex');
            assert.equal(told.body, `${length} ${hash}`);
          });

      for (const length of [0, 1, packet - 8, packet - 7, 1_000_003])
        test(`an answer of ${length} bytes comes back`, async () => {
          const { status, body } = await through({ path: `/app/send/${length}` });
          assert.equal(status, 200);
          const hash = createHash('sha256').update(body).digest('hex');
          assert.equal(`${body.length} ${hash}`, digestOfPieces(length));
        });

      test('100 MB in both directions', async () => {
        const { port } = await started();
        assert.equal(await uploadBig(port, '/app/'), digestOfPieces(BIG));
        assert.equal(await downloadBig(port, `/app/send/${BIG}`), digestOfPieces(BIG));
      });

      test('an answer whose head does not fit is 500, and the next is served', async () => {
        const { daemun } = await started();
        const { status } = await through({ path: '/app/', headers: { 'x-answer': 'long' } });
        assert.equal(status, packet > 20_000 ? 200 : 500);
        if (packet < 20_000)
          await eventually('the log', () => daemun.output.includes('ajp-answer-too-large'));
        assert.equal((await through({ path: '/' })).status, 200);
      });

      test('clients that leave cost nobody else anything', async () => {
        const { port } = await started();
        for (const request of [
          'POST /app/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc',
          `GET /app/send/${BIG} HTTP/1.1\r\nHost: x\r\n\r\n`,
        ]) {
          const leaver = connect(port, '127.0.0.1');
          leaver.on('error', () => {});
          leaver.write(request);
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          await new Promise((resolve) => setTimeout(resolve, 100));
          leaver.destroy();
        }
        for (let i = 0; i < 20; i++) {
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          assert.equal((await through({ path: '/' })).body.toString(), '<h1>home</h1>');
        }
      });

      test('a reload, and the hand-over to another process, lose no request', async () => {
        const { daemun } = await started();
        const over = new AbortController();
        const statuses: number[] = [];
        const asking = Array.from({ length: 4 }, async () => {
          while (!over.signal.aborted) {
            // oxlint-disable-next-line no-await-in-loop -- one after the other
            statuses.push((await through({ path: '/' })).status);
          }
        });
        await eventually('the first answers', () => statuses.length > 20);
        const file = join(daemun.directory, 'site.json');
        const config = JSON.parse(readFileSync(file, 'utf8')) as object;
        const taken = (): number => daemun.output.split('was loaded again').length - 1;
        for (const threads of [1, 2]) {
          writeFileSync(file, JSON.stringify({ ...config, threads }));
          daemun.signal('SIGHUP');
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          await eventually('that it is taken', () => taken() === threads);
          const before = statuses.length;
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          await eventually('answers behind it', () => statuses.length > before + 100);
        }
        over.abort();
        await Promise.all(asking);
        assert.deepEqual(new Set(statuses), new Set([200]));
      });

      test('nothing was refused that should not be', async () => {
        const { apache, daemun, back, directory } = await started();
        agent.destroy();
        await Promise.all([apache.stop(), daemun.stop()]);
        back.close();
        rmSync(directory, { recursive: true });
        const refused = daemun.output
          .split('\n')
          .filter((line) => / ajp-(?!answer-too-large|request-body )|\[crit\]|defect/.test(line));
        assert.deepEqual(refused, []);
      });
    });

for (const [name, front] of Object.entries(AJP_FRONTS))
  suite(`${name} in front of two of us`, { skip }, () => {
    test('one that is not there, or that knows another secret, is passed over', async (t) => {
      const directory = mkdtempSync(join(tmpdir(), 'daemun-ajp-'));
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      t.after(() => {
        agent.destroy();
        rmSync(directory, { recursive: true });
      });
      const [port, first, second, http] = [
        await freePort(),
        await freePort(),
        await freePort(),
        await freePort(),
      ];
      const daemunOn = (own: number, ajp: number, secret: string | false): Promise<TestProcess> =>
        startDaemun(own, {
          threads: 1,
          sites: {
            '*': {
              listen: [`127.0.0.1:${own}`, { port: ajp, ajp: { secret } }],
              routes: { '/': { respond: 200, body: `on ${ajp}` } },
            },
          },
        });
      const standby = await daemunOn(http, second, AJP_SECRET);
      t.after(() => standby.stop());
      const directives = front.directives([first, second], 8192, directory);
      const apache = await startApache(peerPath('apache2') ?? '', port, front.modules, directives);
      t.after(() => apache.stop());
      const body = async (): Promise<string> =>
        (await ask(port, agent, { path: '/' })).body.toString('latin1');
      assert.equal(await body(), `on ${second}`);
      const main = await daemunOn(await freePort(), first, AJP_SECRET);
      // mod_jk asks a worker again that was in error only after a minute.
      if (name !== 'mod_jk') {
        let tries = 0;
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        while ((await body()) !== `on ${first}`) assert.ok(++tries < 10_000, 'it is asked again');
      }
      await main.stop();
      assert.equal(await body(), `on ${second}`);
    });

    test('who does not know the secret gets 403', async (t) => {
      const directory = mkdtempSync(join(tmpdir(), 'daemun-ajp-'));
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      t.after(() => {
        agent.destroy();
        rmSync(directory, { recursive: true });
      });
      const [port, ajp, http] = [await freePort(), await freePort(), await freePort()];
      const daemun = await startDaemun(http, {
        threads: 1,
        logs: { access: 'off', error: { path: 'stderr', level: 'info' } },
        sites: {
          '*': {
            listen: [`127.0.0.1:${http}`, { port: ajp, ajp: { secret: 'a7b3c9d1' } }],
            routes: { '/': { respond: 200, body: 'in' } },
          },
        },
      });
      t.after(() => daemun.stop());
      const directives = front.directives([ajp], 8192, directory);
      const apache = await startApache(peerPath('apache2') ?? '', port, front.modules, directives);
      t.after(() => apache.stop());
      assert.equal((await ask(port, agent, { path: '/' })).status, 403);
      await eventually('the log', () => daemun.output.includes('ajp-secret'));
      assert.ok(!daemun.output.includes(AJP_SECRET) && !daemun.output.includes('a7b3c9d1'));
    });
  });
