import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Fault, type FaultKind } from '../base/index.ts';
import { H1_RESPONSE_FAULTS } from '../http/h1/index.ts';
import {
  CALL_FAULTS,
  EXCHANGE_FAULTS,
  Fields,
  NO_FIELDS,
  UNKNOWN_LENGTH,
} from '../http/message/index.ts';
import { DIAL_FAULTS } from '../net/index.ts';
import { memoryConnection, MemoryExchange } from '../../test/support/memory-exchange.ts';
import { ProxySite } from '../../test/support/proxy-site.ts';
import type { NextUpstreamCondition } from './options.ts';

const fault = (kind: FaultKind): Fault => new Fault(kind, 'upstream-head');
const NONE = CALL_FAULTS['call-unanswered'];
const TIMEOUT = CALL_FAULTS['call-read-timeout'];
const BROKEN = H1_RESPONSE_FAULTS['h1-response-head'];
const REFUSED = DIAL_FAULTS['dial-refused'];

describe('what the server gets', () => {
  test('target, method and end-to-end fields as the client sent them, and who the client is', () => {
    const site = new ProxySite();
    site.ask({
      method: 'DELETE',
      target: '/a%2Fb//c?d',
      host: 'site.test',
      fields: Fields.of(
        ['Host', 'site.test'],
        ['X-A', '1'],
        ['Connection', 'close, X-Hop, X-Forwarded-For'],
        ['X-Hop', '2'],
        ['Expect', '100-continue'],
        ['Content-Length', '0'],
        ['X-Forwarded-For', '1.2.3.4'],
      ),
    });
    const { request } = site.server(0).last;
    assert.equal(request.method, 'DELETE');
    assert.equal(request.target, '/a%2Fb//c?d');
    assert.equal(request.authority, 'one.test');
    assert.equal(request.length, 0);
    assert.equal(request.upgrade, null);
    assert.deepEqual(Object.fromEntries(request.fields.entries()), {
      'X-A': '1',
      'X-Forwarded-For': '127.0.0.1',
      'X-Forwarded-Proto': 'http',
      'X-Forwarded-Host': 'site.test',
      'X-Forwarded-Port': '8080',
    });
  });

  for (const [what, route, expected] of [
    ['the server’s own name', {}, 'one.test'],
    ['the client’s Host', { preserveHost: true }, 'site.test'],
    ['a fixed name', { hostHeader: 'fixed.test' }, 'fixed.test'],
  ] as const) {
    test(`as Host ${what}`, () => {
      const site = new ProxySite({ route });
      site.ask({ host: 'site.test' });
      assert.equal(site.server(0).last.request.authority, expected);
    });
  }

  test('as Host that of the client where the server’s protocol is about it, but for what the route says', () => {
    const host = (client: string, route = {}): string => {
      const site = new ProxySite({ keepsHost: true, route });
      site.ask({ host: client });
      return site.server(0).last.request.authority;
    };
    assert.equal(host('site.test'), 'site.test');
    assert.equal(host(''), 'one.test');
    assert.equal(host('site.test', { hostHeader: 'fixed.test' }), 'fixed.test');
  });

  test('who asked', () => {
    const site = new ProxySite();
    const exchange = site.ask({});
    assert.equal(site.server(0).last.request.client, exchange.connection);
  });

  test('another beginning of the path where the route has a URI', () => {
    const site = new ProxySite({ key: '/app/*', prefix: '/app/', route: { uri: '/two/' } });
    site.ask({ target: '/app/x%20y?z' });
    assert.equal(site.server(0).last.request.target, '/two/x%20y?z');
  });
});

