import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NEVER, Secret } from '../../base/index.ts';
import { Fields, NO_FIELDS, UNKNOWN_LENGTH } from '../../http/message/index.ts';
import type { Recorder } from '../../../test/conformance/recorder.ts';
import {
  AjpServerBench,
  asked,
  bodySent,
  hello,
  packetOf,
} from '../../../test/support/ajp-server-bench.ts';
import { CPING, CPONG, endResponse, LAST_BODY_PACKET } from './response-messages.ts';

/** Most bytes of an answer in a packet of 8 KiB. */
const MOST_DOWN = 8184;

describe('a request', () => {
  test('is answered in packets, and the next one on the same connection', () => {
    const bench = asked({ attributes: { query: 'q=1' } }, { act: hello });
    const { request } = bench.last.exchange;
    assert.deepEqual(
      [request.method, request.target, request.path, request.query, request.version],
      ['GET', '/a?q=1', '/a', 'q=1', 11],
    );
    assert.deepEqual([request.host?.name, request.authority], ['x.test', 'x.test']);
    const [head, text, end] = bench.told();
    assert.ok(typeof head === 'object' && head.type === 'headers');
    assert.deepEqual([head.status, head.reason], [200, 'OK']);
    assert.deepEqual([...head.fields.entries()], [['Content-Length', '5']]);
    assert.deepEqual([text, end], ['hello', { type: 'end', reuse: true }]);
    bench.ask({ uri: '/b' });
    assert.equal(bench.last.exchange.request.path, '/b');
    assert.equal(bench.last.exchange.connection.requests, 2);
    assert.equal(bench.told().length, 3);
    assert.equal(bench.budget.held, 0);
    assert.deepEqual(
      bench.recorders.map(({ finishes }) => finishes),
      [1, 1],
    );
  });

  test('is the same however it is cut', () => {
    const text = CPING + packetOf({}) + packetOf({ uri: '/b' });
    for (let at = 1; at < text.length; at++) {
      const bench = new AjpServerBench({ act: hello });
      bench.comes(text.slice(0, at));
      bench.comes(text.slice(at));
      // The second is not looked at before the answer to the first is taken.
      assert.ok(bench.sent().startsWith(CPONG), `cut at ${at}`);
      assert.deepEqual(
        bench.recorders.map(({ exchange }) => exchange.request.path),
        ['/a', '/b'],
      );
      assert.equal(bench.budget.held, 0);
    }
  });

  test('tells who has asked, and where', () => {
    const named = [
      ['AJP_REMOTE_PORT', '4711'],
      ['AJP_LOCAL_ADDR', '198.51.100.1'],
      ['AJP_SSL_PROTOCOL', 'TLSv1.3'],
      ['JK_LB_ACTIVATION', 'ACT'],
    ] as const;
    const { exchange } = asked({ secure: true, serverPort: 8443, named }, { act: hello }).last;
    const { remoteAddress, remotePort, localAddress, localPort, secure } = exchange.connection;
    assert.deepEqual(
      [remoteAddress, remotePort, localAddress, localPort, secure],
      ['192.0.2.7', 4711, '198.51.100.1', 8443, true],
    );
  });

  for (const [port, told] of [
    ['65535', 65_535],
    ['65536', 0],
    ['-1', 0],
    ['x', 0],
    ['', 0],
  ] as const) {
    test(`from port "${port}" is from port ${told}`, () => {
      const { exchange } = asked({ named: [['AJP_REMOTE_PORT', port]] }, { act: hello }).last;
      assert.equal(exchange.connection.remotePort, told);
    });
  }

  for (const [what, request, authority, name, port] of [
    ['a Host', { fields: Fields.of(['Host', 'Y.test:81']) }, 'Y.test:81', 'y.test', 81],
    ['no Host', { fields: NO_FIELDS }, 'x.test', 'x.test', -1],
    ['no Host and a port', { fields: NO_FIELDS, serverPort: 81 }, 'x.test:81', 'x.test', 81],
    [
      'no Host, and TLS',
      { fields: NO_FIELDS, serverPort: 443, secure: true },
      'x.test',
      'x.test',
      -1,
    ],
    ['no name at all', { fields: NO_FIELDS, serverName: null }, '', undefined, undefined],
    ['an empty Host', { fields: Fields.of(['Host', '']) }, '', undefined, undefined],
  ] as const) {
    test(`with ${what} is for the host "${authority}"`, () => {
      const { request: head } = asked(request, { act: hello }).last.exchange;
      assert.deepEqual([head.authority, head.host?.name, head.host?.port], [authority, name, port]);
    });
  }

  for (const [protocol, version] of [
    ['HTTP/1.0', 10],
    ['HTTP/1.1', 11],
    ['HTTP/2.0', 20],
    ['HTTP/2', 20],
  ] as const) {
    test(`of ${protocol} is one of version ${version}`, () => {
      assert.equal(asked({ protocol }, { act: hello }).last.exchange.request.version, version);
    });
  }

  for (const [what, request] of [
    ['a blank in its query', { attributes: { query: 'a b' } }],
    ['a fragment in its query', { attributes: { query: 'a#b' } }],
    ['a tab in its query', { attributes: { query: 'a\tb' } }],
    ['an absolute target', { uri: 'http://y.test/a' }],
    ['a target that is none', { uri: 'a' }],
    ['an asterisk for GET', { uri: '*' }],
    ['CONNECT', { method: 'CONNECT', uri: 'y.test:443' }],
    ['a protocol that is none', { protocol: 'HTTP/x' }],
    ['another protocol', { protocol: 'ICY/1.0' }],
    ['two Hosts', { fields: Fields.of(['Host', 'a'], ['Host', 'a']) }],
    ['a Host that is none', { fields: Fields.of(['Host', 'a b']) }],
    ['a Host with a path', { fields: Fields.of(['Host', 'a/b']) }],
    ['a server that is no host', { fields: NO_FIELDS, serverName: 'a@b' }],
    ['a length that is no number', { fields: Fields.of(['Host', 'a'], ['Content-Length', '+1']) }],
    ['a negative length', { fields: Fields.of(['Host', 'a'], ['Content-Length', '-1']) }],
    ['an unknown coding', { fields: Fields.of(['Host', 'a'], ['Transfer-Encoding', 'gzip']) }],
  ] as const) {
    test(`with ${what} is refused with 400`, () => {
      const bench = asked(request, { act: hello });
      assert.equal(bench.last.exchange.refusal?.kind.code, 'ajp-request-malformed');
      const [head, , end] = bench.told();
      assert.ok(typeof head === 'object' && head.type === 'headers' && head.status === 400);
      assert.deepEqual(end, { type: 'end', reuse: false });
      assert.equal(bench.ended, 'lingers');
    });
  }

  for (const [what, bytes, code] of [
    ['HTTP', 'GET / HTTP/1.1\r\n\r\n', 'ajp-request-packet'],
    ['TLS', '\x16\x03\x01\0\x05', 'ajp-request-packet'],
    ['packets of a container', CPONG, 'ajp-request-packet'],
    ['a packet of one byte more than was agreed', '\x12\x34\x1f\xfd', 'ajp-request-packet'],
    ['an empty packet', LAST_BODY_PACKET, 'ajp-request-unexpected'],
    [
      'an empty packet in front of CPING',
      LAST_BODY_PACKET + CPING.slice(4),
      'ajp-request-unexpected',
    ],
    ['a body that nobody asked for', bodySent('abc'), 'ajp-request-unexpected'],
    ['an order to shut down', '\x12\x34\0\x01\x07', 'ajp-request-unexpected'],
    ['the ping of old', '\x12\x34\0\x01\x08', 'ajp-request-unexpected'],
    ['CPING with more in it', '\x12\x34\0\x02\x0a\0', 'ajp-request-malformed'],
    ['a request that is cut', '\x12\x34\0\x03\x02\x02\0', 'ajp-request-malformed'],
  ] as const) {
    test(`that is ${what} is refused, and the connection with it`, () => {
      for (const byBytes of [false, true]) {
        const bench = new AjpServerBench({ act: hello });
        if (byBytes) for (const byte of bytes) bench.comes(byte);
        else bench.comes(bytes);
        assert.equal(bench.last.exchange.refusal?.kind.code, code);
        assert.equal(bench.recorders.length, 1);
        bench.sent();
        assert.equal(bench.ended, 'lingers');
        assert.deepEqual(bench.defects, []);
        assert.equal(bench.budget.held, 0);
      }
    });
  }

  for (const packetSize of [8192, 65_536]) {
    test(`of ${packetSize} bytes is one, where packets may be so large`, () => {
      const { length } = packetOf({ fields: Fields.of(['Host', 'x'], ['X', '']) });
      const fields = Fields.of(['Host', 'x'], ['X', 'x'.repeat(packetSize - length)]);
      const bench = new AjpServerBench({ act: hello, settings: { packetSize } });
      bench.comes(packetOf({ fields }, packetSize));
      assert.equal(bench.last.exchange.refusal, null);
    });
  }

  test('that does not come to its end is given up', () => {
    const bench = new AjpServerBench({ act: hello });
    bench.comes(packetOf({}).slice(0, 20));
    bench.pass(999);
    assert.deepEqual(bench.recorders, []);
    bench.pass(1);
    assert.equal(bench.last.exchange.refusal?.kind.code, 'ajp-request-head-timeout');
  });
});

