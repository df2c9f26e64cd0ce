import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertSees, feed } from '../../../test/support/feed.ts';
import type { Subject } from '../../../test/support/feed.ts';
import { DEFAULT_H1_LIMITS } from './limits.ts';
import { EVENT } from './message-parser.ts';
import { RequestParser } from './request-parser.ts';

const NEXT = 'GET /next HTTP/1.1\r\nHost: next\r\n\r\n';
const TRAILING = [
  { bytes: NEXT, sees: ['head GET /next', 'end'] },
  { bytes: '\0', sees: ['refused h1-request-line 400'] },
];

function subject(
  lenient: boolean,
  head: (parser: RequestParser) => string,
): Subject<RequestParser> {
  return {
    make: () => new RequestParser(DEFAULT_H1_LIMITS, lenient),
    head,
    leaves: (parser) => parser.head?.method === 'CONNECT',
  };
}

const strict = subject(false, (parser) => `${parser.head?.method} ${parser.head?.target}`);
const lenient = subject(true, strict.head);
const withFields = subject(false, (parser) =>
  [...(parser.head?.fields.entries() ?? [])].map(([name, value]) => `${name}=${value}`).join('|'),
);

type Row = readonly [bytes: string, outcome: string];

// An outcome is `refused …`, or what the head line says of a request without a body.
function rows(title: string, of: Subject<RequestParser>, table: readonly Row[]): void {
  describe(title, () => {
    for (const [bytes, outcome] of table) {
      test(`${JSON.stringify(bytes)} is ${outcome}`, () => {
        const sees = outcome.startsWith('refused ') ? [outcome] : [`head ${outcome}`, 'end'];
        assertSees(of, bytes, sees, of === withFields ? [] : TRAILING);
      });
    }
  });
}

function line(text: string): string {
  return `${text}\r\nHost: a\r\n\r\n`;
}

function field(text: string): string {
  return `GET / HTTP/1.1\r\nHost: a\r\n${text}\r\n\r\n`;
}

const BAD_LINE = 'refused h1-request-line 400';
const BAD_TARGET = 'refused h1-target 400';
const BAD_FIELD = 'refused h1-field-line 400';
const BAD_VALUE = 'refused h1-field-value 400';
const BARE_LF = 'refused h1-bare-lf 400';
const FOLD = 'refused h1-obs-fold 400';

rows('request line', strict, [
  [line('GET / HTTP/1.1'), 'GET /'],
  [line('get / HTTP/1.1'), 'get /'],
  [line('G / HTTP/1.1'), 'G /'],
  [line("!#$%&'*+-.^_`|~09AZaz / HTTP/1.1"), "!#$%&'*+-.^_`|~09AZaz /"],
  [line(`${'M'.repeat(64)} / HTTP/1.1`), `${'M'.repeat(64)} /`],
  [line(`${'M'.repeat(65)} / HTTP/1.1`), BAD_LINE],
  [line(`${'M'.repeat(1000)} / HTTP/1.1`), BAD_LINE],
  [line(' GET / HTTP/1.1'), BAD_LINE],
  [line('\tGET / HTTP/1.1'), BAD_LINE],
  [line('GET  / HTTP/1.1'), BAD_LINE],
  [line('GET /  HTTP/1.1'), BAD_LINE],
  [line('GET / HTTP/1.1 '), BAD_LINE],
  [line('GET / HTTP/1.1\t'), BAD_LINE],
  [line('GET\t/ HTTP/1.1'), BAD_LINE],
  [line('GET /\tHTTP/1.1'), BAD_LINE],
  [line('GET\x0b/ HTTP/1.1'), BAD_LINE],
  [line('GET\x0c/ HTTP/1.1'), BAD_LINE],
  [line('GET /\x0bHTTP/1.1'), BAD_LINE],
  [line('GET\xa0/ HTTP/1.1'), BAD_LINE],
  [line('GET /a b HTTP/1.1'), BAD_LINE],
  [line('GET / HTTP/1.1 HTTP/1.1'), BAD_LINE],
  [line('GET'), BAD_LINE],
  [line('GET '), BAD_LINE],
  [line('GET /'), BAD_LINE],
  [line('GET / '), BAD_LINE],
  [line(' / HTTP/1.1'), BAD_LINE],
  [line('GET(/ HTTP/1.1'), BAD_LINE],
  [line('G(T / HTTP/1.1'), BAD_LINE],
  [line('GET:/ HTTP/1.1'), BAD_LINE],
  [line('\x00GET / HTTP/1.1'), BAD_LINE],
  [line('GET / HTTP/1.1\x00'), BAD_LINE],
  [line('\xef\xbb\xbfGET / HTTP/1.1'), BAD_LINE],
  [line('\x16\x03\x01\x02\x00\x01'), BAD_LINE],
]);

