import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SampleView } from '../../test/support/admin-view.ts';
import { readExposition } from '../../test/support/exposition-reader.ts';
import {
  MemoryExchange,
  memoryConnection,
  memoryRequest,
} from '../../test/support/memory-exchange.ts';
import { Fault } from '../base/index.ts';
import { EXCHANGE_FAULTS, Fields, parseHost } from '../http/message/index.ts';
import type { AdminAccess } from './access.ts';
import { adminHandler } from './admin-handler.ts';

const TOKEN = 's3cret-token';
const TCP: AdminAccess = { kind: 'tcp', hosts: ['127.0.0.1:9000', 'localhost:9000'], token: TOKEN };
const UNIX: AdminAccess = { kind: 'unix' };

interface Ask {
  readonly method?: string;
  readonly target?: string;
  readonly host?: string;
  readonly fields?: readonly (readonly [string, string])[];
  readonly body?: string;
  readonly contentLength?: number;
  readonly refusal?: Fault;
}

class Administration {
  readonly view = new SampleView();
  readonly audit: string[] = [];
  readonly #access: AdminAccess;

  constructor(access: AdminAccess = UNIX) {
    this.#access = access;
  }

  begin(ask: Ask = {}): MemoryExchange {
    const request = memoryRequest({
      method: ask.method ?? 'GET',
      target: ask.target ?? '/status',
      fields: Fields.of(...(ask.fields ?? [])),
      contentLength: ask.contentLength ?? ask.body?.length ?? 0,
    });
    const isUnix = this.#access.kind === 'unix';
    const exchange = new MemoryExchange(
      { ...request, host: parseHost(ask.host ?? '127.0.0.1:9000') },
      memoryConnection(isUnix ? { remoteAddress: 'unix:', remotePort: 0 } : {}),
      undefined,
      ask.refusal ?? null,
    );
    const audit = (line: string): void => void this.audit.push(line);
    adminHandler(this.view, this.#access, audit).onExchange(exchange);
    return exchange;
  }

  async ask(ask: Ask = {}): Promise<MemoryExchange> {
    const exchange = this.begin(ask);
    if (ask.body !== undefined) {
      // A connection keeps it until it is asked for.
      await settle();
      const bytes = Buffer.from(ask.body);
      exchange.takeData(bytes, 0, bytes.length);
      exchange.takeEnd(null);
    }
    await settle();
    assert.ok(exchange.ended, 'it is answered');
    assert.equal(exchange.sentFields.getByName('Cache-Control'), 'no-store');
    assert.equal(exchange.sentFields.getByName('X-Content-Type-Options'), 'nosniff');
    const all = `${exchange.text}${exchange.sentFields.lines()}${this.audit.join()}`;
    assert.doesNotMatch(all, new RegExp(TOKEN), 'the token is told to nobody');
    return exchange;
  }
}

// An order waits whether its client has left.
const settle = async (): Promise<void> => {
  // oxlint-disable-next-line no-await-in-loop -- turns follow each other
  for (let turns = 0; turns < 4; turns++) await new Promise((resolve) => setImmediate(resolve));
};
const bearer = (token: string): readonly [string, string] => ['Authorization', `Bearer ${token}`];
const POSTS = ['/reload', '/drain', '/stop'] as const;
const GETS = ['/live', '/ready', '/status', '/metrics', '/config', '/connections'] as const;

test('/live is 200 in a process that runs, ready or not', async () => {
  const admin = new Administration();
  admin.view.ready = false;
  const { status, text, sentFields } = await admin.ask({ target: '/live' });
  assert.equal(status, 200);
  assert.equal(text, 'live\n');
  assert.equal(sentFields.getByName('Content-Type'), 'text/plain; charset=utf-8');
});

test('/ready is 200 while the process takes clients, and 503 from then on', async () => {
  const admin = new Administration();
  const before = await admin.ask({ target: '/ready' });
  assert.deepEqual([before.status, before.text], [200, 'ready\n']);
  admin.view.ready = false;
  const after = await admin.ask({ target: '/ready' });
  assert.deepEqual([after.status, after.text], [503, 'not ready\n']);
});

test('/status, /config and /connections are JSON of what the server says, in UTF-8', async () => {
  const admin = new Administration();
  admin.view.served = { sites: { 'b\u00fccher.example': { text: '\u{1f600}' } } };
  const wanted = {
    '/status': admin.view.report,
    '/config': admin.view.served,
    '/connections': admin.view.clients,
  };
  for (const [target, value] of Object.entries(wanted)) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { status, body, sentFields } = await admin.ask({ target });
    assert.equal(status, 200, target);
    assert.equal(sentFields.getByName('Content-Type'), 'application/json', target);
    assert.deepEqual(JSON.parse(body.toString('utf8')), value, target);
  }
});