describe('what the client gets', () => {
  for (const whole of [false, true]) {
    test(`status and fields without those that are not for it, and the body, ${whole ? 'at once' : 'piece by piece'}`, () => {
      const site = new ProxySite({
        key: '/app/*',
        prefix: '/app/',
        route: { uri: '/two/', cookieRewrite: { domain: {}, path: { '/two/': '/app/' } } },
      });
      const exchange = site.ask({ target: '/app/' });
      const fields = Fields.of(
        ['Server', 'x'],
        ['Date', 'y'],
        ['Connection', 'X-Hop'],
        ['X-Hop', '1'],
        ['Content-Length', '5'],
        ['X-Accel-Redirect', '/secret'],
        ['X-Accel-Buffering', 'no'],
        ['X-Accel-Charset', 'utf-8'],
        ['X-Accel-Expires', '0'],
        ['x-accel-limit-rate', '1'],
        ['X-Pad', 'z'],
        ['X-Accel', '3'],
        ['Location', 'http://one.test/two/new'],
        ['Set-Cookie', 'a=b; Path=/two/'],
        ['X-B', '2'],
      );
      const call = site.server(0).last;
      if (whole) call.answerWhole(201, 'hello', fields, 'Made');
      else {
        call.receiver.onHead(201, 'Made', fields, 5);
        call.receiver.onData(Buffer.from('<hello>'), 1, 6);
        call.receiver.onEnd(null);
      }
      assert.equal(exchange.status, 201);
      assert.equal(exchange.sentReason, 'Made');
      assert.equal(exchange.sentLength, 5);
      assert.equal(exchange.text, 'hello');
      assert.deepEqual(Object.fromEntries(exchange.sentFields.entries()), {
        Location: '/app/new',
        'Set-Cookie': 'a=b; Path=/app/',
        'X-Accel': '3',
        'X-B': '2',
      });
      assert.equal(exchange.finished, true);
      assert.equal(site.active, 0);
    });
  }

  test('500 where passing on an answer that is complete already fails in us', () => {
    const site = new ProxySite({ key: '/app/*', prefix: '/app/', route: { uri: '/two/' } });
    const exchange = site.ask({ target: '/app/' });
    const shared = Fields.of(['Location', 'http://one.test/two/']).seal();
    site.server(0).last.answerWhole(200, 'hello', shared);
    assert.equal(exchange.status, 500);
    assert.equal(exchange.fault?.kind.code, 'handler-failed');
    assert.equal(exchange.finished, true);
    assert.equal(site.active, 0);
  });

  test('interim responses, and trailers without framing', () => {
    const site = new ProxySite();
    const exchange = site.ask();
    const { receiver } = site.server(0).last;
    receiver.onInform(103, Fields.of(['Link', '</a>'], ['Server', 'x']));
    receiver.onHead(200, '', NO_FIELDS, UNKNOWN_LENGTH);
    receiver.onEnd(Fields.of(['X-Sum', '1'], ['Content-Length', '2'], ['Set-Cookie', 'a=b']));
    assert.deepEqual(
      exchange.informed.map(({ status, fields }) => [status, ...fields.entries()]),
      [[103, ['Link', '</a>']]],
    );
    assert.deepEqual([...(exchange.sentTrailers?.entries() ?? [])], [['X-Sum', '1']]);
  });

  test('the body no faster than it reads', () => {
    const site = new ProxySite();
    const exchange = site.ask();
    const call = site.server(0).last;
    call.receiver.onHead(200, '', NO_FIELDS, UNKNOWN_LENGTH);
    call.receiver.onData(Buffer.from('a'), 0, 1);
    assert.equal(call.paused, false);
    exchange.full = true;
    call.receiver.onData(Buffer.from('b'), 0, 1);
    assert.equal(call.paused, true);
    exchange.full = false;
    exchange.takeDrain();
    assert.equal(call.paused, false);
    call.receiver.onEnd(null);
    assert.equal(exchange.text, 'ab');
  });
});

describe('an answer that is buffered', () => {
  const route = { responseBody: 'buffer' } as const;
  const answerSlowly = (site: ProxySite, fields = NO_FIELDS): MemoryExchange => {
    const exchange = site.ask();
    exchange.full = true;
    const { receiver } = site.server(0).last;
    receiver.onHead(200, '', fields, UNKNOWN_LENGTH);
    receiver.onData(Buffer.from('one'), 0, 3);
    receiver.onData(Buffer.from('two'), 0, 3);
    return exchange;
  };

  test('frees the server while the client still reads', () => {
    const site = new ProxySite({ route });
    const exchange = answerSlowly(site);
    const call = site.server(0).last;
    assert.equal(call.paused, false);
    call.receiver.onEnd(Fields.of(['X-Sum', '1']));
    assert.equal(site.active, 0);
    assert.equal(exchange.text, 'one');
    assert.equal(exchange.budget.held, 3);
    exchange.full = false;
    exchange.takeDrain();
    assert.equal(exchange.text, 'onetwo');
    assert.equal(exchange.sentTrailers?.getByName('x-sum'), '1');
    assert.equal(exchange.finished, true);
    assert.equal(exchange.budget.held, 0);
  });

  test('is let go of when the client leaves, also behind the end of the server’s part', () => {
    for (const ended of [false, true]) {
      const site = new ProxySite({ route });
      const exchange = answerSlowly(site);
      if (ended) site.server(0).last.receiver.onEnd(null);
      exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'response'));
      assert.equal(exchange.budget.held, 0);
      assert.equal(site.active, 0);
      assert.equal(site.server(0).last.aborted === null, ended);
    }
  });

  test('that breaks off cuts the client off, and nothing is held', () => {
    const site = new ProxySite({ route });
    const exchange = answerSlowly(site);
    site.server(0).last.receiver.onAbort(fault(CALL_FAULTS['call-cut']));
    assert.equal(exchange.resetBy?.kind.code, 'call-cut');
    assert.equal(exchange.budget.held, 0);
  });

  test('waits at the server instead where that says X-Accel-Buffering: no', () => {
    const site = new ProxySite({ route });
    const exchange = answerSlowly(site, Fields.of(['X-Accel-Buffering', 'no']));
    assert.equal(site.server(0).last.paused, true);
    assert.equal(exchange.sentFields.getByName('x-accel-buffering'), null);
  });
});

