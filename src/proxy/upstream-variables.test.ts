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
import { type Context, NEXT, Variables } from '../pipeline/index.ts';
import { handler, says } from '../../test/support/memory-site.ts';
import { type ProxySetting, ProxySite } from '../../test/support/proxy-site.ts';
import type { ScriptedCall } from '../../test/support/scripted-transport.ts';
import type { ProxyRouteModel } from './options.ts';
import { upstreamVariables } from './upstream-variables.ts';

const REFUSED = DIAL_FAULTS['dial-refused'];
const SLOW = CALL_FAULTS['call-read-timeout'];
const ON_503: ProxyRouteModel['nextUpstream'] = {
  conditions: ['http-503', 'error'],
  tries: 0,
  timeout: 0,
};
const CUT = CALL_FAULTS['call-cut'];

/** One line that shows all of it: address, status, the three times, length, bytes. */
const FORMAT =
  '$upstream_addr|$upstream_status|$upstream_connect_time|$upstream_header_time|$upstream_response_time|$upstream_response_length|$upstream_bytes_received';

class TracedSite extends ProxySite {
  constructor(setting: ProxySetting = {}) {
    super({ format: FORMAT, ...setting });
  }

  get line(): string {
    assert.equal(this.site.accessLines.length, 1);
    return this.site.accessLines[0]?.trimEnd() ?? '';
  }

  /** The server refuses, or breaks off, after some milliseconds. */
  fails(server: number, kind: FaultKind, milliseconds: number): void {
    this.site.clock.advance(milliseconds);
    this.server(server).last.receiver.onAbort(new Fault(kind, 'upstream-head'));
  }

  /** A server connects after 2 ms and answers 10 ms later. */
  connects(server: number): ScriptedCall {
    this.site.clock.advance(2);
    const call = this.server(server).last;
    call.receiver.onConnected?.();
    call.sent = 'head';
    this.site.clock.advance(10);
    return call;
  }
}

describe('the try of a request', () => {
  test('shows when its connection stood, its head and its end came, and how much came', () => {
    const site = new TracedSite();
    site.ask();
    const call = site.connects(0);
    call.receiver.onHead(201, '', NO_FIELDS, UNKNOWN_LENGTH);
    call.receiver.onData(Buffer.from('<hello>'), 1, 6);
    call.receiver.onData(Buffer.from('!'), 0, 1);
    site.site.clock.advance(1000);
    call.received = 77;
    call.receiver.onEnd(null);
    assert.equal(site.line, 'one.test:80|201|0.002|0.012|1.012|6|77');
  });

  test('on a connection that was open already took no time to connect', () => {
    const site = new TracedSite();
    site.ask();
    site.site.clock.advance(7);
    site.server(0).last.received = 50;
    site.server(0).last.answerWhole(200, 'hello');
    assert.equal(site.line, 'one.test:80|200|0.000|0.007|0.007|5|50');
  });

  for (const [what, kind, sent, line] of [
    ['that is refused is 502 without a connection', REFUSED, 'nothing', '502|-|-|0.009|0|0'],
    [
      'that is too slow to connect is 504',
      DIAL_FAULTS['dial-timeout'],
      'nothing',
      '504|-|-|0.009|0|0',
    ],
    ['that finds the server full is 502', DIAL_FAULTS['dial-full'], 'nothing', '502|-|-|0.009|0|0'],
    ['that gets no answer in time is 504', SLOW, 'head', '504|0.000|-|0.009|0|0'],
    ['that is cut off is 502', CUT, 'head', '502|0.000|-|0.009|0|0'],
    [
      'whose answer is broken is 502',
      H1_RESPONSE_FAULTS['h1-response-head'],
      'head',
      '502|0.000|-|0.009|0|0',
    ],
    ['that we broke has no status', CALL_FAULTS['call-length'], 'head', '-|0.000|-|0.009|0|0'],
  ] as const) {
    test(what, () => {
      const site = new TracedSite({
        route: { nextUpstream: { conditions: [], tries: 0, timeout: 0 } },
      });
      site.ask();
      site.server(0).last.sent = sent;
      site.fails(0, kind, 9);
      assert.equal(site.line, `one.test:80|${line}`);
    });
  }

  test('that breaks off in the middle keeps the status of its head', () => {
    const site = new TracedSite();
    site.ask();
    const call = site.connects(0);
    call.receiver.onHead(200, '', NO_FIELDS, 10);
    call.receiver.onData(Buffer.from('abc'), 0, 3);
    site.fails(0, CUT, 1);
    assert.equal(site.line, 'one.test:80|200|0.002|0.012|0.013|3|0');
  });

  test('that the client does not wait for has a time and no status', () => {
    const site = new TracedSite();
    const exchange = site.ask();
    site.site.clock.advance(5);
    exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'upstream-head'));
    assert.equal(site.line, 'one.test:80|-|-|-|0.005|0|0');
  });

  test('that could not be begun is there without a status', () => {
    const site = new TracedSite();
    site.server(0).open = () => {
      throw new TypeError('no such target');
    };
    site.ask();
    assert.equal(site.line, 'one.test:80|-|-|-|0.000|0|0');
  });

  test('is told to the header filters as far as it has come', () => {
    const seen: (string | null)[] = [];
    const filter = {
      name: 'look',
      filter: (context: Context, _status: number, fields: Fields): Fields => {
        for (const name of ['upstream_addr', 'upstream_header_time', 'upstream_response_time']) {
          const variable = site.site.variables.find(name);
          assert.ok('value' in variable);
          seen.push(variable.value.read(context));
        }
        return fields;
      },
    };
    const site = new TracedSite({ location: { headerFilters: [filter] } });
    site.ask();
    site.connects(0).answer(200, 'hi');
    assert.deepEqual(seen, ['one.test:80', '0.012', '-']);
  });
});

