/** What mod_proxy_ajp and mod_jk write is read by our codec, and the other way round. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { type AjpArrival, AjpContainer, type AjpReply, Fields } from '../support/ajp-container.ts';
import { AJP_FRONTS, AJP_SECRET as SECRET } from '../support/apache-ajp.ts';
import { startApache } from '../support/apache.ts';
import { needs, peerPath } from '../support/needs.ts';
import { freePort, type TestProcess } from '../support/process.ts';

interface Received {
  readonly status: number;
  readonly reason: string;
  readonly headers: readonly string[];
  readonly body: Buffer;
}

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Without it the length of the body is told. */
  readonly chunked?: boolean;
}

function digest(body: Buffer): string {
  return `${body.length} ${createHash('sha256').update(body).digest('hex')}`;
}

function patterned(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => (at * 7) & 0xff));
}

/** Tells a request as JSON; `/send/N` is answered with N bytes, `/last` on a connection that ends. */
function reply({ request, body }: AjpArrival): AjpReply {
  const told = {
    ...request,
    fields: Object.fromEntries(request.fields.entries()),
    body: digest(body),
  };
  const sent = /^\/send\/([0-9]+)$/.exec(request.uri);
  const text = sent === null ? Buffer.from(JSON.stringify(told)) : patterned(Number(sent[1]));
  const fields = Fields.of(
    ['Content-Type', 'application/json'],
    ['X-One', '1'],
    ['X-Two', 'caf\xe9'],
  );
  fields.append('Set-Cookie', 'a=1');
  fields.append('Set-Cookie', 'b=2');
  return {
    status: request.uri === '/gone' ? 410 : 200,
    reason: request.uri === '/gone' ? 'Gone away' : 'OK',
    fields,
    body: text,
    flush: request.uri === '/flush',
    reuse: request.uri !== '/last',
  };
}

const skip = needs('apache2', 'mod_jk');

