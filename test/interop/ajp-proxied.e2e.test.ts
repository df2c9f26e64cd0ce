/** Tomcat behind Daemun over AJP. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import { AjpContainer, Fields } from '../support/ajp-container.ts';
import { eventually } from '../support/eventually.ts';
import { needs } from '../support/needs.ts';
import { freePort, startDaemun, type TestProcess } from '../support/process.ts';
import { RawClient } from '../support/raw-client.ts';
import { ECHO, SEND } from '../support/tomcat-pages.ts';
import { startTomcat } from '../support/tomcat.ts';

const SECRET = 'between us';
const BIG = 100_000_000;
const PAGES = { 'echo.jsp': ECHO, 'send.jsp': SEND };
const skip = needs('tomcat10');

function patterned(length: number, from = 0): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => (((from + at) % 1000) * 7) & 0xff));
}

/** Daemun on a port of its own in front of servers that speak AJP. */
async function daemunTo(
  t: TestContext | null,
  servers: readonly unknown[],
  ajp: object,
  route: object = {},
): Promise<{ readonly port: number; readonly daemun: TestProcess }> {
  const port = await freePort();
  const daemun = await startDaemun(port, {
    threads: 1,
    logs: { access: 'off', error: { path: 'stderr', level: 'info' } },
    limits: { headLimit: '128KiB' },
    upstreams: { app: { servers, ajp } },
    sites: {
      '*': {
        listen: [`127.0.0.1:${port}`],
        bodyLimit: '200MiB',
        routes: { '/*': { proxy: 'app', ...route } },
      },
    },
  });
  t?.after(() => daemun.stop());
  return { port, daemun };
}

interface Told {
  readonly status: number;
  readonly lines: ReadonlyMap<string, string>;
}

/** What `echo.jsp` tells. */
async function told(client: RawClient, head: string): Promise<Told> {
  const { status, body } = await client.ask(`${head}\r\n`);
  const lines = body
    .toString('latin1')
    .split('\n')
    .map((line): [string, string] => {
      const cut = line.indexOf(line.startsWith('field ') ? ':' : ' ');
      return [line.slice(0, cut).toLowerCase(), line.slice(cut + 1).trimStart()];
    });
  return { status, lines: new Map(lines) };
}

async function digestOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const hash = createHash('sha256');
  let length = 0;
  for await (const chunk of stream) {
    hash.update(chunk);
    length += chunk.length;
  }
  return `${length} ${hash.digest('hex')}`;
}

function digest(length: number): string {
  const hash = createHash('sha256');
  const piece = patterned(1_000_000);
  for (let at = 0; at < length; at += piece.length)
    hash.update(piece.subarray(0, Math.min(piece.length, length - at)));
  return `${length} ${hash.digest('hex')}`;
}

/** Sends a patterned body, no faster than it is taken; resolves to the response. */
async function upload(port: number, length: number, known: boolean): Promise<string> {
  const sent = httpRequest({
    port,
    path: '/echo.jsp',
    method: 'POST',
    headers: known ? { 'Content-Length': length } : { 'Transfer-Encoding': 'chunked' },
  });
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
  const piece = patterned(100_000);
  for (let at = 0; at < length; at += piece.length) {
    const some = piece.subarray(0, Math.min(piece.length, length - at));
    // oxlint-disable-next-line no-await-in-loop -- no faster than it is taken
    if (!sent.write(some)) await once(sent, 'drain');
  }
  sent.end();
  const [response] = await answered;
  let text = '';
  for await (const chunk of response) text += (chunk as Buffer).toString('latin1');
  assert.equal(response.statusCode, 200, text);
  return /^body (.*)$/m.exec(text)?.[1] ?? text;
}