interface Retry {
  readonly what: string;
  readonly kind: FaultKind;
  readonly method?: string;
  readonly sent?: 'nothing' | 'head';
  readonly conditions?: readonly NextUpstreamCondition[];
  readonly again: boolean;
  readonly status: number;
}

describe('a server that fails', () => {
  for (const { what, kind, method, sent, conditions, again, status } of [
    { what: 'a GET that was not answered', kind: NONE, again: true, status: 502 },
    { what: 'a GET that took too long', kind: TIMEOUT, again: true, status: 504 },
    { what: 'a broken answer', kind: BROKEN, again: false, status: 502 },
    {
      what: 'a broken answer, if asked for',
      kind: BROKEN,
      conditions: ['invalid-header'],
      again: true,
      status: 502,
    },
    {
      what: 'an error where only time-outs count',
      kind: NONE,
      conditions: ['timeout'],
      again: false,
      status: 502,
    },
    {
      what: 'anything where nothing counts',
      kind: REFUSED,
      conditions: [],
      again: false,
      status: 502,
    },
    { what: 'a POST that was sent', kind: NONE, method: 'POST', again: false, status: 502 },
    { what: 'a PATCH that was sent', kind: TIMEOUT, method: 'PATCH', again: false, status: 504 },
    { what: 'a PUT that was sent', kind: NONE, method: 'PUT', again: true, status: 502 },
    {
      what: 'a POST that was not sent',
      kind: REFUSED,
      method: 'POST',
      sent: 'nothing',
      again: true,
      status: 502,
    },
    {
      what: 'a POST that was sent, if allowed',
      kind: NONE,
      method: 'POST',
      conditions: ['error', 'non-idempotent'],
      again: true,
      status: 502,
    },
    {
      what: 'a fault of ours',
      kind: CALL_FAULTS['call-length'],
      again: false,
      status: 500,
    },
  ] as readonly Retry[]) {
    test(`${what}: ${again ? 'the next one is asked' : `the client gets ${status}`}`, () => {
      const nextUpstream = {
        conditions: conditions ?? ['error', 'timeout'],
        tries: 0,
        timeout: 0,
      } as const;
      const site = new ProxySite({ peers: [{}, {}], route: { nextUpstream } });
      const exchange = site.ask({ method: method ?? 'GET' });
      site.server(0).last.sent = sent ?? 'head';
      site.server(0).last.receiver.onAbort(fault(kind));
      assert.equal(site.server(1).calls.length, again ? 1 : 0);
      if (again) site.server(1).last.answer(200, 'ok');
      assert.equal(exchange.status, again ? 200 : status);
      assert.equal(exchange.finished, true);
      assert.equal(site.active, 0);
    });
  }

  test('all of them: the client gets the last one’s fault', () => {
    const site = new ProxySite({ peers: [{}, {}] });
    const exchange = site.ask();
    site.server(0).last.receiver.onAbort(fault(NONE));
    site.server(1).last.receiver.onAbort(fault(TIMEOUT));
    assert.equal(exchange.status, 504);
    assert.equal(exchange.fault?.kind, TIMEOUT);
    const next = site.ask();
    assert.equal(next.status, 502);
    assert.equal(next.fault?.kind.code, 'upstream-none');
    assert.equal(site.active, 0);
  });

  test('no more of them are asked than tries allows, nor behind the timeout', () => {
    const limited = new ProxySite({
      peers: [{}, {}, {}],
      route: { nextUpstream: { conditions: ['error'], tries: 2, timeout: 0 } },
    });
    limited.ask();
    limited.server(0).last.receiver.onAbort(fault(NONE));
    limited.server(1).last.receiver.onAbort(fault(NONE));
    assert.equal(limited.server(2).calls.length, 0);
    for (const [elapsed, again] of [
      [999, 1],
      [1000, 0],
    ] as const) {
      const timed = new ProxySite({
        peers: [{}, {}],
        route: { nextUpstream: { conditions: ['error'], tries: 0, timeout: 1000 } },
      });
      timed.ask();
      timed.site.clock.advance(elapsed);
      timed.server(0).last.receiver.onAbort(fault(NONE));
      assert.equal(timed.server(1).calls.length, again);
    }
  });

  test('in the middle of the answer cuts the client off, and nobody else is asked', () => {
    const site = new ProxySite({ peers: [{}, {}] });
    const exchange = site.ask();
    site.server(0).last.receiver.onHead(200, '', NO_FIELDS, 10);
    site.server(0).last.receiver.onAbort(fault(CALL_FAULTS['call-cut']));
    assert.equal(exchange.resetBy?.kind.code, 'call-cut');
    assert.equal(site.server(1).calls.length, 0);
    assert.equal(site.active, 0);
  });

  test('is put aside, and asked again when its time is over', () => {
    const site = new ProxySite({ peers: [{}, { backup: true }] });
    site.ask();
    site.server(0).last.receiver.onAbort(fault(NONE));
    site.ask();
    assert.equal(site.server(0).calls.length, 1);
    assert.equal(site.server(1).calls.length, 2);
    site.site.clock.advance(10_001);
    site.ask();
    assert.equal(site.server(0).calls.length, 2);
    site.server(0).last.answer(200);
    assert.equal(site.peers[0]?.fails, 0, 'its answer makes up for the failure');
  });

  for (const [status, condition, counts] of [
    [503, 'http-503', true],
    [404, 'http-404', false],
  ] as const) {
    test(`by a ${status} is passed over if asked for, and the last ${status} passed on`, () => {
      const nextUpstream = { conditions: [condition], tries: 0, timeout: 0 };
      const site = new ProxySite({ peers: [{}, {}], route: { nextUpstream } });
      const exchange = site.ask();
      site.server(0).last.receiver.onHead(status, '', NO_FIELDS, 2);
      assert.notEqual(site.server(0).last.aborted, null);
      site.server(1).last.answer(status, 'no');
      assert.equal(exchange.status, status);
      assert.equal(exchange.text, 'no');
      assert.equal(site.peers[0]?.fails, counts ? 1 : 0);
      assert.equal(site.active, 0);
      const whole = new ProxySite({ peers: [{}, {}], route: { nextUpstream } });
      const last = whole.ask();
      whole.server(0).last.answerWhole(status, 'not this');
      whole.server(1).last.answerWhole(status, 'no');
      assert.equal(last.status, status);
      assert.equal(last.text, 'no');
      assert.equal(whole.active, 0);
      const plain = new ProxySite({ peers: [{}, {}] });
      const passed = plain.ask();
      plain.server(0).last.answer(status, 'no');
      assert.equal(passed.status, status);
    });
  }
});