describe('a secret', () => {
  for (const said of [undefined, '', 'between u', 'between us ', 'Between us']) {
    test(`that is ${said === undefined ? 'not said' : JSON.stringify(said)} gets 403, and its body is not read`, () => {
      const attributes = said === undefined ? {} : { secret: said };
      const fields = Fields.of(['Host', 'x.test'], ['Content-Length', '3']);
      const bench = asked(
        { method: 'POST', attributes, fields },
        { act: hello, secret: 'between us' },
      );
      const { exchange } = bench.last;
      assert.equal(exchange.refusal?.kind.code, 'ajp-secret');
      assert.equal(exchange.status, 403);
      assert.equal(exchange.request.contentLength, 0);
      assert.ok(!JSON.stringify([exchange.refusal.message, exchange.request]).includes('etween'));
      bench.comes(bodySent('abc'));
      bench.ask({ attributes: { secret: 'between us' } });
      assert.equal(bench.recorders.length, 1);
      bench.sent();
      assert.equal(bench.ended, 'lingers');
    });
  }

  test('that is right lets the request pass, each one for itself', () => {
    const bench = asked({ attributes: { secret: 's' } }, { act: hello, secret: 's' });
    const refusal = (): string | null => bench.last.exchange.refusal?.kind.code ?? null;
    assert.equal(refusal(), null);
    bench.told();
    bench.ask();
    assert.equal(refusal(), 'ajp-secret');
  });

  test('is that of now, also on a connection of before', () => {
    let now = new Secret('old');
    const settings = {
      get secret() {
        return now;
      },
    };
    const bench = new AjpServerBench({ act: hello });
    const changing = new AjpServerBench({ act: hello, settings });
    bench.ask({ attributes: { secret: 'anything' } });
    assert.equal(bench.last.exchange.status, 200);
    changing.ask({ attributes: { secret: 'old' } });
    changing.sent();
    assert.equal(changing.last.exchange.status, 200);
    now = new Secret('new');
    changing.ask({ attributes: { secret: 'old' } });
    assert.equal(changing.last.exchange.status, 403);
  });

  test('that is wrong lets nobody say who has asked', () => {
    const bench = asked({ remoteAddress: '8.8.8.8' }, { act: hello, secret: 's' });
    const { exchange } = bench.last;
    assert.notEqual(exchange.connection.remoteAddress, '8.8.8.8');
    assert.equal(exchange.request.target, '/a');
    assert.equal(exchange.refusal?.kind.level, 'error');
  });

  test('is no matter to a ping', () => {
    const bench = new AjpServerBench({ secret: 's' });
    bench.comes(CPING);
    assert.equal(bench.sent(), CPONG);
  });
});