for (const packetSize of [8192, 65_536])
  suite(`Tomcat behind us with packets of ${packetSize} bytes`, { skip }, () => {
    interface Served {
      readonly tomcat: TestProcess;
      readonly ajp: string;
      readonly port: number;
      readonly daemun: TestProcess;
    }
    let starting: Promise<Served> | null = null;
    async function start(): Promise<Served> {
      const [http, port] = [await freePort(), await freePort()];
      const ajp = { port, secret: SECRET, packetSize };
      const tomcat = await startTomcat(http, { ajp, pages: PAGES });
      const url = `ajp://127.0.0.1:${port}`;
      const options = { secret: SECRET, packetSize: `${packetSize}B` };
      return { tomcat, ajp: url, ...(await daemunTo(null, [url], options)) };
    }
    const started = (): Promise<Served> => (starting ??= start());
    async function client(t: TestContext): Promise<RawClient> {
      const raw = new RawClient((await started()).port);
      t.after(() => {
        raw.close();
      });
      return raw;
    }

    test('what the application sees of a request', async (t) => {
      const { port } = await started();
      const raw = await client(t);
      const head =
        'GET /echo.jsp?q=%20a&b HTTP/1.1\r\nHost: shop.test:8443\r\nUser-Agent: caf\xe9\r\nCookie: a=b\r\nX-A:\r\n' +
        'Connection: X-Gone\r\nX-Gone: 1\r\n';
      const { status, lines } = await told(raw, head);
      assert.equal(status, 200);
      const expected = {
        method: 'GET',
        uri: '/echo.jsp',
        query: 'q=%20a&b',
        server: 'shop.test 8443',
        local: '127.0.0.1',
        secure: 'false http',
        user: 'null null',
        body: digest(0),
        'field host': 'shop.test:8443',
        'field user-agent': 'caf\xe9',
        'field cookie': 'a=b',
        'field x-a': '',
        'field x-forwarded-for': '127.0.0.1',
        'field x-forwarded-host': 'shop.test:8443',
        'field x-forwarded-port': String(port),
      };
      for (const [name, value] of Object.entries(expected))
        assert.equal(lines.get(name), value, name);
      assert.match(lines.get('remote') ?? '', /^127\.0\.0\.1 \S+ [1-9][0-9]*$/);
      assert.equal(lines.has('field x-gone'), false);
      assert.equal(lines.has('field connection'), false);
    });

    test('a response with all that it has', async (t) => {
      const raw = await client(t);
      for (const flush of ['', '&flush'])
        for (const length of [0, 1, packetSize - 8, packetSize - 7, 1_000_003]) {
          const head = `GET /send.jsp?status=201&length=${length}${flush} HTTP/1.1\r\nHost: x\r\n\r\n`;
          // oxlint-disable-next-line no-await-in-loop -- one after the other
          const { status, fields, body } = await raw.ask(head);
          assert.equal(status, 201);
          assert.ok(body.equals(patterned(length)), String(length));
          const lines = [...fields.entries()].map(([name, value]) => `${name}: ${value}`);
          for (const line of ['X-One: 1', 'X-One: 2', 'Set-Cookie: a=1', 'Set-Cookie: b=2'])
            assert.ok(lines.includes(line), line);
          assert.equal(fields.getByName('content-language'), 'de');
        }
    });

    test('a head to the last byte of its packet arrives; one more is 431, and the next is served', async (t) => {
      const { daemun } = await started();
      const raw = await client(t);
      const ask = async (length: number): Promise<number> => {
        const head = `GET /echo.jsp HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(length)}\r\n`;
        const { status, lines } = await told(raw, head);
        if (status === 200) assert.equal(lines.get('field x-long')?.length, length);
        return status;
      };
      let [most, tooMuch] = [packetSize - 1000, packetSize];
      while (tooMuch - most > 1) {
        const middle = Math.floor((most + tooMuch) / 2);
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        const status = await ask(middle);
        assert.ok(status === 200 || status === 431, String(status));
        if (status === 200) most = middle;
        else tooMuch = middle;
      }
      assert.ok(most > packetSize - 400, `${most} of ${packetSize}`);
      assert.equal(await ask(tooMuch), 431);
      assert.equal(await ask(most), 200);
      assert.match(daemun.output, /ajp-head-too-large .*it would have more than/);
    });

    for (const known of [true, false])
      test(`100 MB up, their length ${known ? '' : 'not '}known, and down`, async () => {
        const { port } = await started();
        assert.equal(await upload(port, BIG, known), digest(BIG));
        const length = known ? '' : '&flush';
        const asked = httpRequest({ port, path: `/send.jsp?status=200&length=${BIG}${length}` });
        asked.end();
        const [response] = (await once(asked, 'response')) as [IncomingMessage];
        assert.equal(await digestOf(response), digest(BIG));
      });

    test('an offer of WebSocket is left out, and the page an ordinary one', async (t) => {
      const raw = await client(t);
      const head =
        'GET /echo.jsp HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';
      const { status, lines } = await told(raw, head);
      assert.equal(status, 200);
      assert.equal(lines.has('field upgrade'), false);
    });

    test('a client that leaves costs nobody else anything', async (t) => {
      const { port } = await started();
      for (const request of [
        'POST /echo.jsp HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nabc',
        'GET /send.jsp?status=200&length=100000000 HTTP/1.1\r\nHost: x\r\n\r\n',
      ]) {
        const leaver = connect(port, '127.0.0.1');
        leaver.write(request);
        leaver.on('error', () => {});
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        await new Promise((resolve) => setTimeout(resolve, 100));
        leaver.destroy();
      }
      const raw = await client(t);
      const { status, lines } = await told(raw, 'GET /echo.jsp HTTP/1.1\r\nHost: x\r\n');
      assert.deepEqual([status, lines.get('body')], [200, digest(0)]);
    });

    for (const [what, secret] of [
      ['none', undefined],
      ['another one', 'between u'],
    ] as const)
      test(`with ${what} of its secrets it answers 403, which is passed on`, async (t) => {
        const { ajp } = await started();
        const options = {
          packetSize: `${packetSize}B`,
          ...(secret === undefined ? {} : { secret }),
        };
        const { port, daemun } = await daemunTo(t, [ajp], options);
        const raw = new RawClient(port);
        t.after(() => {
          raw.close();
        });
        const { status } = await raw.ask('GET /echo.jsp HTTP/1.1\r\nHost: x\r\n\r\n');
        assert.equal(status, 403);
        assert.ok(!daemun.output.includes('between'));
      });

    test('it ends', async () => {
      const served = await starting;
      await Promise.all([served?.daemun.stop(), served?.tomcat.stop()]);
    });
  });