describe('a client that leaves', () => {
  for (const moment of ['before the answer', 'in the middle of it'] as const) {
    test(`${moment} takes its request to the server with it, once`, () => {
      const site = new ProxySite({ peers: [{}, {}] });
      const exchange = site.ask();
      const call = site.server(0).last;
      if (moment !== 'before the answer') call.receiver.onHead(200, '', NO_FIELDS, 10);
      exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'response'));
      assert.equal(call.aborted?.kind, EXCHANGE_FAULTS['client-left']);
      assert.equal(site.server(1).calls.length, 0);
      assert.equal(site.active, 0);
    });
  }

  test('by ending its side before the answer is 499, and within the answer gets the rest', () => {
    const site = new ProxySite();
    const early = site.ask();
    early.takeHalfClose();
    assert.equal(early.status, 499);
    assert.notEqual(site.server(0).last.aborted, null);
    const late = site.ask();
    site.server(0).last.receiver.onHead(200, '', NO_FIELDS, 2);
    late.takeHalfClose();
    site.server(0).last.receiver.onData(Buffer.from('hi'), 0, 2);
    site.server(0).last.receiver.onEnd(null);
    assert.equal(late.text, 'hi');
    assert.equal(site.active, 0);
  });
});

test('a session goes to its own server', () => {
  const site = new ProxySite({ peers: [{ route: 'a' }, { route: 'b' }], sticky: 'S' });
  for (let i = 0; i < 5; i++) site.ask({ fields: Fields.of(['Cookie', 'S=x.b']) });
  site.ask({ target: '/p;s=y.b' });
  assert.equal(site.server(1).calls.length, 6);
});

test('trusted hops are believed', () => {
  const site = new ProxySite({
    route: { trustedProxies: [{ address: '10.0.0.0', bits: 8, family: 4 }] },
  });
  const fields = Fields.of(['X-Forwarded-For', '192.0.2.1']);
  site.ask(new MemoryExchange({ fields }, memoryConnection({ remoteAddress: '10.0.0.1' })));
  const { request } = site.server(0).last;
  assert.equal(request.fields.getByName('x-forwarded-for'), '192.0.2.1, 10.0.0.1');
});