describe('an attribute', () => {
  for (const name of [
    'javax.servlet.include.request_uri',
    'jakarta.servlet.include.path_info',
    'extra',
    'AJP_remote_port',
  ]) {
    test(`${name} gets 403`, () => {
      const bench = asked({ named: [[name, '/WEB-INF/web.xml']] }, { act: hello });
      assert.equal(bench.last.exchange.refusal?.kind.code, 'ajp-attribute');
      assert.equal(bench.last.exchange.status, 403);
    });
  }
});

describe('an answer', () => {
  for (const size of [0, 1, MOST_DOWN, MOST_DOWN + 1, 3 * MOST_DOWN]) {
    for (const kind of ['text', 'bytes', 'pieces'] as const) {
      test(`of ${size} bytes (${kind}) is cut into packets`, () => {
        const text = Array.from({ length: size }, (_, at) => String.fromCharCode(at % 251)).join(
          '',
        );
        const bench = asked(
          {},
          {
            act: ({ exchange }) => {
              const bytes = Buffer.from(`<${text}>`, 'latin1');
              if (kind === 'text') exchange.send(200, NO_FIELDS, text);
              else if (kind === 'bytes') exchange.send(200, NO_FIELDS, bytes.subarray(1, size + 1));
              else {
                exchange.respond(200, NO_FIELDS, UNKNOWN_LENGTH);
                exchange.write(bytes, 1, size + 1);
                exchange.end(null);
              }
            },
          },
        );
        const [head, ...pieces] = bench.told();
        assert.deepEqual(pieces.pop(), { type: 'end', reuse: true });
        assert.ok(typeof head === 'object' && head.type === 'headers');
        assert.equal(head.fields.getByName('content-length'), kind === 'pieces' ? null : `${size}`);
        assert.ok(pieces.every((piece) => typeof piece === 'string'));
        assert.ok(pieces.join('') === text);
        assert.equal(pieces.length, Math.ceil(size / MOST_DOWN));
      });
    }
  }

  for (const [method, status, length] of [
    ['GET', 204, null],
    ['GET', 304, null],
    ['HEAD', 200, '5'],
    ['GET', 200, '5'],
  ] as const) {
    test(`${status} to ${method} tells ${length ?? 'no'} length`, () => {
      const act = ({ exchange }: Recorder): void => {
        exchange.send(status, NO_FIELDS, 'hello');
      };
      const [head, ...rest] = asked({ method }, { act }).told();
      assert.ok(typeof head === 'object' && head.type === 'headers');
      assert.equal(head.fields.getByName('content-length'), length);
      assert.equal(rest.length, method === 'GET' && status === 200 ? 2 : 1);
    });
  }

  test('is not begun while those before it are not taken', () => {
    const big = 'x'.repeat(100_000);
    const bench = new AjpServerBench({ act: ({ exchange }) => exchange.send(200, NO_FIELDS, big) });
    bench.wire.reading = false;
    bench.comes(packetOf({}).repeat(3));
    assert.equal(bench.recorders.length, 1);
    bench.wire.reading = true;
    bench.sent();
    bench.sent();
    bench.sent();
    assert.equal(bench.recorders.length, 3);
  });

  test('keeps its reason, and has that of its status otherwise', () => {
    for (const [reason, told] of [
      ['Fine', 'Fine'],
      ['', 'Not Found'],
    ] as const) {
      const bench = asked(
        {},
        { act: ({ exchange }) => exchange.send(404, NO_FIELDS, null, reason) },
      );
      const [head] = bench.told();
      assert.ok(typeof head === 'object' && head.type === 'headers');
      assert.equal(head.reason, told);
    }
  });

  test('whose head does not fit is 500 and empty, and the connection is used again', () => {
    for (const whole of [true, false]) {
      const fields = Fields.of(['X', 'x'.repeat(8192)]);
      const bench = asked(
        {},
        {
          act: ({ exchange }) => {
            if (whole) {
              exchange.send(200, fields, 'hello');
              return;
            }
            exchange.respond(200, fields, 5);
            exchange.write(Buffer.from('hello'), 0, 5);
            exchange.end(null);
          },
        },
      );
      const [head, end, ...more] = bench.told();
      assert.ok(typeof head === 'object' && head.type === 'headers');
      assert.deepEqual([head.status, head.fields.getByName('content-length')], [500, '0']);
      assert.deepEqual([end, more], [{ type: 'end', reuse: true }, []]);
      const { exchange } = bench.last;
      assert.equal(exchange.status, 500);
      assert.equal(exchange.fault?.kind.code, 'ajp-answer-too-large');
    }
  });

  test('that is cut off has no end, and the connection goes', () => {
    const bench = asked({});
    const { exchange } = bench.last;
    exchange.respond(200, NO_FIELDS, 5);
    exchange.write(Buffer.from('hell'), 0, 4);
    exchange.end(null);
    assert.equal(bench.ended, 'destroyed');
  });

  test('of a connection that winds down is its last, with its end in order', () => {
    const bench = asked({});
    bench.connection.windDown();
    assert.equal(bench.ended, 'open');
    hello(bench.last);
    assert.ok(bench.sent().endsWith(endResponse(false)));
    assert.equal(bench.ended, 'closed');
  });
});

