/** What our codec writes is read by Tomcat, and the other way round. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { type AjpAnswer, AjpClient, type AjpRequest, Fields } from '../support/ajp-client.ts';
import { eventually } from '../support/eventually.ts';
import { needs } from '../support/needs.ts';
import { freePort, temporaryDirectory, type TestProcess } from '../support/process.ts';
import { ECHO, SEND } from '../support/tomcat-pages.ts';
import { startTomcat } from '../support/tomcat.ts';

const SECRET = 'between us';

const METHODS = [
  'OPTIONS GET HEAD POST PUT DELETE TRACE PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK ACL REPORT VERSION-CONTROL',
  'CHECKIN CHECKOUT UNCHECKOUT SEARCH MKWORKSPACE UPDATE LABEL MERGE BASELINE-CONTROL MKACTIVITY PATCH PURGE',
].flatMap((line) => line.split(' '));

const REQUEST: AjpRequest = {
  method: 'GET',
  protocol: 'HTTP/1.1',
  uri: '/echo.jsp',
  remoteAddress: '192.0.2.7',
  remoteHost: null,
  serverName: 'x.test',
  serverPort: 8443,
  secure: false,
  fields: Fields.of(['Host', 'x.test:8443']),
  attributes: { secret: SECRET },
  keySize: 0,
  named: [],
};

function patterned(length: number): Buffer {
  return Buffer.from(Uint8Array.from({ length }, (_, at) => ((at % 1000) * 7) & 0xff));
}

function lines({ status, body }: AjpAnswer): ReadonlyMap<string, string> {
  const text = body.toString('latin1');
  assert.equal(status, 200, text);
  return new Map(
    text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const cut = line.indexOf(line.startsWith('field ') ? ':' : ' ');
        return [line.slice(0, cut).toLowerCase(), line.slice(cut + 1).trimStart()];
      }),
  );
}

function digest(body: Buffer): string {
  return `${body.length} ${createHash('sha256').update(body).digest('hex')}`;
}

const skip = needs('tomcat10');

for (const packetSize of [8192, 65_536])
  suite(`Tomcat with packets of ${packetSize} bytes`, { skip }, () => {
    const logs = temporaryDirectory();
    let tomcat: Promise<{ readonly process: TestProcess; readonly port: number }> | null = null;
    const started = async (t: TestContext): Promise<AjpClient> => {
      tomcat ??= start();
      const client = new AjpClient((await tomcat).port, packetSize);
      t.after(() => {
        client.close();
      });
      return client;
    };
    async function start(): Promise<{ readonly process: TestProcess; readonly port: number }> {
      const [http, port] = [await freePort(), await freePort()];
      const ajp = { port, secret: SECRET, packetSize, allowed: 'extra' };
      const pages = { 'echo.jsp': ECHO, 'send.jsp': SEND };
      return { process: await startTomcat(http, { ajp, pages, logs }), port };
    }

    test('CPING is answered, before and between requests', async (t) => {
      const client = await started(t);
      await client.ping();
      assert.equal((await client.ask(REQUEST)).reuse, true);
      await client.ping();
      assert.equal((await client.ask(REQUEST)).status, 200);
    });

    test('all that a request says arrives', async (t) => {
      const client = await started(t);
      const request = {
        ...REQUEST,
        method: 'POST',
        secure: true,
        fields: Fields.of(
          ['Host', 'x.test:8443'],
          ['User-Agent', 'caf\xe9'],
          ['X-A', ''],
          ['Cookie', 'a=b'],
        ),
        attributes: {
          secret: SECRET,
          query: 'q=1&r',
          remoteUser: 'ada',
          authType: 'BASIC',
          cipher: 'TLS_X',
        },
        keySize: 256,
        named: [
          ['AJP_REMOTE_PORT', '4711'],
          ['AJP_LOCAL_ADDR', '192.0.2.1'],
          ['extra', 'e'],
        ] as const,
      };
      const told = lines(await client.ask(request));
      const expected = {
        method: 'POST',
        protocol: 'HTTP/1.1',
        uri: '/echo.jsp',
        query: 'q=1&r',
        server: 'x.test 8443',
        local: '192.0.2.1',
        secure: 'true https',
        cipher: 'TLS_X',
        bits: '256',
        extra: 'e',
        'field user-agent': 'caf\xe9',
        'field x-a': '',
        'field cookie': 'a=b',
      };
      for (const [name, value] of Object.entries(expected))
        assert.equal(told.get(name), value, name);
      assert.match(told.get('remote') ?? '', /^192\.0\.2\.7 .* 4711$/);
    });

    test('every method arrives, with a code or without', async (t) => {
      const client = await started(t);
      for (const method of METHODS) {
        // oxlint-disable no-await-in-loop -- one after the other on one connection
        const uri = `/no-such-page-${method}`;
        assert.ok((await client.ask({ ...REQUEST, method, uri })).status >= 200, method);
        const line = new RegExp(`^[0-9]{3} ${method} ${uri} HTTP/1\\.1$`, 'm');
        await eventually(line.source, () =>
          line.test(readFileSync(join(logs, 'access.log'), 'utf8')),
        );
        // oxlint-enable no-await-in-loop
      }
    });

    const most = packetSize - 6;
    for (const length of [1, most - 1, most, most + 1, 3 * most, 1_000_003])
      for (const known of [true, false])
        test(`a body of ${length} bytes, whose length is ${known ? '' : 'not '}known, arrives`, async (t) => {
          const client = await started(t);
          const body = patterned(length);
          const framing: readonly [string, string] = known
            ? ['Content-Length', String(length)]
            : ['Transfer-Encoding', 'chunked'];
          const fields = Fields.of(['Host', 'x.test'], framing);
          const answer = await client.ask({ ...REQUEST, method: 'POST', fields }, body);
          assert.equal(lines(answer).get('body'), digest(body));
          if (length > most || !known) assert.ok(answer.asked > 0);
          assert.equal(answer.reuse, true);
          assert.equal(lines(await client.ask(REQUEST)).get('body'), digest(Buffer.alloc(0)));
        });

    for (const length of [0, 1, packetSize - 8, packetSize - 7, 1_000_003])
      test(`an answer of ${length} bytes comes back`, async (t) => {
        const client = await started(t);
        const query = `status=201&length=${length}`;
        const attributes = { secret: SECRET, query };
        const answer = await client.ask({ ...REQUEST, uri: '/send.jsp', attributes });
        assert.equal(answer.status, 201);
        assert.ok(answer.body.equals(patterned(length)));
        const fields = [...answer.fields.entries()].map(([name, value]) => `${name}: ${value}`);
        for (const field of [
          'X-One: 1',
          'X-One: 2',
          'Set-Cookie: a=1',
          'Set-Cookie: b=2',
          'Content-Language: de',
        ])
          assert.ok(fields.includes(field), field);
      });

    test('a flush of the application is one', async (t) => {
      const client = await started(t);
      const attributes = { secret: SECRET, query: 'status=200&length=3000&flush' };
      const answer = await client.ask({ ...REQUEST, uri: '/send.jsp', attributes });
      assert.ok(answer.body.equals(patterned(3000)));
      assert.ok(answer.flushes >= 3, String(answer.flushes));
    });

    test('a head that fills its packet arrives', async (t) => {
      const client = await started(t);
      let value = 'x'.repeat(packetSize);
      // As long as it may be: shortened until it fits.
      for (;;) {
        const fields = Fields.of(['Host', 'x.test'], ['X-Long', value]);
        try {
          // oxlint-disable-next-line no-await-in-loop -- the first that fits
          const told = lines(await client.ask({ ...REQUEST, fields }));
          assert.equal(told.get('field x-long'), value);
          assert.ok(value.length > packetSize - 200);
          return;
        } catch (error) {
          assert.match(String(error), /does not fit/);
          value = value.slice(1);
        }
      }
    });

    for (const secret of ['', 'between u', 'between us ', 'BETWEEN US'])
      test(`the secret ${JSON.stringify(secret)} is refused`, async (t) => {
        const client = await started(t);
        const answer = await client.ask({ ...REQUEST, attributes: { secret } });
        assert.equal(answer.status, 403);
      });

    test('an attribute that it does not know is refused', async (t) => {
      const client = await started(t);
      const named = [['javax.servlet.include.request_uri', '/WEB-INF/web.xml']] as const;
      assert.equal((await client.ask({ ...REQUEST, named })).status, 403);
    });

    test('a packet that begins otherwise ends the connection', async (t) => {
      const client = await started(t);
      await client.ping();
      client.sendRaw('\x12\x35\0\x01\x0a');
      await client.ended();
    });

    test('Tomcat ends', async () => {
      await (await tomcat)?.process.stop();
    });
  });