describe('several tries', () => {
  test('stand side by side, each with its own time', () => {
    const site = new TracedSite({ peers: [{}, {}, {}] });
    site.ask();
    site.fails(0, REFUSED, 1);
    site.fails(1, SLOW, 2000);
    site.connects(2).answer(200, 'hi');
    assert.equal(
      site.line,
      'one.test:80, two.test:80, three.test:80|502, 504, 200|-, -, 0.002|-, -, 0.012|0.001, 2.000, 0.012|0, 0, 2|0, 0, 0',
    );
  });

  test('show the status that was passed over, and nothing of its body', () => {
    for (const whole of [false, true]) {
      const site = new TracedSite({ peers: [{}, {}], route: { nextUpstream: ON_503 } });
      site.ask();
      const call = site.connects(0);
      if (whole) call.answerWhole(503, 'no');
      else call.answer(503, 'no');
      site.connects(1).answerWhole(200, 'hi');
      assert.equal(
        site.line,
        'one.test:80, two.test:80|503, 200|0.002, 0.002|0.012, 0.012|0.012, 0.012|0, 2|0, 0',
      );
    }
  });

  test('of a request that has no server left end with the name of the upstream', () => {
    const site = new TracedSite({ peers: [{}, { down: true }] });
    site.ask();
    site.fails(0, REFUSED, 1);
    assert.equal(site.line, 'one.test:80|502|-|-|0.001|0|0', 'a server that is down is no try');
    const aside = new TracedSite({ peers: [{}, {}] });
    const first = aside.ask();
    const second = aside.ask();
    aside.fails(1, REFUSED, 1);
    aside.server(0).calls[1]?.receiver.onAbort(new Fault(REFUSED, 'connect'));
    assert.equal(second.status, 502);
    assert.match(aside.line, /^two\.test:80, one\.test:80\|502, 502\|/);
    aside.site.accessLines.length = 0;
    aside.server(0).calls[0]?.receiver.onAbort(new Fault(REFUSED, 'connect'));
    assert.equal(first.status, 502);
    assert.equal(aside.line, 'one.test:80, shop|502, 502|-, -|-, -|0.001, 0.000|0, 0|0, 0');
  });

  test('of a request that never had a server are the name of the upstream alone', () => {
    const site = new TracedSite({ peers: [{ down: true }, { down: true }] });
    assert.equal(site.ask().status, 502);
    assert.equal(site.line, 'shop|502|-|-|0.000|0|0');
  });

  test('are parted by a colon where an internal redirect lies between them', () => {
    const site = new TracedSite({
      peers: [{ maxFails: 0 }, { maxFails: 0 }],
      location: { errorPages: new Map([[504, { path: '/page', status: 0 }]]) },
    });
    site.ask();
    site.fails(0, REFUSED, 1);
    site.fails(1, SLOW, 1);
    site.server(1).last.answerWhole(200, 'page');
    assert.match(site.line, /^one\.test:80, two\.test:80 : two\.test:80\|502, 504 : 200\|/);
  });
});