describe('a connection', () => {
  test('that is idle is kept as long as is said, or for ever', () => {
    const bench = asked({}, { act: hello });
    bench.sent();
    bench.pass(4999);
    assert.equal(bench.ended, 'open');
    bench.pass(1);
    assert.equal(bench.ended, 'closed');
    const kept = asked({}, { act: hello, settings: { keepAliveTimeout: NEVER } });
    kept.sent();
    assert.equal(kept.connection.deadline, NEVER);
  });

  test('is idle as long behind a ping, however that is cut', () => {
    for (const served of [true, false])
      for (const cut of [0, 2, 5]) {
        const bench = new AjpServerBench({ act: hello, settings: { keepAliveTimeout: NEVER } });
        if (served) bench.ask();
        bench.sent();
        bench.pass(served ? 5000 : 500);
        bench.comes(CPING.slice(0, cut));
        bench.comes(CPING.slice(cut));
        assert.equal(bench.sent(), CPONG);
        bench.pass(served ? 100_000 : 400);
        assert.equal(bench.ended, 'open');
        const began = bench.clock.monotonic();
        bench.ask();
        assert.equal(bench.last.exchange.startedAt, began);
      }
    const idler = new AjpServerBench({ settings: { keepAliveTimeout: NEVER } });
    idler.comes(CPING);
    idler.sent();
    idler.pass(1000);
    assert.equal(idler.ended, 'closed', 'a ping alone shows nothing');
  });

  test('on which nothing comes at all has the time of a head', () => {
    const bench = new AjpServerBench({ settings: { keepAliveTimeout: NEVER } });
    bench.pass(1000);
    assert.equal(bench.ended, 'closed');
  });

  test('that retires is closed when it is idle, and behind its answer otherwise', () => {
    const idle = asked({}, { act: hello });
    idle.sent();
    idle.connection.retire();
    assert.equal(idle.ended, 'closed');
    const busy = asked({});
    busy.connection.retire();
    assert.equal(busy.ended, 'open');
    hello(busy.last);
    assert.ok(busy.sent().endsWith(endResponse(false)));
    assert.equal(busy.ended, 'closed');
  });

  test('whose web server takes nothing is given up', () => {
    const bench = asked({});
    bench.wire.reading = false;
    bench.last.exchange.respond(200, NO_FIELDS, UNKNOWN_LENGTH);
    bench.last.exchange.write(Buffer.alloc(100_000), 0, 100_000);
    bench.wire.turn();
    bench.pass(1000);
    assert.equal(bench.last.exchange.fault?.kind.code, 'ajp-send-timeout');
    assert.equal(bench.ended, 'destroyed');
  });
});