rows('HTTP version', strict, [
  [line('GET / HTTP/1.0'), 'GET /'],
  [line('GET / HTTP/1.2'), 'GET /'],
  [line('GET / HTTP/1.9'), 'GET /'],
  [line('GET / HTTP/0.9'), 'refused h1-version 505'],
  [line('GET / HTTP/2.0'), 'refused h1-version 505'],
  [line('GET / HTTP/3.0'), 'refused h1-version 505'],
  [line('GET / HTTP/9.9'), 'refused h1-version 505'],
  ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'refused h1-version 505'],
  [line('GET / HTTP/1.10'), BAD_LINE],
  [line('GET / HTTP/1.01'), BAD_LINE],
  [line('GET / HTTP/11.1'), BAD_LINE],
  [line('GET / HTTP/01.1'), BAD_LINE],
  [line('GET / HTTP/1'), BAD_LINE],
  [line('GET / HTTP/1.'), BAD_LINE],
  [line('GET / HTTP/2'), BAD_LINE],
  [line('GET / HTTP/.1'), BAD_LINE],
  [line('GET / HTTP/1,1'), BAD_LINE],
  [line('GET / HTTP/1. 1'), BAD_LINE],
  [line('GET / HTTP/+1.1'), BAD_LINE],
  [line('GET / HTTP/-1.1'), BAD_LINE],
  [line('GET / HTTP/A.1'), BAD_LINE],
  [line('GET / http/1.1'), BAD_LINE],
  [line('GET / Http/1.1'), BAD_LINE],
  [line('GET / HTTPS/1.1'), BAD_LINE],
  [line('GET / HTTP /1.1'), BAD_LINE],
  [line('GET / HTTP/ 1.1'), BAD_LINE],
  [line('GET / ICY/1.1'), BAD_LINE],
]);

test('a minor version above 1 is spoken to as HTTP/1.1', () => {
  for (const [version, means] of [
    ['1.0', 10],
    ['1.1', 11],
    ['1.2', 11],
    ['1.9', 11],
  ] as const) {
    const of = subject(false, (parser) => `${parser.head?.version}`);
    const bytes = Buffer.from(line(`GET / HTTP/${version}`));
    assert.deepEqual(feed(of, bytes, []), [`head ${means}`, 'end']);
  }
});