suite('a container that comes and goes', { skip }, () => {
  test('one without a secret; a request on a connection that it has left is served, also one that may not be sent twice', async (t) => {
    const [http, ajpPort] = [await freePort(), await freePort()];
    const ajp = { port: ajpPort, secret: null, packetSize: 8192 };
    let tomcat = await startTomcat(http, { ajp, pages: PAGES });
    t.after(() => tomcat.stop());
    const servers = [{ url: `ajp://127.0.0.1:${ajpPort}`, maxFails: 0 }];
    const { port } = await daemunTo(t, servers, { ping: 'request' });
    const raw = new RawClient(port);
    t.after(() => {
      raw.close();
    });
    const post = 'POST /echo.jsp HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc';
    const ask = async (request: string): Promise<number> => (await raw.ask(request)).status;
    assert.equal(await ask(post), 200);
    await tomcat.stop();
    assert.equal(await ask(post), 502);
    tomcat = await startTomcat(http, { ajp, pages: PAGES });
    assert.equal(await ask(post), 200);
    await tomcat.stop();
    tomcat = await startTomcat(http, { ajp, pages: PAGES });
    assert.equal(await ask(post), 200, 'its connection of before was idle');
  });

  test('one that hangs is asked nothing: another one answers, whatever the request is', async (t) => {
    const [http, ajpPort, otherPort] = [await freePort(), await freePort(), await freePort()];
    const ajp = { port: ajpPort, secret: SECRET, packetSize: 8192 };
    const tomcat = await startTomcat(http, { ajp, pages: PAGES });
    t.after(() => tomcat.stop());
    const other = new AjpContainer(8192, ({ body }) => ({
      status: 200,
      reason: 'Fine',
      fields: Fields.of(['X-Other', '1']),
      body: Buffer.from(`other ${body.toString('latin1')}`),
    }));
    await other.listen(otherPort);
    t.after(() => {
      other.stop();
    });
    const servers = [
      { url: `ajp://127.0.0.1:${ajpPort}`, weight: 100, failTimeout: '1s' },
      { url: `ajp://127.0.0.1:${otherPort}`, backup: true },
    ];
    const options = { secret: SECRET, ping: 'request', pingTimeout: '300ms' };
    const { port, daemun } = await daemunTo(t, servers, options);
    const raw = new RawClient(port);
    t.after(() => {
      raw.close();
    });
    const post = 'POST /echo.jsp HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc';
    const body = async (): Promise<string> => (await raw.ask(post)).body.toString('latin1');
    assert.match(await body(), /^method POST/);
    // Its process stands still; the system goes on to accept connections for it.
    tomcat.signal('SIGSTOP');
    assert.equal(await body(), 'other abc');
    assert.equal(await body(), 'other abc');
    assert.match(daemun.output, /call-ping-timeout/);
    tomcat.signal('SIGCONT');
    let again = false;
    const asking = (async (): Promise<void> => {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      while (!again) again = (await body()).startsWith('method');
    })();
    await eventually('that it is asked again', () => again);
    await asking;
    assert.deepEqual(other.flaws, []);
  });
});
