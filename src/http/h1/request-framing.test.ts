// How the head of a request decides where its body ends and what becomes of the connection.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertSees, feed } from '../../../test/support/feed.ts';
import type { Subject } from '../../../test/support/feed.ts';
import { DEFAULT_H1_LIMITS } from './limits.ts';
import { EVENT } from './message-parser.ts';
import { RequestParser } from './request-parser.ts';

const TRAILING = [
  { bytes: 'GET /next HTTP/1.1\r\nHost: next\r\n\r\n', sees: ['head 0', 'end'] },
  { bytes: '\0', sees: ['refused h1-request-line 400'] },
];

// The head line is the length of the body.
const length: Subject<RequestParser> = {
  make: () => new RequestParser(DEFAULT_H1_LIMITS, false),
  head: (parser) => `${parser.head?.contentLength}`,
};

function describing(head: (parser: RequestParser) => string): Subject<RequestParser> {
  return { ...length, head };
}

function post(version: string, ...fields: readonly string[]): string {
  return `POST / HTTP/${version}\r\nHost: a\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n`;
}

const BAD_LENGTH = 'refused h1-content-length 400';
const TOO_LARGE = 'refused h1-content-length-too-large 413';
const BAD_CODING = 'refused h1-transfer-encoding 400';
const UNKNOWN_CODING = 'refused h1-transfer-coding-unknown 501';

describe('Content-Length', () => {
  const table: readonly (readonly [value: string, sees: readonly string[]])[] = [
    ['0', ['head 0', 'end']],
    ['00', ['head 0', 'end']],
    ['5', ['head 5', 'data hello', 'end']],
    ['05', ['head 5', 'data hello', 'end']],
    [`${'0'.repeat(30)}5`, ['head 5', 'data hello', 'end']],
    ['+5', [BAD_LENGTH]],
    ['-5', [BAD_LENGTH]],
    ['-0', [BAD_LENGTH]],
    ['0x5', [BAD_LENGTH]],
    ['5,5', [BAD_LENGTH]],
    ['5, 5', [BAD_LENGTH]],
    ['5 5', [BAD_LENGTH]],
    ['5;5', [BAD_LENGTH]],
    [',5', [BAD_LENGTH]],
    ['5,', [BAD_LENGTH]],
    ['', [BAD_LENGTH]],
    [' ', [BAD_LENGTH]],
    ['5.0', [BAD_LENGTH]],
    ['5e0', [BAD_LENGTH]],
    ['1e3', [BAD_LENGTH]],
    ['5_0', [BAD_LENGTH]],
    ['5L', [BAD_LENGTH]],
    ['"5"', [BAD_LENGTH]],
    ['five', [BAD_LENGTH]],
    ['NaN', [BAD_LENGTH]],
    ['Infinity', [BAD_LENGTH]],
    ['\xa05', [BAD_LENGTH]],
    ['5\xa0', [BAD_LENGTH]],
    ['\xb25', [BAD_LENGTH]],
    ['9007199254740992', [TOO_LARGE]],
    ['9007199254740993', [TOO_LARGE]],
    ['18446744073709551615', [TOO_LARGE]],
    ['18446744073709551621', [TOO_LARGE]],
    ['9'.repeat(30), [TOO_LARGE]],
    [`${'9'.repeat(30)}x`, [BAD_LENGTH]],
  ];
  for (const [value, sees] of table) {
    test(`${JSON.stringify(value)} gives ${sees.join(', ')}`, () => {
      const body = sees.length === 3 ? 'hello' : '';
      assertSees(length, `${post('1.1', `Content-Length: ${value}`)}${body}`, sees, TRAILING);
      assertSees(length, `${post('1.0', `Content-Length: ${value}`)}${body}`, sees, TRAILING);
    });
  }

  test('white space around the number is not part of it', () => {
    const sees = ['head 5', 'data hello', 'end'];
    assertSees(length, `${post('1.1', 'Content-Length:5')}hello`, sees, TRAILING);
    assertSees(length, `${post('1.1', 'Content-Length:\t 5 \t')}hello`, sees, TRAILING);
  });

  test('the name counts in any case', () => {
    const sees = ['head 5', 'data hello', 'end'];
    assertSees(length, `${post('1.1', 'cONTENT-lENGTH: 5')}hello`, sees, TRAILING);
  });

  test('2^53 - 1 is the largest: its body does not end early', () => {
    const bytes = `${post('1.1', 'Content-Length: 9007199254740991')}GET / HTTP/1.1\r\n\r\n`;
    assertSees(length, bytes, ['head 9007199254740991', 'data GET / HTTP/1.1\r\n\r\n']);
  });

  for (const second of ['5', '6', '05', '']) {
    test(`two of them are refused, the second being ${JSON.stringify(second)}`, () => {
      const bytes = `${post('1.1', 'Content-Length: 5', `Content-Length: ${second}`)}hello`;
      assertSees(length, bytes, [BAD_LENGTH], TRAILING);
      const apart = `${post('1.1', 'Content-Length: 5', 'X: y', `content-length: ${second}`)}hello`;
      assertSees(length, apart, [BAD_LENGTH], TRAILING);
    });
  }

  test('a body has exactly as many bytes, whatever they look like', () => {
    const body = '\r\nGET / HTTP/1.1\r\n\r\n0\r\n\r\n\0';
    const bytes = `${post('1.1', `Content-Length: ${body.length}`)}${body}`;
    assertSees(length, bytes, [`head ${body.length}`, `data ${body}`, 'end'], TRAILING);
  });

  for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE', 'TRACE']) {
    test(`${method} with a length has a body`, () => {
      const bytes = `${method} / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc`;
      assertSees(length, bytes, ['head 3', 'data abc', 'end'], TRAILING);
    });
  }

  test('without length and coding there is no body', () => {
    assertSees(length, post('1.1'), ['head 0', 'end'], TRAILING);
    assertSees(length, post('1.0'), ['head 0', 'end'], TRAILING);
  });
});

