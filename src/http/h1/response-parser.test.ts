import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertSees, feed, singleBytes } from '../../../test/support/feed.ts';
import type { Subject, Trailing } from '../../../test/support/feed.ts';
import { DEFAULT_H1_LIMITS } from './limits.ts';
import { EVENT } from './message-parser.ts';
import { ResponseParser } from './response-parser.ts';

const BAD_HEAD = 'refused h1-response-head 502';
const FRAMING = 'refused h1-response-framing 502';
const CHUNK = 'refused h1-response-chunk 502';
const UNASKED = 'refused call-unasked 502';
const LENGTH_0 = 'Content-Length: 0\r\n\r\n';

// The head line is the status and the announced length.
function answering(
  method: string,
  options: {
    readonly upgrade?: boolean;
    readonly lenient?: boolean;
    readonly head?: (parser: ResponseParser) => string;
  } = {},
): Subject<ResponseParser> {
  return {
    make: () => {
      const parser = new ResponseParser(DEFAULT_H1_LIMITS, options.lenient ?? false);
      parser.expect(method, options.upgrade ?? false);
      return parser;
    },
    head: options.head ?? ((parser) => `${parser.status} ${parser.length}`),
  };
}

const get = answering('GET');
const TRAILING: readonly Trailing[] = [
  { bytes: `HTTP/1.1 200 OK\r\n${LENGTH_0}`, sees: ['head 200 0', 'end'] },
  { bytes: '\0', sees: [BAD_HEAD] },
];