describe('request target', () => {
  const shape = subject(false, ({ head }) =>
    JSON.stringify([head?.path, head?.query, head?.authority]),
  );
  const accepted: readonly (readonly [string, readonly (string | null)[]])[] = [
    ['GET /', ['/', null, 'a']],
    ['GET /?', ['/', '', 'a']],
    ['GET /a%20b?c=d', ['/a%20b', 'c=d', 'a']],
    ['GET /a?b?c', ['/a', 'b?c', 'a']],
    ['GET //a', ['//a', null, 'a']],
    ['GET /../%zz\\"<>[]{}|^`', ['/../%zz\\"<>[]{}|^`', null, 'a']],
    ['GET /http://b/', ['/http://b/', null, 'a']],
    ['GET http://a', ['/', null, 'a']],
    ['GET HTTP://A/x?y', ['/x', 'y', 'a']],
    ['GET https://a/', ['/', null, 'a']],
    ['GET http://a?q', ['/', 'q', 'a']],
    ['GET http://a/b?c://d/e', ['/b', 'c://d/e', 'a']],
    ['OPTIONS http://a', ['*', null, 'a']],
    ['OPTIONS http://a/', ['/', null, 'a']],
    ['OPTIONS *', ['*', null, 'a']],
    ['OPTIONS /', ['/', null, 'a']],
  ];
  for (const [start, sees] of accepted) {
    test(`${start} has path, query and authority ${JSON.stringify(sees)}`, () => {
      assertSees(shape, line(`${start} HTTP/1.1`), [`head ${JSON.stringify(sees)}`, 'end']);
    });
  }

  const refused = [
    'GET *',
    'POST *',
    'OPTIONS **',
    'OPTIONS *?a',
    'GET a',
    'GET a/b',
    'GET ?a',
    'GET a:80',
    'GET ftp://a/',
    'GET http:/a',
    'GET http:a',
    'GET http://',
    'GET http:///a',
    'GET http://u@a/',
    'GET http://u:p@a/',
    'GET http://a:/b:c@d',
    'GET http://a:65536/',
    'GET http://a:8o/',
    'GET http://a\\b/',
    'GET http://a,b/',
    'GET ws://a/',
    'GET javascript://a/',
    'GET /a#b',
    'GET /#',
    'GET #',
    'GET http://a/#b',
    'CONNECT /',
    'CONNECT *',
    'CONNECT a',
    'CONNECT a:',
    'CONNECT a:0',
    'CONNECT a:65536',
    'CONNECT a:+1',
    'CONNECT http://a:443/',
    'CONNECT a:443/',
    'CONNECT a:443?b',
    'CONNECT u@a:443',
    'CONNECT :443',
    'CONNECT [::1:443',
  ];
  for (const start of refused) {
    // `http://a:/…` has an empty port; it is Host that then differs.
    const sees =
      start === 'GET http://a:/b:c@d' ? ['head ["/b:c@d",null,"a"]', 'end'] : [BAD_TARGET];
    test(`${start} is ${sees[0]}`, () => {
      assertSees(shape, line(`${start} HTTP/1.1`), sees);
    });
  }

  test('bytes 0x80 to 0xFF pass as they are, controls, DEL and # do not', () => {
    for (let byte = 0; byte < 256; byte++) {
      const target = `/a${String.fromCharCode(byte)}b`;
      const sees = feed(strict, Buffer.from(line(`GET ${target} HTTP/1.1`), 'latin1'), []);
      if (byte === 0x23) assert.deepEqual(sees, [BAD_TARGET]);
      else if (byte <= 0x20 || byte === 0x7f) assert.deepEqual(sees, [BAD_LINE], `${byte}`);
      else assert.deepEqual(sees, [`head GET ${target}`, 'end']);
    }
  });
});

rows('empty lines in front of a request', strict, [
  [`\r\n${line('GET / HTTP/1.1')}`, 'GET /'],
  [`\r\n\r\n\r\n${line('GET / HTTP/1.1')}`, 'GET /'],
  [`\n${line('GET / HTTP/1.1')}`, BAD_LINE],
  [`\r\n\n${line('GET / HTTP/1.1')}`, BAD_LINE],
  [`\r${line('GET / HTTP/1.1')}`, BAD_LINE],
  [`\r\r\n${line('GET / HTTP/1.1')}`, BAD_LINE],
  [` \r\n${line('GET / HTTP/1.1')}`, BAD_LINE],
]);

rows('empty lines in front of a request with lenient line ends', lenient, [
  [`\n${line('GET / HTTP/1.1')}`, 'GET /'],
  [`\n\r\n${line('GET / HTTP/1.1')}`, 'GET /'],
  [`\r\n\n\n\r\n\n${line('GET / HTTP/1.1')}`, 'GET /'],
  [`\n\r${line('GET / HTTP/1.1')}`, BAD_LINE],
]);

rows('line ends', strict, [
  ['GET / HTTP/1.1\nHost: a\r\n\r\n', BARE_LF],
  ['GET / HTTP/1.1\r\nHost: a\n\r\n', BARE_LF],
  ['GET / HTTP/1.1\r\nHost: a\r\n\n', BARE_LF],
  ['GET / HTTP/1.1\rHost: a\r\n\r\n', BAD_VALUE],
  ['GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n', BAD_VALUE],
  ['GET / HTTP/1.1\r\nHost: a\r\r\n\r\n', BAD_VALUE],
  ['GET / HTTP/1.1\r\r\nHost: a\r\n\r\n', BAD_VALUE],
  ['GET / HTTP/1.1\r\nHost: a\r\n\rX\n', BAD_VALUE],
  ['GET / HTTP/1.1\r\nHost: a\r\n\r\r\n\n', BAD_VALUE],
]);