test('/config says that there is a secret, and not which', async () => {
  const admin = new Administration();
  admin.view.served = {
    upstreams: { a: { ajp: { secret: 's3cret', ping: 'off' } }, b: { ajp: {} } },
  };
  const { body } = await admin.ask({ target: '/config' });
  assert.deepEqual(JSON.parse(body.toString('utf8')), {
    upstreams: { a: { ajp: { secret: '(hidden)', ping: 'off' } }, b: { ajp: {} } },
  });
});

test('/metrics is OpenMetrics, or the text of Prometheus for who takes nothing else', async () => {
  const admin = new Administration();
  const open = await admin.ask({ target: '/metrics' });
  const type = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
  assert.equal(open.sentFields.getByName('Content-Type'), type);
  assert.equal(open.sentFields.getByName('Vary'), 'Accept');
  const families = readExposition(open.body.toString('utf8'), 'openmetrics');
  assert.equal(families.get('daemun_requests')?.samples.get(''), 1_234_567);
  const fields = [['Accept', 'text/plain']] as const;
  const plain = await admin.ask({ target: '/metrics', fields });
  const old = 'text/plain; version=0.0.4; charset=utf-8';
  assert.equal(plain.sentFields.getByName('Content-Type'), old);
  const counters = readExposition(plain.body.toString('utf8'), 'prometheus');
  assert.equal(counters.get('daemun_requests_total')?.samples.get(''), 1_234_567);
});

test('HEAD is answered as GET, without the body', async () => {
  const admin = new Administration();
  for (const target of GETS) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const [got, head] = [await admin.ask({ target }), await admin.ask({ target, method: 'HEAD' })];
    assert.equal(head.status, 200, target);
    assert.equal(head.sentLength, got.body.length, target);
    assert.equal(head.text, '', target);
  }
});

test('an order is a POST, a question is not', async () => {
  const admin = new Administration();
  for (const target of POSTS) {
    for (const method of ['GET', 'HEAD', 'PUT', 'OPTIONS', 'post']) {
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { status, sentFields } = await admin.ask({ target, method });
      assert.deepEqual([status, sentFields.getByName('Allow')], [405, 'POST'], method + target);
    }
  }
  for (const target of GETS) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { status, sentFields } = await admin.ask({ target, method: 'POST' });
    assert.deepEqual([status, sentFields.getByName('Allow')], [405, 'GET, HEAD'], target);
  }
  assert.deepEqual(admin.view.stops, []);
  assert.equal(admin.view.reloads, 0);
  assert.deepEqual(admin.audit, []);
});

test('another path is 404 with all that there is', async () => {
  for (const target of ['/', '/status/', '/Status', '/statu', '/api/status', '/%73tatus', '*']) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { status, text } = await new Administration().ask({ target });
    assert.equal(status, 404, target);
    for (const path of [...GETS, ...POSTS]) assert.match(text, new RegExp(` ${path} `), target);
  }
});

test('/reload says whether the configuration was taken over, and why not', async () => {
  const admin = new Administration();
  const taken = await admin.ask({ target: '/reload', method: 'POST' });
  assert.deepEqual(
    [taken.status, JSON.parse(taken.text)],
    [200, { taken: true, reasons: '', ending: false }],
  );
  admin.view.reloading = { taken: false, reasons: 'a.ts:3: no', ending: false };
  const refused = await admin.ask({ target: '/reload', method: 'POST' });
  assert.deepEqual([refused.status, JSON.parse(refused.text)], [409, admin.view.reloading]);
  assert.deepEqual(admin.audit, [
    'POST /reload from the unix socket: taken over',
    'POST /reload from the unix socket: refused by the configuration',
  ]);
});

test('/stop and /drain tell the server when to end, 60 s unless said', async () => {
  const json = [['Content-Type', 'application/json; charset=utf-8']] as const;
  const orders: readonly (readonly [Ask, number])[] = [
    [{ target: '/stop' }, 0],
    [{ target: '/stop?limit=9s' }, 0],
    [{ target: '/drain' }, 60_000],
    [{ target: '/drain?limit=0s' }, 0],
    [{ target: '/drain?limit=1ms' }, 1],
    [{ target: '/drain?x=1&limit=1.5s' }, 1500],
    [{ target: '/drain?limit=24h' }, 86_400_000],
    [{ target: '/drain?limit' }, 60_000],
    [{ target: '/drain', fields: json, body: '{"limit":"2m"}' }, 120_000],
    [{ target: '/drain', fields: json, body: ' {} ' }, 60_000],
    [{ target: '/drain?limit=5s', fields: json, body: '{}' }, 5000],
    [{ target: '/drain', contentLength: -1, body: '' }, 60_000],
  ];
  for (const [order, limit] of orders) {
    const admin = new Administration();
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { status, text, closes } = await admin.ask({ ...order, method: 'POST' });
    assert.deepEqual(
      [status, JSON.parse(text)],
      [202, { stopping: true, limit, supervisor: 1200 }],
    );
    assert.deepEqual(admin.view.stops, [limit], String(order.target));
    assert.equal(closes, true, 'the connection of who asked is not waited for');
    assert.match(admin.audit.join('|'), /^POST \/(stop|drain) from the unix socket: ends [^|]+$/);
  }
});

