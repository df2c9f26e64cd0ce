/** Web applications of Daemun behind Apache, and asked by curl. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, type IncomingMessage, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { promisify } from 'node:util';
import { AJP_FRONTS, AJP_SECRET } from '../support/apache-ajp.ts';
import { startApache } from '../support/apache.ts';
import { writeEchoApplication } from '../support/echo-application.ts';
import { eventually } from '../support/eventually.ts';
import { BIG, digestOfPieces, downloadBig, uploadBig } from '../support/large-body.ts';
import { needs, peerPath } from '../support/needs.ts';
import { childrenOf } from '../support/process-tree.ts';
import { freePort, startDaemun, type TestProcess } from '../support/process.ts';

const run = promisify(execFile);

function digestOf(body: Uint8Array): string {
  return createHash('sha256').update(body).digest('hex');
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

interface Asked {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

function ask(port: number, agent: Agent, { path, method, headers, body }: Asked): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, path, method, headers, agent }, (response) => {
      const pieces: Buffer[] = [];
      response.on('data', (piece: Buffer) => pieces.push(piece));
      response.on('error', reject);
      response.on('end', () => {
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(pieces),
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function startInstance(
  root: string,
  http: number,
  ajp: number,
  packet: number,
  route: string,
): Promise<TestProcess> {
  return startDaemun(http, {
    logs: { access: 'off', error: { path: 'stderr', level: 'info' } },
    limits: { headLimit: '128KiB' },
    apps: { echo: { root, route } },
    sites: {
      '*': {
        listen: [
          `127.0.0.1:${http}`,
          { port: ajp, ajp: { secret: AJP_SECRET, packetSize: `${packet}B` } },
        ],
        bodyLimit: '200MiB',
        routes: { '/echo/*': { app: 'echo' } },
      },
    },
  });
}

const skip = needs('apache2', 'mod_jk');

for (const [name, front] of Object.entries(AJP_FRONTS)) {
  for (const packet of [8192, 65_536]) {
    suite(`${name} in front of two instances, with packets of ${packet} bytes`, { skip }, () => {
      interface Running {
        readonly apache: TestProcess;
        readonly instances: readonly TestProcess[];
        readonly directory: string;
        readonly port: number;
      }
      const agent = new Agent({ keepAlive: true, maxSockets: 4 });
      let running: Promise<Running> | null = null;
      async function start(): Promise<Running> {
        const directory = mkdtempSync(join(tmpdir(), 'daemun-instances-'));
        const root = join(directory, 'echo');
        writeEchoApplication(root);
        const port = await freePort();
        const ajps = [await freePort(), await freePort()];
        const instances = [];
        for (const [at, ajp] of ajps.entries()) {
          const http = await freePort();
          instances.push(await startInstance(root, http, ajp, packet, `w${at}`));
        }
        const directives = front.directives(ajps, packet, directory, true);
        const program = peerPath('apache2') ?? '';
        const apache = await startApache(program, port, front.modules, directives);
        return { apache, instances, directory, port };
      }
      const started = (): Promise<Running> => (running ??= start());
      const through = async (asked: Asked): Promise<Answer> =>
        ask((await started()).port, agent, asked);

      after(async () => {
        agent.destroy();
        if (running === null) return;
        const { apache, instances, directory } = await running;
        await apache.stop();
        for (const instance of instances) await instance.stop();
        rmSync(directory, { recursive: true, force: true });
      });

      test('a servlet sees the request that the client has sent', async () => {
        const { port } = await started();
        const answer = await through({
          path: '/echo/echo/a%20b;c=d?q=1&r=%EB%8C%80',
          headers: { 'x-a': 'b', cookie: 'c=d', host: `x.test:${port}` },
        });
        assert.equal(answer.status, 200);
        assert.match(String(answer.headers['content-type']), /^application\/json/);
        const told = JSON.parse(answer.body.toString()) as Record<string, unknown>;
        const headers = told['headers'] as string[][];
        assert.deepEqual(
          { ...told, headers: headers.filter(([each]) => each === 'x-a' || each === 'cookie') },
          {
            method: 'GET',
            uri: '/echo/echo/a%20b;c=d',
            pathInfo: '/a b',
            query: 'q=1&r=%EB%8C%80',
            server: `x.test:${port}`,
            remote: '127.0.0.1',
            secure: false,
            headers: [
              ['x-a', 'b'],
              ['cookie', 'c=d'],
            ],
            body: `0 ${digestOf(Buffer.alloc(0))}`,
            parameters: [
              ['q', ['1']],
              ['r', ['대']],
            ],
          },
        );
      });

      const most = packet - 6;
      for (const length of [0, 1, most - 1, most, most + 1, 1_000_003]) {
        test(`a body of ${length} bytes reaches the servlet`, async () => {
          const body = Buffer.alloc(length, 'abcdefghi');
          const answer = await through({ method: 'POST', path: '/echo/echo/', body });
          const told = JSON.parse(answer.body.toString()) as { readonly body: string };
          assert.equal(told.body, `${length} ${digestOf(body)}`);
        });
      }

      test('100 MB in both directions are what they were', async () => {
        const { port } = await started();
        assert.equal(await uploadBig(port, '/echo/echo/'), digestOfPieces(BIG));
        assert.equal(await downloadBig(port, `/echo/send/${BIG}`), digestOfPieces(BIG));
      });

      test('sessions stay with the instance that has them; when it dies the other serves', async () => {
        const { instances } = await started();
        const cookies = new Map<string, string>();
        for (let i = 0; i < 8; i++) {
          const { headers, body } = await through({ path: '/echo/visits' });
          assert.equal(body.toString(), '1 one');
          const [cookie = ''] = headers['set-cookie'] ?? [];
          const [, pair = '', route = ''] =
            /^(JSESSIONID=[0-9A-F]{32}\.(w[01]));/.exec(cookie) ?? [];
          cookies.set(route, pair);
        }
        assert.deepEqual([...cookies.keys()].toSorted(), ['w0', 'w1']);
        for (let visit = 2; visit < 8; visit++) {
          for (const cookie of cookies.values()) {
            const { body } = await through({ path: '/echo/visits', headers: { cookie } });
            assert.equal(body.toString(), `${visit} one`);
          }
        }
        // Both at once: a server process that is left alone would finish what it has.
        const dying = instances[0]?.pid ?? 0;
        for (const pid of [dying, ...childrenOf(dying)]) process.kill(pid, 'SIGKILL');
        const orphan = { cookie: cookies.get('w0') ?? '' };
        const moved = await through({ path: '/echo/visits', headers: orphan });
        assert.equal(moved.status, 200);
        assert.match(String(moved.headers['set-cookie']), /^JSESSIONID=[0-9A-F]{32}\.w1;/);
        const kept = { cookie: cookies.get('w1') ?? '' };
        assert.equal(
          (await through({ path: '/echo/visits', headers: kept })).body.toString(),
          '8 one',
        );
      });
    });
  }
}

suite('an application that is served alone', { skip: needs('curl') }, () => {
  const agent = new Agent({ keepAlive: true });
  const directory = mkdtempSync(join(tmpdir(), 'daemun-alone-'));
  const root = join(directory, 'echo');
  let running: Promise<{ readonly daemun: TestProcess; readonly port: number }> | null = null;
  async function start(): Promise<{ readonly daemun: TestProcess; readonly port: number }> {
    writeEchoApplication(root);
    const [port, ajp] = [await freePort(), await freePort()];
    return { daemun: await startInstance(root, port, ajp, 8192, 'w0'), port };
  }
  const started = (): NonNullable<typeof running> => (running ??= start());

  after(async () => {
    agent.destroy();
    await (await running)?.daemun.stop();
    rmSync(directory, { recursive: true, force: true });
  });

  async function curl(...args: readonly string[]): Promise<string> {
    const { stdout } = await run(peerPath('curl') ?? '', ['-s', '--max-time', '30', ...args], {
      maxBuffer: 1 << 24,
    });
    return stdout;
  }

  test('a form with files as curl sends it', async () => {
    const { port } = await started();
    const [small, large] = [Buffer.from('small'), Buffer.alloc(3_000_000, 'large')];
    writeFileSync(join(directory, 'small.txt'), small);
    writeFileSync(join(directory, '사진 "1".bin'), large);
    const told = JSON.parse(
      await curl(
        '-F',
        'title=대문 & more',
        '-F',
        `a=@${join(directory, 'small.txt')};type=text/plain`,
        '-F',
        `b=@"${join(directory, '사진 \\"1\\".bin')}"`,
        `http://127.0.0.1:${port}/echo/echo/?q=1`,
      ),
    ) as { readonly parts: readonly unknown[]; readonly parameters: readonly unknown[] };
    assert.deepEqual(told.parts, [
      ['title', null, 13, digestOf(Buffer.from('대문 & more'))],
      ['a', 'small.txt', 5, digestOf(small)],
      ['b', '사진 %221%22.bin', 3_000_000, digestOf(large)],
    ]);
    assert.deepEqual(told.parameters, [
      ['q', ['1']],
      ['title', ['대문 & more']],
    ]);
  });

  test('a form, a body of unknown length, and a client that waits for 100 Continue', async () => {
    const { port } = await started();
    const url = `http://127.0.0.1:${port}/echo/echo/`;
    const form = await curl('--data-urlencode', 'a=b c&d', '-d', 'e=f', url);
    assert.deepEqual((JSON.parse(form) as { parameters: unknown }).parameters, [
      ['a', ['b c&d']],
      ['e', ['f']],
    ]);
    writeFileSync(join(directory, 'body'), Buffer.alloc(2_000_000, 'x'));
    const file = `@${join(directory, 'body')}`;
    for (const field of ['Transfer-Encoding: chunked', 'Expect: 100-continue']) {
      const type = 'Content-Type: application/octet-stream';
      const told = JSON.parse(await curl('-H', field, '-H', type, '--data-binary', file, url)) as {
        readonly body: string;
      };
      assert.equal(told.body, `2000000 ${digestOf(Buffer.alloc(2_000_000, 'x'))}`);
    }
  });

  test('a reload starts what has changed, and loses no request', async () => {
    const { daemun, port } = await started();
    const seen = new Set<string>();
    const over = new AbortController();
    const clients = [1, 2, 3, 4].map(async () => {
      while (!over.signal.aborted) {
        const { status, body } = await ask(port, agent, { path: '/echo/visits' });
        assert.equal(status, 200);
        seen.add(body.toString());
      }
    });
    writeEchoApplication(root, 'two');
    daemun.signal('SIGHUP');
    await eventually('the new version', () => seen.has('1 two'));
    over.abort();
    await Promise.all(clients);
    assert.deepEqual([...seen].toSorted(), ['1 one', '1 two']);
  });

  test('an application that cannot be started leaves the old one serving, and says why', async () => {
    const { daemun, port } = await started();
    writeFileSync(join(root, 'WEB-INF/classes/example/Visits.ts'), 'throw new Error("not today");');
    daemun.signal('SIGHUP');
    await eventually('the refusal', () => daemun.output.includes('1 problem'));
    const told = daemun.output.replaceAll(/\s+/g, ' ');
    assert.match(told, /apps\.echo: .*Visits\.ts cannot be loaded: Error: not today/);
    assert.equal((await ask(port, agent, { path: '/echo/visits' })).body.toString(), '1 two');
  });
});