rows('line ends with lenient line ends', lenient, [
  ['GET / HTTP/1.1\nHost: a\n\n', 'GET /'],
  ['GET / HTTP/1.1\nHost: a\r\n\n', 'GET /'],
  ['GET / HTTP/1.1\r\nHost: a\n\r\n', 'GET /'],
  ['GET / HTTP/1.1\rHost: a\n\n', BAD_VALUE],
  ['GET / HTTP/1.1\nHost: a\r\r\n\n', BAD_VALUE],
  ['GET / HTTP/1.1\nHost: a\rX: b\n\n', BAD_VALUE],
  ['GET / HTTP/1.1\nHost: a\n X: b\n\n', FOLD],
  ['GET / HTTP/1.1\nHost: a\nX\n\n', BAD_FIELD],
  ['GET /\nHost: a\n\n', BAD_LINE],
]);

rows('field lines', strict, [
  [field('X: b'), 'GET /'],
  [field('X:b'), 'GET /'],
  [field('X:'), 'GET /'],
  [field('X: '), 'GET /'],
  [field('X'), BAD_FIELD],
  [field('X b'), BAD_FIELD],
  [field(': b'), BAD_FIELD],
  [field(':'), BAD_FIELD],
  [field('X : b'), BAD_FIELD],
  [field('X\t: b'), BAD_FIELD],
  [field('X\x0b: b'), BAD_FIELD],
  [field('X\r: b'), BAD_FIELD],
  [field('X\n: b'), BARE_LF],
  [field('X\0: b'), BAD_FIELD],
  [field('X\xa0: b'), BAD_FIELD],
  [field('\xa0X: b'), BAD_FIELD],
  [field('X\x85: b'), BAD_FIELD],
  [field('Content-Length : 5'), BAD_FIELD],
  [field('Transfer-Encoding\t: chunked'), BAD_FIELD],
  [field(' X: b'), FOLD],
  [field('\tX: b'), FOLD],
  [field('X: b\r\n c'), FOLD],
  [field('X: b\r\n\tc'), FOLD],
  [field('X: b\r\n '), FOLD],
  [field('X:\r\n b'), FOLD],
  ['GET / HTTP/1.1\r\n Host: a\r\n\r\n', FOLD],
  ['GET / HTTP/1.1\r\n\tX: a\r\nHost: a\r\n\r\n', FOLD],
]);

rows('field values', withFields, [
  [field('X: b'), 'Host=a|X=b'],
  [field('X:b'), 'Host=a|X=b'],
  [field('X:   b  '), 'Host=a|X=b'],
  [field('X:\t b \t'), 'Host=a|X=b'],
  [field('X: b c\td'), 'Host=a|X=b c\td'],
  [field('X: :b:'), 'Host=a|X=:b:'],
  [field('X: \xa0b\xa0'), 'Host=a|X=\xa0b\xa0'],
  [field('X: \x85b\x85'), 'Host=a|X=\x85b\x85'],
  [field('X: \xef\xbb\xbfb'), 'Host=a|X=\xef\xbb\xbfb'],
  [field('X:'), 'Host=a|X='],
  [field('X: \t '), 'Host=a|X='],
  [field('X: b\r\nx: c\r\nX: b'), 'Host=a|X=b|x=c|X=b'],
  [field('__proto__: b'), 'Host=a'],
  [field('constructor: b'), 'Host=a|constructor=b'],
  [field('toString: b\r\nhasOwnProperty: c'), 'Host=a|toString=b|hasOwnProperty=c'],
]);

rows('names with an underscore are left out', withFields, [
  [field('X_Y: b'), 'Host=a'],
  [field('_: b'), 'Host=a'],
  [field('X_: b\r\nY: c'), 'Host=a|Y=c'],
  [field('_X: b\r\nX: c'), 'Host=a|X=c'],
  [field('X-Forwarded_For: b'), 'Host=a'],
  [field('X: _'), 'Host=a|X=_'],
]);