describe('Transfer-Encoding', () => {
  const table: readonly (readonly [value: string, sees: string])[] = [
    ['chunked', 'head -1'],
    ['Chunked', 'head -1'],
    ['CHUNKED', 'head -1'],
    ['\t chunked \t', 'head -1'],
    ['', BAD_CODING],
    ['xchunked', BAD_CODING],
    ['chunkedx', BAD_CODING],
    ['chunke', BAD_CODING],
    ['x chunked', BAD_CODING],
    ['chunked x', BAD_CODING],
    ['"chunked"', BAD_CODING],
    ['chunked, identity', BAD_CODING],
    ['chunked,identity', BAD_CODING],
    ['identity, chunked', BAD_CODING],
    ['identity', BAD_CODING],
    ['chunked, chunked', BAD_CODING],
    [',chunked', BAD_CODING],
    [', chunked', BAD_CODING],
    ['chunked,', BAD_CODING],
    ['chunked ,', BAD_CODING],
    ['chunked;q=1', BAD_CODING],
    ['chunked;', BAD_CODING],
    ['chunked;foo=bar', BAD_CODING],
    ['\xa0chunked', BAD_CODING],
    ['chunked\xa0', BAD_CODING],
    ['chunked\x85', BAD_CODING],
    ['chun\u00e7ed', BAD_CODING],
    ['gzip', BAD_CODING],
    ['chunked, gzip', BAD_CODING],
    ['gzip, chunked', UNKNOWN_CODING],
    ['gzip,chunked', UNKNOWN_CODING],
    ['GZIP, Chunked', UNKNOWN_CODING],
    ['x-gzip, chunked', UNKNOWN_CODING],
    ['deflate, chunked', UNKNOWN_CODING],
    ['compress, chunked', UNKNOWN_CODING],
    ['gzip, gzip, chunked', BAD_CODING],
    ['gzip, chunked, chunked', BAD_CODING],
    ['gzip,  chunked', BAD_CODING],
    ['br, chunked', BAD_CODING],
    ['trailers', BAD_CODING],
    ['0', BAD_CODING],
    ['__proto__', BAD_CODING],
  ];
  for (const [value, head] of table) {
    test(`${JSON.stringify(value)} gives ${head}`, () => {
      const sees = head === 'head -1' ? [head, 'data abc', 'end'] : [head];
      const bytes = `${post('1.1', `Transfer-Encoding: ${value}`)}3\r\nabc\r\n0\r\n\r\n`;
      assertSees(length, bytes, sees, TRAILING);
    });
  }

  test('a value with a control character is refused before it is looked at', () => {
    for (const value of [
      '\x0bchunked',
      'chunked\x0b',
      'chunked\x0c',
      '\x00chunked',
      'chunked\x7f',
    ]) {
      const bytes = `${post('1.1', `Transfer-Encoding: ${value}`)}0\r\n\r\n`;
      assertSees(length, bytes, ['refused h1-field-value 400'], TRAILING);
    }
    const folded = `${post('1.1', 'Transfer-Encoding:\r\n chunked')}0\r\n\r\n`;
    assertSees(length, folded, ['refused h1-obs-fold 400'], TRAILING);
  });

  test('two of them are refused, equal or not', () => {
    for (const second of ['chunked', 'identity', 'gzip', '']) {
      for (const pair of [
        ['Transfer-Encoding: chunked', `Transfer-Encoding: ${second}`],
        [`Transfer-Encoding: ${second}`, 'transfer-encoding: chunked'],
      ]) {
        assertSees(length, `${post('1.1', ...pair)}0\r\n\r\n`, [BAD_CODING], TRAILING);
      }
    }
  });

  test('beside Content-Length it is refused, in either order and whatever the values', () => {
    for (const coding of ['chunked', 'identity', 'gzip, chunked', '']) {
      for (const announced of ['0', '5', 'x', '']) {
        const fields = [`Transfer-Encoding: ${coding}`, `Content-Length: ${announced}`];
        const body = '0\r\n\r\n';
        assertSees(length, `${post('1.1', ...fields)}${body}`, [BAD_CODING], TRAILING);
        assertSees(length, `${post('1.1', ...fields.toReversed())}${body}`, [BAD_CODING], TRAILING);
      }
    }
  });

  test('in HTTP/1.0 it is refused', () => {
    for (const value of ['chunked', 'identity', 'gzip, chunked']) {
      const bytes = `${post('1.0', `Transfer-Encoding: ${value}`)}0\r\n\r\n`;
      assertSees(length, bytes, [BAD_CODING], TRAILING);
    }
    const both = post('1.0', 'Transfer-Encoding: chunked', 'Content-Length: 5');
    assertSees(length, `${both}0\r\n\r\n`, [BAD_CODING], TRAILING);
  });
});