test('a request that another handler answered has none of it', () => {
  const site = new TracedSite({ before: says('hi') });
  assert.equal(site.ask().status, 200);
  assert.equal(site.line, '-|-|-|-|-|-|-');
});

describe('the fields of an answer', () => {
  const format =
    '$upstream_http_server|$upstream_http_x_accel_redirect|$upstream_http_x_two|$upstream_http_none';
  const fields = (): Fields =>
    Fields.of(['Server', 'inner'], ['X-Accel-Redirect', '/s'], ['X-Two', 'a'], ['x-two', 'b']);

  test('are there as the server sent them, though the client does not get them all', () => {
    for (const how of ['answer', 'answerWhole'] as const) {
      const site = new ProxySite({ format });
      const exchange = site.ask();
      if (how === 'answer') site.server(0).last.answer(200, 'hi', fields());
      else site.server(0).last.answerWhole(200, 'hi', fields());
      assert.deepEqual(site.site.accessLines, ['inner|/s|a, b|-\n'], how);
      assert.equal(exchange.sentFields.getByName('server'), null);
      assert.equal(exchange.sentFields.getByName('x-two'), 'a');
    }
  });

  test('are those of the last server: one that failed sent none', () => {
    const site = new ProxySite({ format, peers: [{}, {}], route: { nextUpstream: ON_503 } });
    site.ask();
    site.server(0).last.answerWhole(503, 'no', fields());
    site.server(1).last.receiver.onAbort(new Fault(REFUSED, 'connect'));
    assert.deepEqual(site.site.accessLines, ['-|-|-|-\n']);
  });
});

describe('what is recorded', () => {
  const contextOf = (format: string): Context => {
    const contexts: Context[] = [];
    const keep = handler('keep', (context) => {
      contexts.push(context);
      return NEXT;
    });
    const site = new ProxySite({ format, before: keep });
    site.ask();
    site.server(0).last.answerWhole(200, 'hi', Fields.of(['Server', 'x']));
    const [context] = contexts;
    assert.ok(context !== undefined);
    return context;
  };

  test('is nothing where no text of the configuration uses any of the variables', () => {
    assert.equal(contextOf('$status $http_host').tries, null);
  });

  test('are no fields where only the others are used', () => {
    assert.equal(contextOf('$upstream_addr').tries?.[0]?.fields, null);
    assert.equal(contextOf('$upstream_http_a').tries?.[0]?.fields?.getByName('server'), 'x');
  });

  test('is decided by looking a name up, not by defining it', () => {
    const { definitions, families, wants } = upstreamVariables();
    const variables = new Variables(definitions, families);
    assert.ok('message' in variables.find('upstream_adr'));
    assert.deepEqual(wants, { tries: false, fields: false });
    variables.find('upstream_status');
    assert.deepEqual(wants, { tries: true, fields: false });
    variables.find('upstream_http_server');
    assert.deepEqual(wants, { tries: true, fields: true });
  });
});