test('an underscore spelling of a framing field frames nothing', () => {
  const bytes = `POST / HTTP/1.1\r\nHost: a\r\nContent_Length: 5\r\nTransfer_Encoding: chunked\r\n\r\n${NEXT}`;
  assertSees(strict, bytes, ['head POST /', 'end', 'head GET /next', 'end']);
});

describe('each of the 256 bytes', () => {
  const tchar = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

  test('in a field name: token bytes pass, the colon ends it, others are refused', () => {
    for (let byte = 0; byte < 256; byte++) {
      const char = String.fromCharCode(byte);
      let sees = BAD_FIELD;
      if (char === '_') sees = 'head Host=a';
      else if (tchar.includes(char)) sees = `head Host=a|X${char}Y=b`;
      else if (char === ':') sees = 'head Host=a|X=Y:b';
      else if (char === '\n') sees = BARE_LF;
      const bytes = field(`X${char}Y:b`);
      assertSees(withFields, bytes, sees.startsWith('head') ? [sees, 'end'] : [sees]);
    }
  });

  test('between a field name and its colon: only token bytes and a colon', () => {
    for (let byte = 0; byte < 256; byte++) {
      const char = String.fromCharCode(byte);
      let sees = BAD_FIELD;
      if (char === '_') sees = 'head Host=a';
      else if (tchar.includes(char)) sees = `head Host=a|X${char}=b`;
      else if (char === ':') sees = 'head Host=a|X=:b';
      else if (char === '\n') sees = BARE_LF;
      const bytes = field(`X${char}:b`);
      assertSees(withFields, bytes, sees.startsWith('head') ? [sees, 'end'] : [sees]);
    }
  });

  test('inside a field value: tab, visible ASCII, space and 0x80 to 0xFF', () => {
    for (let byte = 0; byte < 256; byte++) {
      const char = String.fromCharCode(byte);
      let sees = BAD_VALUE;
      if (char === '\n') sees = BARE_LF;
      else if (byte === 9 || (byte >= 0x20 && byte !== 0x7f)) sees = `head Host=a|X=b${char}c`;
      const bytes = field(`X: b${char}c`);
      assertSees(withFields, bytes, sees.startsWith('head') ? [sees, 'end'] : [sees]);
    }
  });

  test('at both ends of a field value: space and tab alone are stripped', () => {
    for (let byte = 0; byte < 256; byte++) {
      if (byte < 0x20 && byte !== 9) continue;
      if (byte === 0x7f) continue;
      const char = String.fromCharCode(byte);
      const kept = byte === 9 || byte === 0x20 ? '' : char;
      assertSees(withFields, field(`X: ${char}b${char}`), [`head Host=a|X=${kept}b${kept}`, 'end']);
    }
  });

  test('as the first of a line: token bytes, a line end, or a refusal', () => {
    for (let byte = 0; byte < 256; byte++) {
      const char = String.fromCharCode(byte);
      let sees = BAD_FIELD;
      if (char === '_') sees = 'head Host=a';
      else if (tchar.includes(char)) sees = `head Host=a|${char}X=b`;
      else if (char === ' ' || char === '\t') sees = FOLD;
      else if (char === '\n') sees = BARE_LF;
      else if (char === '\r') sees = BAD_VALUE;
      const bytes = field(`${char}X:b`);
      assertSees(withFields, bytes, sees.startsWith('head') ? [sees, 'end'] : [sees]);
    }
  });

  test('as the first of a connection: token bytes, CR LF, or a refusal', () => {
    for (let byte = 0; byte < 256; byte++) {
      const char = String.fromCharCode(byte);
      const accepted = tchar.includes(char);
      const sees = accepted ? [`head ${char}GET /`, 'end'] : [BAD_LINE];
      assertSees(strict, line(`${char}GET / HTTP/1.1`), sees);
    }
  });
});

function hosts(first: string, ...values: readonly string[]): string {
  return `${first}\r\n${values.map((value) => `Host: ${value}\r\n`).join('')}\r\n`;
}