describe('Expect', () => {
  const waits = describing((parser) => `${parser.head?.expectsContinue}`);
  const length5 = 'Content-Length: 5';
  const table: readonly (readonly [string, string, readonly string[]])[] = [
    ['1.1', 'head true', ['Expect: 100-continue', length5]],
    ['1.1', 'head true', ['Expect: 100-Continue', length5]],
    ['1.1', 'head true', ['Expect: 100-continue', 'Transfer-Encoding: chunked']],
    ['1.2', 'head true', ['Expect: 100-continue', length5]],
    ['1.1', 'head false', ['Expect: 100-continue', 'Content-Length: 0']],
    ['1.1', 'head false', ['Expect: 100-continue']],
    ['1.1', 'head false', [length5]],
    ['1.0', 'head false', ['Expect: 100-continue', length5]],
    ['1.1', 'refused h1-expectation 417', ['Expect: 100-continue;q=1', length5]],
    ['1.1', 'refused h1-expectation 417', ['Expect: 100', length5]],
    ['1.1', 'refused h1-expectation 417', ['Expect:', length5]],
    ['1.1', 'refused h1-expectation 417', ['Expect: 200-ok']],
    ['1.1', 'refused h1-expectation 417', ['Expect: 100-continue, x', length5]],
    ['1.1', 'refused h1-expectation 417', ['Expect: 100-continue', 'Expect: x', length5]],
    ['1.1', 'refused h1-expectation 417', ['Expect: x', 'Expect: 100-continue', length5]],
  ];
  for (const [version, sees, fields] of table) {
    test(`HTTP/${version} with ${fields.join(' and ')} gives ${sees}`, () => {
      assert.equal(feed(waits, Buffer.from(post(version, ...fields)), [])[0], sees);
    });
  }
});

describe('the connection stays open', () => {
  const table: readonly (readonly [fields: readonly string[], in11: boolean, in10: boolean])[] = [
    [[], true, false],
    [['Connection: keep-alive'], true, true],
    [['Connection: Keep-Alive'], true, true],
    [['Connection: close'], false, false],
    [['Connection: CLOSE'], false, false],
    [['Connection: keep-alive, close'], false, false],
    [['Connection: close, keep-alive'], false, false],
    [['Connection: keep-alive', 'Connection: close'], false, false],
    [['Connection: close', 'Connection: keep-alive'], false, false],
    [['Connection: x', 'Connection: y,\tclose'], false, false],
    [['Connection: x,keep-alive ,y'], true, true],
    [['Connection: upgrade'], true, false],
    [['Connection: closed'], true, false],
    [['Connection: xclose'], true, false],
    [['Connection: close;q=0'], true, false],
    [['Connection: "close"'], true, false],
    [['Connection: keep-alives'], true, false],
    [['Connection:'], true, false],
    [['Connection: ,,close'], false, false],
    [['Proxy-Connection: keep-alive'], true, false],
    [['Proxy-Connection: close'], true, false],
    [['Keep-Alive: timeout=5'], true, false],
  ];
  const keeps = describing((parser) => `${parser.keepAlive}`);
  for (const [fields, in11, in10] of table) {
    test(`with ${fields.join(' and ') || 'no Connection'}: in 1.1 ${in11}, in 1.0 ${in10}`, () => {
      assertSees(keeps, post('1.1', ...fields), [`head ${in11}`, 'end']);
      assertSees(keeps, post('1.2', ...fields), [`head ${in11}`, 'end']);
      assertSees(keeps, post('1.0', ...fields), [`head ${in10}`, 'end']);
    });
  }

  test('each request decides anew', () => {
    const bytes = post('1.1', 'Connection: close') + post('1.1') + post('1.0') + post('1.1');
    const sees = [false, true, false, true].flatMap((keep) => [`head ${keep}`, 'end']);
    assertSees(keeps, bytes, sees);
  });
});