test('/drain does not end a server for an order that it does not understand', async () => {
  const json = [['Content-Type', 'application/json']] as const;
  const text = [['Content-Type', 'text/plain']] as const;
  const wrong: readonly (readonly [Ask, number])[] = [
    [{ target: '/drain?limit=' }, 400],
    [{ target: '/drain?limit=60' }, 400],
    [{ target: '/drain?limit=-1s' }, 400],
    [{ target: '/drain?limit=1e3s' }, 400],
    [{ target: '/drain?limit=86400001ms' }, 400],
    [{ target: '/drain?limit=30d' }, 400],
    [{ target: '/drain?limit=%3360s' }, 400],
    [{ target: '/drain?limit=5s', fields: json, body: '{"limit":"5s"}' }, 400],
    [{ target: '/drain', fields: json, body: '{"limit":60}' }, 400],
    [{ target: '/drain', fields: json, body: '{"limits":"60s"}' }, 400],
    [{ target: '/drain', fields: json, body: '{"__proto__":{"limit":"1s"}}' }, 400],
    [{ target: '/drain', fields: json, body: '["60s"]' }, 400],
    [{ target: '/drain', fields: json, body: 'null' }, 400],
    [{ target: '/drain', fields: json, body: '{' }, 400],
    [{ target: '/drain', body: '{"limit":"5s"}' }, 415],
    [{ target: '/drain', fields: text, body: '{}' }, 415],
  ];
  for (const [order, expected] of wrong) {
    const admin = new Administration();
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const { status } = await admin.ask({ ...order, method: 'POST' });
    assert.equal(status, expected, `${order.target} ${order.body}`);
    assert.deepEqual(admin.view.stops, [], `${order.target} ${order.body}`);
    assert.deepEqual(admin.audit, ['POST /drain from the unix socket: not understood']);
  }
});

test('the server is told to end when the answer has left, not before', async () => {
  const admin = new Administration();
  const exchange = admin.begin({ target: '/stop', method: 'POST' });
  exchange.full = true;
  await settle();
  assert.equal(exchange.status, 202);
  assert.deepEqual(admin.view.stops, []);
  exchange.finish();
  assert.deepEqual(admin.view.stops, [0]);
});

test('an order counts even if its client left before the answer', async () => {
  const admin = new Administration();
  const exchange = admin.begin({ target: '/stop', method: 'POST' });
  exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'response'));
  await settle();
  assert.deepEqual(admin.view.stops, [0]);
});

for (const target of ['/stop', '/drain', '/reload'])
  test(`${target} is not followed when its client had left before it was read`, async () => {
    const admin = new Administration();
    const exchange = admin.begin({ target, method: 'POST' });
    exchange.connection.peerEnded = true;
    await settle();
    assert.deepEqual([admin.view.stops, admin.view.reloads], [[], 0]);
    assert.equal(exchange.status, 499);
    assert.deepEqual(admin.audit, [
      `POST ${target} from the unix socket: not followed: who gave the order has left`,
    ]);
  });

test('an order whose body broke off does not count', async () => {
  const admin = new Administration();
  const fields = [['Content-Type', 'application/json']] as const;
  const exchange = admin.begin({ target: '/drain', method: 'POST', fields, contentLength: 20 });
  await settle();
  const bytes = Buffer.from('{"limit":"1s"}');
  exchange.takeData(bytes, 0, bytes.length);
  exchange.takeBodyFault(new Fault(EXCHANGE_FAULTS['client-left'], 'request-body'));
  await settle();
  assert.deepEqual([exchange.status, admin.view.stops], [400, []]);
});

test('an order to end that fails is audited again', async () => {
  const admin = new Administration();
  admin.view.stopping = new Error('the supervisor\nis gone');
  await admin.ask({ target: '/stop', method: 'POST' });
  assert.deepEqual(admin.audit, [
    'POST /stop from the unix socket: ends at once',
    'POST /stop from the unix socket: failed: the supervisor is gone',
  ]);
});