const BAD_HOST = 'refused h1-host 400';

rows('Host', strict, [
  [hosts('GET / HTTP/1.1', 'a'), 'GET /'],
  [hosts('GET / HTTP/1.1', ''), 'GET /'],
  [hosts('GET / HTTP/1.1'), BAD_HOST],
  [hosts('GET / HTTP/1.2'), BAD_HOST],
  [hosts('GET / HTTP/1.0'), 'GET /'],
  [hosts('GET http://a/ HTTP/1.0'), 'GET http://a/'],
  [hosts('GET http://a/ HTTP/1.1'), BAD_HOST],
  [hosts('OPTIONS * HTTP/1.1'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a', 'a'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a', 'b'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a', ''), BAD_HOST],
  [hosts('GET / HTTP/1.1', '', ''), BAD_HOST],
  [hosts('GET / HTTP/1.0', 'a', 'a'), BAD_HOST],
  ['GET / HTTP/1.1\r\nHost: a\r\nhOST: b\r\n\r\n', BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a,b'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a, b'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a b'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'u@a'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'http://a'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a/b'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a?b'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a#b'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a\\b'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a:80'), 'GET /'],
  [hosts('GET / HTTP/1.1', 'a:0'), 'GET /'],
  [hosts('GET / HTTP/1.1', 'a:65535'), 'GET /'],
  [hosts('GET / HTTP/1.1', 'a:65536'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a:080000'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a:'), 'GET /'],
  [hosts('GET / HTTP/1.1', 'a:-1'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a:+1'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a: 80'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a:80:90'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a:8o'), BAD_HOST],
  [hosts('GET / HTTP/1.1', ':80'), BAD_HOST],
  [hosts('GET / HTTP/1.1', '.'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a..b'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a.b.'), 'GET /'],
  [hosts('GET / HTTP/1.1', '[::1]'), 'GET /'],
  [hosts('GET / HTTP/1.1', '[::1]:80'), 'GET /'],
  [hosts('GET / HTTP/1.1', '[::1'), BAD_HOST],
  [hosts('GET / HTTP/1.1', '[::1]x'), BAD_HOST],
  [hosts('GET / HTTP/1.1', '::1'), BAD_HOST],
  [hosts('GET / HTTP/1.1', '\xa0a'), BAD_HOST],
  [hosts('GET / HTTP/1.1', 'a\xa0'), BAD_HOST],
  [hosts('GET / HTTP/1.1', '%'), BAD_HOST],
]);

rows('Host beside an absolute target', strict, [
  [hosts('GET http://a/ HTTP/1.1', 'a'), 'GET http://a/'],
  [hosts('GET http://A.b/ HTTP/1.1', 'a.B'), 'GET http://A.b/'],
  [hosts('GET http://a:80/ HTTP/1.1', 'a:80'), 'GET http://a:80/'],
  [hosts('GET http://a./ HTTP/1.1', 'a'), 'GET http://a./'],
  [hosts('GET http://a/ HTTP/1.1', 'b'), BAD_HOST],
  [hosts('GET http://a/ HTTP/1.1', ''), BAD_HOST],
  [hosts('GET http://a:80/ HTTP/1.1', 'a'), BAD_HOST],
  [hosts('GET http://a/ HTTP/1.1', 'a:80'), BAD_HOST],
  [hosts('GET http://a:80/ HTTP/1.1', 'a:81'), BAD_HOST],
  [hosts('GET http://a/ HTTP/1.1', 'a', 'a'), BAD_HOST],
  [hosts('GET http://a/ HTTP/1.0', 'b'), BAD_HOST],
  [hosts('CONNECT a:443 HTTP/1.1', 'b:443'), BAD_HOST],
  [hosts('CONNECT a:443 HTTP/1.1', 'a'), BAD_HOST],
  [hosts('CONNECT a:443 HTTP/1.1'), BAD_HOST],
]);

test('a host belongs to its own request alone, however the one before it was named', () => {
  const host = subject(false, ({ head }) => JSON.stringify([head?.host, head?.authority]));
  const bytes = [
    hosts('GET / HTTP/1.1', 'A:1'),
    hosts('GET / HTTP/1.1', 'A:1'),
    hosts('GET / HTTP/1.1', ''),
    hosts('GET / HTTP/1.0'),
    hosts('GET / HTTP/1.1', 'b'),
    hosts('GET / HTTP/1.0'),
    hosts('GET http://c/ HTTP/1.0'),
    hosts('GET / HTTP/1.1', ''),
  ].join('');
  const none = 'head [null,""]';
  const a = 'head [{"name":"a","port":1},"A:1"]';
  const b = 'head [{"name":"b","port":-1},"b"]';
  const c = 'head [{"name":"c","port":-1},"c"]';
  const sees = [a, a, none, none, b, none, c, none].flatMap((head) => [head, 'end']);
  assertSees(host, bytes, sees);
});

test('three pipelined requests with bodies in one chunk are three requests', () => {
  const bytes =
    'POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nGET' +
    'POST /2 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n\r\n0\r\n0\r\nT: 1\r\n\r\n' +
    '\r\nPOST /3 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n\r\n';
  assertSees(
    strict,
    bytes,
    [
      'head POST /1',
      'data GET',
      'end',
      'head POST /2',
      'data \r\n0',
      'end T: 1',
      'head POST /3',
    ].concat(['data \r\n', 'end']),
    TRAILING,
  );
});

test('a refused second request leaves the first one whole', () => {
  const first = 'POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc';
  const sees = ['head POST /1', 'data abc', 'end'];
  assertSees(strict, `${first}GET / HTTP/1.1\r\n\r\n`, [...sees, BAD_HOST], TRAILING);
  assertSees(strict, `${first}GET /#\r\n`, [...sees, BAD_TARGET], TRAILING);
  assertSees(strict, `${first}\0`, [...sees, BAD_LINE], TRAILING);
});

test('fields and head of a request stay as they were when the next one is read', () => {
  const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
  const bytes = Buffer.from(
    'GET /1 HTTP/1.1\r\nHost: a\r\nX: 1\r\n\r\nGET /2 HTTP/1.1\r\nHost: b\r\nX: 2\r\n\r\n',
  );
  parser.push(bytes, 0, bytes.length);
  assert.equal(parser.next(), EVENT.head);
  const first = parser.head;
  assert.ok(first !== null);
  assert.equal(parser.next(), EVENT.end);
  assert.equal(parser.next(), EVENT.head);
  assert.notEqual(parser.head, first);
  bytes.fill(0);
  assert.equal(first.target, '/1');
  assert.deepEqual(
    [...first.fields.entries()],
    [
      ['Host', 'a'],
      ['X', '1'],
    ],
  );
  assert.deepEqual(
    [...(parser.head?.fields.entries() ?? [])],
    [
      ['Host', 'b'],
      ['X', '2'],
    ],
  );
});

describe('the head that is logged for a refused request', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['GET /a HTTP/1.1\r\nX\r\n\r\n', 'GET', '/a'],
    ['GET /a?b HTTP/1.1\r\n\r\n', 'GET', '/a?b'],
    ['GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n', '', 'GET /a#b HTTP/1.1'],
    ['GET /a HTTP/3.0\r\nHost: a\r\n\r\n', '', 'GET /a HTTP/3.0'],
    ['\x16\x03\x01\x00', '', '\x16\x03\x01\x00'],
    [' GET\n', '', ' GET'],
  ];
  for (const [bytes, method, target] of cases) {
    test(`${JSON.stringify(bytes)} is logged as ${JSON.stringify([method, target])}`, () => {
      for (const first of ['', NEXT]) {
        const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
        feed(strict, Buffer.from(first + bytes, 'latin1'), [], parser);
        assert.ok(parser.fault !== null);
        const head = parser.refusedHead();
        assert.deepEqual([head.method, head.target], [method, target]);
      }
    });
  }

  test('it takes no more than the first 1024 bytes of a line', () => {
    const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
    feed(strict, Buffer.from(`GET /${'a'.repeat(20_000)} HTTP/1.1\r\n`), [], parser);
    const head = parser.refusedHead();
    assert.deepEqual([head.method, head.target.length], ['', 1024]);
  });
});