for (const [name, front] of Object.entries(AJP_FRONTS))
  for (const packet of [8192, 65_536])
    suite(`${name} with packets of ${packet} bytes`, { skip }, () => {
      const container = new AjpContainer(packet, reply);
      const directory = mkdtempSync(join(tmpdir(), 'daemun-ajp-'));
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      let apache: Promise<{ readonly process: TestProcess; readonly port: number }> | null = null;

      async function start(): Promise<{ readonly process: TestProcess; readonly port: number }> {
        const [port, back] = [await freePort(), await freePort()];
        await container.listen(back);
        const directives = front.directives([back], packet, directory);
        const program = peerPath('apache2') ?? '';
        return { process: await startApache(program, port, front.modules, directives), port };
      }

      async function ask({
        method = 'GET',
        path = '/',
        headers = {},
        body,
        chunked = false,
      }: Asked): Promise<Received> {
        apache ??= start();
        const { port } = await apache;
        const own: Record<string, string> = { host: 'x.test', ...headers };
        if (body !== undefined && !chunked) own['content-length'] = String(body.length);
        return new Promise((resolve, reject) => {
          const asked = httpRequest(
            { host: '127.0.0.1', port, method, path, headers: own, agent },
            (response) => {
              const pieces: Buffer[] = [];
              response.on('data', (piece: Buffer) => pieces.push(piece));
              response.on('error', reject);
              response.on('end', () => {
                const { rawHeaders: raw } = response;
                const pairs = raw.flatMap((field, at) =>
                  at % 2 === 0 ? [`${field}: ${raw[at + 1]}`] : [],
                );
                resolve({
                  status: response.statusCode ?? 0,
                  reason: response.statusMessage ?? '',
                  headers: pairs,
                  body: Buffer.concat(pieces),
                });
              });
            },
          );
          asked.on('error', reject);
          asked.end(body);
        });
      }

      async function told(asked: Asked): Promise<Readonly<Record<string, unknown>>> {
        const { status, body } = await ask(asked);
        assert.equal(status, 200, body.toString('latin1'));
        return JSON.parse(body.toString('utf8')) as Record<string, unknown>;
      }

      const wellSo = (t: TestContext): void => {
        t.after(() => {
          assert.deepEqual(container.flaws.splice(0), []);
        });
      };

      test('all that a request says arrives', async (t) => {
        wellSo(t);
        const headers = { 'user-agent': 'caf\xe9', 'x-a': 'b', cookie: 'a=b', accept: '*/*' };
        const request = await told({ path: '/docs/a%20b?q=1&r', headers });
        assert.equal(request['method'], 'GET');
        assert.equal(request['protocol'], 'HTTP/1.1');
        assert.equal(request['uri'], '/docs/a%20b');
        assert.equal(request['remoteAddress'], '127.0.0.1');
        assert.equal(request['serverName'], 'x.test');
        assert.equal(request['secure'], false);
        const { query, secret } = request['attributes'] as Record<string, string>;
        assert.deepEqual([query, secret], ['q=1&r', SECRET]);
        const fields = new Map(
          Object.entries(request['fields'] as Record<string, string>).map(([field, value]) => [
            field.toLowerCase(),
            value,
          ]),
        );
        for (const [field, value] of Object.entries(headers))
          assert.equal(fields.get(field), value);
        const named = new Map(request['named'] as [string, string][]);
        assert.match(named.get('AJP_REMOTE_PORT') ?? '', /^[0-9]+$/);
      });

      for (const method of [
        'OPTIONS',
        'POST',
        'PUT',
        'DELETE',
        'PROPFIND',
        'MKCOL',
        'SEARCH',
        'REPORT',
        'PATCH',
        'PURGE',
      ])
        test(`the method ${method} arrives`, async (t) => {
          const { status, body } = await ask({ method });
          // mod_proxy_ajp refuses what has no code.
          if (status !== 200) {
            assert.ok(['PATCH', 'PURGE'].includes(method) && name === 'mod_proxy_ajp', `${status}`);
            return;
          }
          wellSo(t);
          assert.equal((JSON.parse(body.toString('utf8')) as { method: string }).method, method);
        });

      const most = packet - 6;
      for (const length of [0, 1, most - 1, most, most + 1, 3 * most, 1_000_003])
        for (const chunked of [false, true])
          test(`a body of ${length} bytes arrives, its length ${chunked ? 'not ' : ''}told`, async (t) => {
            wellSo(t);
            const body = patterned(length);
            const request = await told({ method: 'POST', body, chunked });
            assert.equal(request['body'], digest(body));
          });

      for (const length of [0, 1, packet - 8, packet - 7, 1_000_003])
        test(`an answer of ${length} bytes comes back`, async (t) => {
          wellSo(t);
          const { status, body, headers } = await ask({ path: `/send/${length}` });
          assert.equal(status, 200);
          assert.ok(body.equals(patterned(length)));
          for (const field of ['Set-Cookie: a=1', 'Set-Cookie: b=2', 'X-One: 1', 'X-Two: caf\xe9'])
            assert.ok(headers.includes(field), field);
        });

      test('a status, a flush, the end of a connection', async (t) => {
        wellSo(t);
        assert.equal((await ask({ path: '/gone' })).status, 410);
        assert.equal((await ask({ path: '/flush' })).status, 200);
        const before = container.connections;
        assert.equal((await ask({ path: '/last' })).status, 200);
        assert.equal((await ask({ path: '/' })).status, 200);
        assert.ok(container.connections > before, 'it is not used again');
      });

      test('a head nearly as large as its packet arrives', async (t) => {
        wellSo(t);
        const value = 'x'.repeat(packet - 2000);
        const request = await told({ headers: { 'x-long': value } });
        const fields = request['fields'] as Record<string, string>;
        assert.equal(fields['x-long'] ?? fields['X-Long'], value);
      });

      test('a client that leaves the name of its host away is served', async (t) => {
        wellSo(t);
        assert.equal((await ask({ headers: { host: '127.0.0.1' } })).status, 200);
      });

      test('the container was pinged, and nothing was refused', async () => {
        assert.ok(container.pings > 0);
        assert.deepEqual(container.flaws, []);
        agent.destroy();
        container.stop();
        await (await apache)?.process.stop();
        rmSync(directory, { recursive: true });
      });
    });