test('what the server cannot do is 500, and logged with the exchange', async () => {
  const admin = new Administration();
  admin.view.report = new Error('thread 2 is gone');
  const { status, text, fault } = await admin.ask({ target: '/metrics' });
  assert.equal(status, 500);
  assert.match(text, /thread 2 is gone/);
  assert.equal(fault?.kind.code, 'handler-failed');
  admin.view.reloading = new Error('no supervisor');
  assert.equal((await admin.ask({ target: '/reload', method: 'POST' })).status, 500);
  assert.deepEqual(admin.audit, ['POST /reload from the unix socket: failed: no supervisor']);
});

test('a client that leaves while the server gathers its answer is sent nothing', async () => {
  const admin = new Administration();
  const exchange = admin.begin();
  exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'response'));
  await settle();
  assert.equal(exchange.ended, false);
});

test('a request carries at most 64 KiB, said or not said beforehand', async () => {
  const fields = [['Content-Type', 'application/json']] as const;
  const order = { target: '/drain', method: 'POST', fields } as const;
  const whole = (length: number): string => '{"limit":"1s"}'.padEnd(length);
  for (const contentLength of [undefined, -1]) {
    const admin = new Administration();
    const length = contentLength === undefined ? {} : { contentLength };
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const fits = await admin.ask({ ...order, ...length, body: whole(65_536) });
    assert.equal(fits.status, 202);
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const over = await admin.ask({ ...order, ...length, body: whole(65_537) });
    assert.deepEqual([over.status, over.closes], [413, true]);
    assert.deepEqual(admin.view.stops, [1000]);
  }
  const question = await new Administration().ask({ contentLength: 65_537 });
  assert.deepEqual([question.status, question.closes], [413, true]);
});

test('a body that is too long is answered before it ends', async () => {
  const admin = new Administration();
  const exchange = admin.begin({ target: '/drain', method: 'POST', contentLength: -1 });
  const piece = Buffer.alloc(65_537, 0x20);
  await settle();
  exchange.takeData(piece, 0, piece.length);
  await settle();
  assert.equal(exchange.status, 413);
  exchange.takeData(piece, 0, piece.length);
});

test('over TCP nothing but /live and /ready is told without the token', async () => {
  for (const target of [...GETS, ...POSTS, '/', '/nothing']) {
    for (const fields of [[], [bearer('other')], [bearer(TOKEN), bearer(TOKEN)]]) {
      const admin = new Administration(TCP);
      const method = POSTS.some((path) => path === target) ? 'POST' : 'GET';
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      const { status, sentFields, text } = await admin.ask({ target, method, fields });
      const isOpen = target === '/live' || target === '/ready';
      assert.equal(status, isOpen ? 200 : 401, target);
      assert.equal(sentFields.getByName('WWW-Authenticate') !== null, !isOpen, target);
      assert.doesNotMatch(text, /reload/, 'what there is is not told either');
      assert.deepEqual([admin.view.stops, admin.view.reloads], [[], 0]);
      assert.equal(admin.audit.length, method === 'POST' ? 1 : 0);
    }
  }
});

test('orders that were not allowed are audited with the reason and the address', async () => {
  const admin = new Administration(TCP);
  await admin.ask({ target: '/stop', method: 'POST' });
  await admin.ask({ target: '/stop', method: 'POST', fields: [bearer('guess')] });
  await admin.ask({ target: '/stop', method: 'POST', host: 'evil.example' });
  await admin.ask({ target: '/stop', method: 'POST', fields: [['Origin', 'http://evil.example']] });
  await admin.ask({ target: '/stop', method: 'POST', fields: [bearer(TOKEN)] });
  const from = 'POST /stop from 127.0.0.1:50000:';
  assert.deepEqual(admin.audit, [
    `${from} not allowed, it has no token`,
    `${from} not allowed, its token is another`,
    `${from} not allowed, its Host is none of this listener`,
    `${from} not allowed, it comes from a page of another site`,
    `${from} ends at once`,
  ]);
});

test('with the token everything can be asked over TCP', async () => {
  const admin = new Administration(TCP);
  for (const target of GETS) {
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    assert.equal((await admin.ask({ target, fields: [bearer(TOKEN)] })).status, 200, target);
  }
  assert.equal((await admin.ask({ target: '/x', fields: [bearer(TOKEN)] })).status, 404);
});

test('a request that the protocol refused is answered with its status, and asks for nothing', async () => {
  const kind = { ...EXCHANGE_FAULTS['handler-failed'], code: 'bad', status: 400 };
  const admin = new Administration();
  const ask = { target: '/stop', method: 'POST' } as const;
  const { status, closes } = await admin.ask({ ...ask, refusal: new Fault(kind, 'head') });
  assert.deepEqual([status, closes, admin.view.stops], [400, true, []]);
  const unanswerable = new Fault({ ...kind, status: 0 }, 'head');
  const exchange = admin.begin({ ...ask, refusal: unanswerable });
  assert.deepEqual([exchange.aborted, exchange.ended], [true, false]);
});