describe('Upgrade', () => {
  const offers = describing((parser) => `${parser.head?.upgrade}`);
  const table: readonly (readonly [string, string | null, readonly string[]])[] = [
    ['1.1', 'websocket', ['Upgrade: websocket', 'Connection: upgrade']],
    ['1.1', 'websocket', ['Connection: keep-alive, Upgrade', 'Upgrade: WebSocket']],
    ['1.1', 'h2c, websocket', ['Upgrade: h2c, websocket', 'Connection: upgrade']],
    ['1.1', 'h2c, websocket', ['Upgrade: h2c', 'Upgrade: websocket', 'Connection: upgrade']],
    ['1.1', 'websocket', ['Upgrade: websocket', 'Connection: x', 'Connection: upgrade']],
    ['1.1', 'websocket', ['Upgrade: websocket', 'Connection: upgrade', 'Content-Length: 0']],
    ['1.1', null, ['Upgrade: websocket']],
    ['1.1', null, ['Upgrade: websocket', 'Connection: keep-alive']],
    ['1.1', null, ['Upgrade: websocket', 'Connection: upgrades']],
    ['1.1', null, ['Connection: upgrade']],
    ['1.1', null, ['Upgrade:', 'Connection: upgrade']],
    ['1.0', null, ['Upgrade: websocket', 'Connection: upgrade']],
    ['1.1', null, ['Upgrade: websocket', 'Connection: upgrade', 'Content-Length: 1']],
    ['1.1', null, ['Upgrade: websocket', 'Connection: upgrade', 'Transfer-Encoding: chunked']],
  ];
  for (const [version, protocol, fields] of table) {
    test(`HTTP/${version} with ${fields.join(' and ')} offers ${protocol}`, () => {
      assert.equal(feed(offers, Buffer.from(post(version, ...fields)), [])[0], `head ${protocol}`);
    });
  }
});

describe('CONNECT', () => {
  const connect = describing(({ head }) => JSON.stringify([head?.path, head?.host, head?.upgrade]));
  const start = 'CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n';

  test('has a host, no path, and offers a tunnel', () => {
    const sees = 'head ["",{"name":"a","port":443},"connect"]';
    assertSees(connect, `${start}\r\n`, [sees, 'end']);
    assertSees(connect, `${start}Content-Length: 0\r\n\r\n`, [sees, 'end']);
    assertSees(connect, `${start}Upgrade: websocket\r\nConnection: upgrade\r\n\r\n`, [sees, 'end']);
    assertSees(connect, 'CONNECT a:443 HTTP/1.0\r\n\r\n', [sees, 'end']);
  });

  test('with a body is refused', () => {
    for (const field of ['Content-Length: 1', 'Transfer-Encoding: chunked']) {
      assertSees(
        connect,
        `${start}${field}\r\n\r\n0\r\n\r\n`,
        ['refused h1-connect 400'],
        TRAILING,
      );
    }
  });

  test('leaves the bytes behind it to the tunnel, however they came', () => {
    const bytes = Buffer.from(`${start}\r\n\x16\x03\x01GET`, 'latin1');
    for (let cut = 0; cut <= bytes.length; cut++) {
      const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
      parser.push(bytes, 0, cut);
      const early = parser.next();
      if (early === EVENT.needData) {
        parser.push(bytes, cut, bytes.length);
        assert.equal(parser.next(), EVENT.head);
      }
      assert.equal(parser.next(), EVENT.end);
      const rest = parser.takeUnread().toString('latin1');
      const expected =
        early === EVENT.needData
          ? '\x16\x03\x01GET'
          : bytes.toString('latin1', bytes.length - 6, cut);
      assert.equal(rest, expected);
      assert.equal(parser.unread, 0);
      assert.equal(parser.held, 0);
      assert.equal(parser.takeUnread().length, 0);
    }
  });
});