function response(start: string, ...fields: readonly string[]): string {
  return `${start}\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
}

function ok(...fields: readonly string[]): string {
  return response('HTTP/1.1 200 OK', ...fields);
}

describe('status line', () => {
  const status = answering('GET', { head: (parser) => `${parser.status} ${parser.reason}` });
  const accepted: readonly (readonly [string, string])[] = [
    ['HTTP/1.1 200 OK', '200 OK'],
    ['HTTP/1.0 200 OK', '200 OK'],
    ['HTTP/1.9 200 OK', '200 OK'],
    ['HTTP/1.1 200 ', '200 '],
    ['HTTP/1.1 200', '200 '],
    ['HTTP/1.1 200  ', '200  '],
    ['HTTP/1.1 404 Not Found', '404 Not Found'],
    ['HTTP/1.1 200 \xe9t\xe9\t!', '200 \xe9t\xe9\t!'],
    ['HTTP/1.1 200 200', '200 200'],
    ['HTTP/1.1 599 x', '599 x'],
    ['HTTP/1.1 999 x', '999 x'],
  ];
  for (const [start, sees] of accepted) {
    test(`${JSON.stringify(start)} is ${JSON.stringify(sees)}`, () => {
      assertSees(status, `${start}\r\n${LENGTH_0}`, [`head ${sees}`, 'end']);
    });
  }
  const refused = [
    'HTTP/1.1  200 OK',
    'HTTP/1.1\t200 OK',
    'HTTP/1.1 200\tOK',
    ' HTTP/1.1 200 OK',
    'HTTP/1.1 20 OK',
    'HTTP/1.1 2',
    'HTTP/1.1 20',
    'HTTP/1.1 ',
    'HTTP/1.1',
    'HTTP/1.1 2000 OK',
    'HTTP/1.1 099 OK',
    'HTTP/1.1 000 OK',
    'HTTP/1.1 +20 OK',
    'HTTP/1.1 -20 OK',
    'HTTP/1.1 2x0 OK',
    'HTTP/1.1 0x1 OK',
    'HTTP/1.1 20\xb2 OK',
    'HTTP/1.1 200-OK',
    'HTTP/1.1 200\xa0OK',
    'HTTP/1.1 OK',
    'HTTP/1.10 200 OK',
    'HTTP/2.0 200 OK',
    'HTTP/2 200',
    'HTTP/0.9 200 OK',
    'http/1.1 200 OK',
    'ICY 200 OK',
    'HTTP/1.1 200 O\0K',
    'HTTP/1.1 200 O\rK',
    'HTTP/1.1 200 O\x7fK',
    'HTTP/1.1 200 O\x1bK',
    'GET / HTTP/1.1',
    '<html>',
    '\x15\x03\x03\x00\x02\x02\x46',
    '\x00\x00\x12\x04\x00\x00\x00\x00\x00',
  ];
  for (const start of refused) {
    test(`${JSON.stringify(start)} is refused`, () => {
      assertSees(status, `${start}\r\n${LENGTH_0}`, [BAD_HEAD], [{ bytes: '\0', sees: [] }]);
    });
  }

  test('every status from 200 to 999 is read; 204 and 304 alone have no body', () => {
    for (let code = 200; code <= 999; code++) {
      const bytes = Buffer.from(`${response(`HTTP/1.1 ${code} x`, 'Content-Length: 1')}a`);
      const first = feed(get, bytes.subarray(0, -1), [])[0];
      assert.equal(first, `head ${code} ${code === 204 ? 0 : 1}`);
      const sees = feed(get, bytes, [])[1];
      assert.equal(sees, code === 204 || code === 304 ? 'end' : 'data a');
    }
  });
});

describe('field lines of a response', () => {
  const bad = [
    'X',
    'X : b',
    ': b',
    ' X: b',
    'X: b\r\n c',
    'X: b\0',
    'X: b\rc',
    'X: b\nY: c',
    'X\xa0: b',
    'Content-Length : 3',
  ];
  for (const field of bad) {
    test(`${JSON.stringify(field)} is refused`, () => {
      assertSees(get, ok(field, 'Content-Length: 0'), [BAD_HEAD], [{ bytes: '\0', sees: [] }]);
    });
  }

  test('LF alone is taken with lenient line ends only', () => {
    const bytes = 'HTTP/1.1 200 OK\nContent-Length: 3\n\nabc';
    assertSees(get, bytes, [BAD_HEAD]);
    assertSees(answering('GET', { lenient: true }), bytes, ['head 200 3', 'data abc', 'end']);
  });

  test('fields keep their order and spelling; names with an underscore are left out', () => {
    const fields = answering('GET', {
      head: (parser) => [...parser.headFields.entries()].map((pair) => pair.join('=')).join('|'),
    });
    const bytes = ok('set-cookie: a', 'X_Y: z', 'Set-Cookie:  b ', 'content-LENGTH: 0');
    assertSees(fields, bytes, ['head set-cookie=a|Set-Cookie=b|content-LENGTH=0', 'end']);
  });
});

describe('interim responses', () => {
  test('come in front of the final one, and may be many', () => {
    const bytes =
      response('HTTP/1.1 100 Continue') +
      response('HTTP/1.1 103 Early Hints', 'Link: </a>') +
      response('HTTP/1.1 199 x', 'Content-Length: 5', 'Transfer-Encoding: chunked') +
      ok('Content-Length: 3') +
      'abc';
    const heads = answering('GET', { head: (parser) => `${parser.status}` });
    const sees = ['head 100', 'head 103', 'head 199', 'head 200', 'data abc', 'end'];
    assertSees(heads, bytes, sees);
  });

  test('their fields are not those of the final one', () => {
    const fields = answering('GET', {
      head: (parser) => `${parser.status} ${parser.headFields.getByName('X')}`,
    });
    const bytes = response('HTTP/1.1 103 x', 'X: y') + ok('Content-Length: 0');
    assertSees(fields, bytes, ['head 103 y', 'head 200 null', 'end']);
  });

  test('a connection that ends behind one was cut', () => {
    for (const bytes of [response('HTTP/1.1 100 Continue'), 'HTTP/1.1 100 Continue\r\n']) {
      const parser = get.make();
      feed(get, Buffer.from(bytes), [], parser);
      assert.ok(!parser.idle);
      assert.equal(parser.finish(), EVENT.refused);
      assert.equal(parser.fault?.kind.code, 'call-cut');
    }
  });
});

describe('101', () => {
  const bytes = response('HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket');

  test('makes a tunnel where it was asked for', () => {
    const asked = answering('GET', {
      upgrade: true,
      head: (parser) => `${parser.status} ${parser.tunnel} ${parser.keepAlive}`,
    });
    assertSees(asked, `${bytes}\x81\x05hello`, ['head 101 true false', 'data \x81\x05hello']);
    const withLength = response('HTTP/1.1 101 x', 'Content-Length: 1');
    assertSees(asked, `${withLength}abc`, ['head 101 true false', 'data abc']);
  });

  test('is refused where it was not', () => {
    assertSees(get, `${bytes}\x81\x05hello`, [UNASKED]);
    assertSees(answering('CONNECT'), bytes, [UNASKED]);
  });

  test('an offer is for one request: the next one does not inherit it', () => {
    const parser = answering('GET', { upgrade: true }).make();
    const first = Buffer.from(ok('Content-Length: 0'));
    assert.deepEqual(feed(get, first, [], parser), ['head 200 0', 'end']);
    parser.expect('GET', false);
    assert.deepEqual(feed(get, Buffer.from(bytes), [], parser), [UNASKED]);
  });
});

describe('a response to CONNECT', () => {
  const connect = answering('CONNECT', {
    head: (parser) => `${parser.status} ${parser.tunnel} ${parser.keepAlive}`,
  });
  for (const code of [200, 204, 299]) {
    test(`with ${code} makes a tunnel, whatever lengths it announces`, () => {
      for (const fields of [[], ['Content-Length: 1'], ['Transfer-Encoding: chunked']]) {
        const bytes = `${response(`HTTP/1.1 ${code} x`, ...fields)}0\r\n\r\n`;
        assertSees(connect, bytes, [`head ${code} true false`, 'data 0\r\n\r\n']);
      }
    });
  }
  for (const code of [300, 403, 407, 502]) {
    test(`with ${code} is an ordinary response`, () => {
      const bytes = `${response(`HTTP/1.1 ${code} x`, 'Content-Length: 3')}abc`;
      assertSees(connect, bytes, [`head ${code} false true`, 'data abc', 'end']);
    });
  }
  test('the request behind a tunnel offer that failed has no tunnel', () => {
    const parser = connect.make();
    feed(connect, Buffer.from(response('HTTP/1.1 403 x', 'Content-Length: 0')), [], parser);
    parser.expect('GET', false);
    const lines = feed(connect, Buffer.from(ok('Content-Length: 0')), [], parser);
    assert.deepEqual(lines, ['head 200 false true', 'end']);
  });
});

describe('responses without a body', () => {
  const head = answering('HEAD');
  const cases: readonly (readonly [string, Subject<ResponseParser>, string, string])[] = [
    ['HEAD with a length', head, ok('Content-Length: 5'), 'head 200 5'],
    ['HEAD with chunked', head, ok('Transfer-Encoding: chunked'), 'head 200 -1'],
    ['HEAD with neither', head, ok(), 'head 200 -1'],
    ['204', get, response('HTTP/1.1 204 x'), 'head 204 0'],
    ['204 with a length', get, response('HTTP/1.1 204 x', 'Content-Length: 5'), 'head 204 0'],
    ['204 chunked', get, response('HTTP/1.1 204 x', 'Transfer-Encoding: chunked'), 'head 204 0'],
    ['304', get, response('HTTP/1.1 304 x'), 'head 304 -1'],
    ['304 with a length', get, response('HTTP/1.1 304 x', 'Content-Length: 5'), 'head 304 5'],
    ['304 chunked', get, response('HTTP/1.1 304 x', 'Transfer-Encoding: chunked'), 'head 304 -1'],
  ];
  for (const [title, of, bytes, sees] of cases) {
    test(title, () => {
      const next = response('HTTP/1.1 304 x');
      const nextSees = ['head 304 -1', 'end'];
      assertSees(of, bytes, [sees, 'end'], [{ bytes: next, sees: nextSees }, TRAILING[1]!]);
    });
  }

  test('do not close the connection for want of a length', () => {
    for (const asked of [head, get]) {
      const parser = asked.make();
      feed(asked, Buffer.from(response('HTTP/1.1 304 x')), [], parser);
      assert.equal(parser.keepAlive, true);
    }
  });
});

describe('Content-Length of a response', () => {
  for (const [value, sees] of [
    ['0', ['head 200 0', 'end']],
    ['3', ['head 200 3', 'data abc', 'end']],
    ['003', ['head 200 3', 'data abc', 'end']],
    ['9007199254740991', ['head 200 9007199254740991', 'data abc']],
    ['9007199254740992', [FRAMING]],
    ['9'.repeat(30), [FRAMING]],
    ['', [FRAMING]],
    ['+3', [FRAMING]],
    ['-0', [FRAMING]],
    ['0x3', [FRAMING]],
    ['3,3', [FRAMING]],
    ['3, 3', [FRAMING]],
    ['3 3', [FRAMING]],
    ['3.0', [FRAMING]],
    ['3_0', [FRAMING]],
    ['\xa03', [FRAMING]],
  ] as const) {
    test(`${JSON.stringify(value)} gives ${sees.join(', ')}`, () => {
      const body = sees.length > 1 && sees[1] !== 'end' ? 'abc' : '';
      assertSees(get, ok(`Content-Length: ${value}`) + body, sees, TRAILING);
      assertSees(get, response('HTTP/1.0 200 OK', `Content-Length: ${value}`) + body, sees);
    });
  }

  test('twice is refused, equal or not, also where no body follows', () => {
    for (const second of ['3', '4', '']) {
      const bytes = ok('Content-Length: 3', `content-length: ${second}`);
      assertSees(get, `${bytes}abc`, [FRAMING]);
      assertSees(answering('HEAD'), bytes, [FRAMING]);
    }
  });
});

describe('Transfer-Encoding of a response', () => {
  const body = '3\r\nabc\r\n0\r\n\r\n';
  for (const value of ['chunked', 'Chunked', ' chunked\t']) {
    test(`${JSON.stringify(value)} is read`, () => {
      const bytes = ok(`Transfer-Encoding: ${value}`) + body;
      assertSees(get, bytes, ['head 200 -1', 'data abc', 'end'], TRAILING);
    });
  }
  for (const value of [
    '',
    'identity',
    'gzip',
    'gzip, chunked',
    'chunked, gzip',
    'chunked, chunked',
    ',chunked',
    'chunked,',
    'xchunked',
    'chunked;q=1',
    '"chunked"',
    '\xa0chunked',
  ]) {
    test(`${JSON.stringify(value)} is refused`, () => {
      assertSees(get, ok(`Transfer-Encoding: ${value}`) + body, [FRAMING]);
      assertSees(answering('HEAD'), ok(`Transfer-Encoding: ${value}`), [FRAMING]);
    });
  }
  test('twice, beside Content-Length or in HTTP/1.0 it is refused', () => {
    const chunked = 'Transfer-Encoding: chunked';
    assertSees(get, ok(chunked, chunked) + body, [FRAMING]);
    assertSees(get, ok(chunked, 'Content-Length: 3') + body, [FRAMING]);
    assertSees(get, ok('Content-Length: 3', chunked) + body, [FRAMING]);
    assertSees(get, ok('Content-Length: x', 'Transfer-Encoding: x') + body, [FRAMING]);
    assertSees(get, response('HTTP/1.0 200 OK', chunked) + body, [FRAMING]);
  });
  for (const bad of [
    ' 3\r\nabc\r\n0\r\n\r\n',
    '3\nabc\r\n0\r\n\r\n',
    '3\r\nabc0\r\n\r\n',
    'x\r\n',
  ]) {
    test(`chunked framing as ${JSON.stringify(bad)} is refused`, () => {
      const lines = feed(get, Buffer.from(ok('Transfer-Encoding: chunked') + bad), []);
      assert.equal(lines.at(-1), CHUNK);
    });
  }
  test('a chunk too large or extensions too long are refused under the same code', () => {
    const start = ok('Transfer-Encoding: chunked');
    assertSees(get, `${start}20000000000000\r\n`, ['head 200 -1', CHUNK]);
    assertSees(get, `${start}1;${'e'.repeat(4096)}\r\n`, ['head 200 -1', CHUNK]);
  });
  test('trailers come with the end', () => {
    const bytes = `${ok('Transfer-Encoding: chunked')}0\r\nContent-Length: 5\r\nA: b\r\n\r\n`;
    assertSees(get, bytes, ['head 200 -1', 'end Content-Length: 5 | A: b'], TRAILING);
  });
});

describe('a response without length and coding', () => {
  test('lasts until the connection ends', () => {
    for (const version of ['1.0', '1.1']) {
      const bytes = Buffer.from(`${response(`HTTP/${version} 200 OK`)}HTTP/1.1 200 OK\r\n\r\n`);
      for (const cuts of [[], singleBytes(bytes.length)]) {
        const parser = get.make();
        const lines = feed(get, bytes, cuts, parser);
        assert.deepEqual(lines, ['head 200 -1', 'data HTTP/1.1 200 OK\r\n\r\n']);
        assert.equal(parser.keepAlive, false);
        assert.equal(parser.finish(), EVENT.end);
        assert.equal(parser.finish(), EVENT.needData);
      }
    }
  });
});

describe('a back end that ends the connection', () => {
  const chunked = ok('Transfer-Encoding: chunked');
  const cases: readonly (readonly [string, string, string | null])[] = [
    ['before anything', '', null],
    ['behind a response', ok('Content-Length: 0'), null],
    ['in the status line', 'HTTP/1.1 2', 'upstream-head'],
    ['in the fields', 'HTTP/1.1 200 OK\r\nX: y\r\n', 'upstream-head'],
    ['in a body', `${ok('Content-Length: 3')}ab`, 'upstream-body'],
    ['in front of a body', ok('Content-Length: 3'), 'upstream-body'],
    ['in front of the first chunk', chunked, 'upstream-body'],
    ['in a chunk', `${chunked}3\r\nab`, 'upstream-body'],
    ['in front of the last chunk', `${chunked}3\r\nabc\r\n`, 'upstream-body'],
    ['in front of the last line end', `${chunked}0\r\n`, 'upstream-body'],
  ];
  for (const [where, bytes, stage] of cases) {
    test(`${where} has ${stage === null ? 'cut nothing' : `cut its response at ${stage}`}`, () => {
      const parser = get.make();
      feed(get, Buffer.from(bytes), [], parser);
      assert.equal(parser.finish(), stage === null ? EVENT.needData : EVENT.refused);
      assert.equal(parser.fault?.stage ?? null, stage);
      if (stage !== null) assert.equal(parser.fault?.kind.code, 'call-cut');
    });
  }
});

describe('the connection to the back end may be used again', () => {
  const keeps = answering('GET', { head: (parser) => `${parser.keepAlive}` });
  const table: readonly (readonly [fields: readonly string[], in11: boolean, in10: boolean])[] = [
    [[], true, false],
    [['Connection: keep-alive'], true, true],
    [['Connection: Keep-Alive, x'], true, true],
    [['Connection: close'], false, false],
    [['Connection: Close'], false, false],
    [['Connection: keep-alive, close'], false, false],
    [['Connection: keep-alive', 'Connection: close'], false, false],
    [['Connection: closed'], true, false],
    [['Proxy-Connection: close'], true, false],
    [['Proxy-Connection: keep-alive'], true, false],
  ];
  for (const [fields, in11, in10] of table) {
    test(`with ${fields.join(' and ') || 'no Connection'}: in 1.1 ${in11}, in 1.0 ${in10}`, () => {
      const all = [...fields, 'Content-Length: 0'];
      assertSees(keeps, response('HTTP/1.1 200 OK', ...all), [`head ${in11}`, 'end']);
      assertSees(keeps, response('HTTP/1.0 200 OK', ...all), [`head ${in10}`, 'end']);
    });
  }
});

test('each response is framed by the request it answers', () => {
  const parser = answering('HEAD').make();
  const head = Buffer.from(ok('Content-Length: 3'));
  assert.deepEqual(feed(get, head, [], parser), ['head 200 3', 'end']);
  parser.expect('GET', false);
  const full = Buffer.from(`${ok('Content-Length: 3')}abc`);
  assert.deepEqual(feed(get, full, [], parser), ['head 200 3', 'data abc', 'end']);
});
