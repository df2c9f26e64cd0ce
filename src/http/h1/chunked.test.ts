import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertSees, feed } from '../../../test/support/feed.ts';
import type { Subject } from '../../../test/support/feed.ts';
import { DEFAULT_H1_LIMITS } from './limits.ts';
import { EVENT } from './message-parser.ts';
import { RequestParser } from './request-parser.ts';

const HEAD = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
const TRAILING = [
  { bytes: 'GET /next HTTP/1.1\r\nHost: next\r\n\r\n', sees: ['head GET', 'end'] },
  { bytes: '\0', sees: ['refused h1-request-line 400'] },
];
const CHUNK = 'refused h1-chunk 400';
const TOO_LARGE = 'refused h1-chunk-too-large 413';
const EXTENSION = 'refused h1-chunk-extension 400';

function subject(lenient: boolean): Subject<RequestParser> {
  return {
    make: () => new RequestParser(DEFAULT_H1_LIMITS, lenient),
    head: (parser) => `${parser.head?.method}`,
  };
}

const strict = subject(false);
const lenient = subject(true);

type Row = readonly [body: string, ...sees: readonly string[]];

function rows(title: string, table: readonly Row[]): void {
  describe(title, () => {
    for (const [body, ...sees] of table) {
      const shown = body.length > 60 ? `${body.slice(0, 60)}… (${body.length})` : body;
      test(`${JSON.stringify(shown)} gives ${sees.join(', ').slice(0, 80)}`, () => {
        assertSees(strict, HEAD + body, ['head POST', ...sees], TRAILING);
        assertSees(lenient, HEAD + body, ['head POST', ...sees]);
      });
    }
  });
}

rows('a chunked body', [
  ['0\r\n\r\n', 'end'],
  ['3\r\nabc\r\n0\r\n\r\n', 'data abc', 'end'],
  ['1\r\na\r\n2\r\nbc\r\n0\r\n\r\n', 'data abc', 'end'],
  ['7\r\n0\r\n\r\n\r\n\r\n0\r\n\r\n', 'data 0\r\n\r\n\r\n', 'end'],
  ['00\r\n\r\n', 'end'],
  ['0000000000000000\r\n\r\n', 'end'],
  ['0000000000000003\r\nabc\r\n0\r\n\r\n', 'data abc', 'end'],
  [`a\r\n0123456789\r\n0\r\n\r\n`, 'data 0123456789', 'end'],
  [`A\r\n0123456789\r\n0\r\n\r\n`, 'data 0123456789', 'end'],
  [`1F\r\n${'x'.repeat(31)}\r\n0\r\n\r\n`, `data ${'x'.repeat(31)}`, 'end'],
]);

rows('a chunk size', [
  [' 3\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['\t3\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['3 \r\nabc\r\n0\r\n\r\n', CHUNK],
  ['3\t\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['0 \r\n\r\n', CHUNK],
  ['+3\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['-3\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['-0\r\n\r\n', CHUNK],
  ['0x3\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['x3\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['3_0\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['3.0\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['3,3\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['3h\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['g\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['"3"\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['\r\n\r\n', CHUNK],
  [';a\r\n\r\n', CHUNK],
  ['\r\n3\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['\0', CHUNK],
  ['\xb3\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['3\0\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['3\x0b\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['3\xa0\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['3 3\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['00000000000000003\r\nabc\r\n0\r\n\r\n', CHUNK],
  [`${'0'.repeat(17)}\r\n\r\n`, CHUNK],
  ['1fffffffffffff\r\nabc', 'data abc'],
  ['001fffffffffffff\r\nabc', 'data abc'],
  ['20000000000000\r\nabc', TOO_LARGE],
  ['20000000000001\r\nabc', TOO_LARGE],
  ['0020000000000000\r\nabc', TOO_LARGE],
  ['7fffffffffffffff\r\nabc', TOO_LARGE],
  ['8000000000000003\r\nabc', TOO_LARGE],
  ['ffffffffffffffff\r\nabc', TOO_LARGE],
  ['10000000000000003\r\nabc', TOO_LARGE],
  ['fffffffffffffffff\r\nabc', TOO_LARGE],
  ['1\r\nx\r\n1fffffffffffff\r\nabc', 'data x', TOO_LARGE],
  ['1\r\nx\r\n1ffffffffffffe\r\nabc', 'data xabc'],
  ['2\r\nxy\r\n1ffffffffffffe\r\nabc', 'data xy', TOO_LARGE],
]);

rows('the line ends of chunked framing are CR LF, leniency or not', [
  ['3\nabc\r\n0\r\n\r\n', CHUNK],
  ['3\r\nabc\n0\r\n\r\n', 'data abc', CHUNK],
  ['3\r\nabc\r\n0\n\r\n', 'data abc', CHUNK],
  ['3\rabc\r\n0\r\n\r\n', CHUNK],
  ['3\r\rabc\r\n0\r\n\r\n', CHUNK],
  ['3\r\nabc0\r\n\r\n', 'data abc', CHUNK],
  ['3\r\nabcd\r\n0\r\n\r\n', 'data abc', CHUNK],
  ['3\r\nabc\r0\r\n\r\n', 'data abc', CHUNK],
  ['3\r\nabc\r\r\n0\r\n\r\n', 'data abc', CHUNK],
  ['3\r\nabc \r\n0\r\n\r\n', 'data abc', CHUNK],
  ['3\r\nabc\r\n\r\n0\r\n\r\n', 'data abc', CHUNK],
  ['3\r\nab\r\n0\r\n\r\n', 'data ab\r', CHUNK],
  ['3;a\nabc\r\n0\r\n\r\n', CHUNK],
  ['3;\nabc\r\n0\r\n\r\n', CHUNK],
  ['5;\n', CHUNK],
  ['3;a\rb\r\nabc\r\n0\r\n\r\n', CHUNK],
]);

rows('a chunk extension', [
  ['3;a\r\nabc\r\n0\r\n\r\n', 'data abc', 'end'],
  ['3;a=b\r\nabc\r\n0;c="d;e"\r\n\r\n', 'data abc', 'end'],
  ['3;\r\nabc\r\n0;\r\n\r\n', 'data abc', 'end'],
  ['3 ;a\r\nabc\r\n0\t;\r\n\r\n', 'data abc', 'end'],
  ['3; a = b \r\nabc\r\n0\r\n\r\n', 'data abc', 'end'],
  ['3;\xff\r\nabc\r\n0\r\n\r\n', 'data abc', 'end'],
  ['3;a\0b\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['3;a\x7f\r\nabc\r\n0\r\n\r\n', CHUNK],
  ['3;a\x0b\r\nabc\r\n0\r\n\r\n', CHUNK],
]);

describe('chunk extensions of one body are 4096 bytes together', () => {
  // The semicolon, and blanks in front of it, count.
  const accepted: readonly (readonly [title: string, body: string, data: string])[] = [
    ['one of 4095', `1;${'e'.repeat(4094)}\r\na\r\n0\r\n\r\n`, 'a'],
    ['one of 4096', `1;${'e'.repeat(4095)}\r\na\r\n0\r\n\r\n`, 'a'],
    ['one of 4096 with blanks', `1 \t;${'e'.repeat(4093)}\r\na\r\n0\r\n\r\n`, 'a'],
    ['4096 on the last chunk', `1\r\na\r\n0;${'e'.repeat(4095)}\r\n\r\n`, 'a'],
    ['2048 and 2048', `1;${'e'.repeat(2047)}\r\na\r\n0;${'e'.repeat(2047)}\r\n\r\n`, 'a'],
  ];
  for (const [title, body, data] of accepted) {
    test(`${title} pass`, () => {
      assertSees(strict, HEAD + body, ['head POST', `data ${data}`, 'end'], TRAILING);
    });
  }
  const refused: readonly (readonly [title: string, body: string, data: string])[] = [
    ['one of 4097', `1;${'e'.repeat(4096)}\r\na\r\n0\r\n\r\n`, ''],
    ['blanks and one of 4097', `1 ;${'e'.repeat(4095)}\r\na\r\n0\r\n\r\n`, ''],
    ['4097 on the last chunk', `1\r\na\r\n0;${'e'.repeat(4096)}\r\n\r\n`, 'a'],
    ['2048 and 2049', `1;${'e'.repeat(2047)}\r\na\r\n0;${'e'.repeat(2048)}\r\n\r\n`, 'a'],
    ['one of 1 MiB', `1;${'e'.repeat(1_048_576)}\r\na\r\n0\r\n\r\n`, ''],
    ['a size and 1 MiB of blanks', `1${' '.repeat(1_048_576)}`, ''],
    ['4097 without a line end', `1;${'e'.repeat(5000)}`, ''],
    ['2 in each of 2049 chunks', `${'1;x\r\na\r\n'.repeat(2049)}0\r\n\r\n`, 'a'.repeat(2048)],
  ];
  for (const [title, body, data] of refused) {
    test(`${title} are refused`, () => {
      const sees = data === '' ? [EXTENSION] : [`data ${data}`, EXTENSION];
      // Where the line does not end, what is found in bytes behind the limit depends on when they come.
      const trailing = body.endsWith('\n') ? TRAILING : [];
      assertSees(strict, HEAD + body, ['head POST', ...sees], trailing);
    });
  }

  test('each body has its own 4096', () => {
    const body = `${HEAD}0;${'e'.repeat(4095)}\r\n\r\n`;
    assertSees(strict, body + body, ['head POST', 'end', 'head POST', 'end']);
  });
});

rows('trailers', [
  ['0\r\nA: b\r\n\r\n', 'end A: b'],
  ['3\r\nabc\r\n0\r\nA: b\r\na: c\r\n\r\n', 'data abc', 'end A: b | a: c'],
  ['0\r\nA_B: c\r\n\r\n', 'end'],
  ['0\r\nA:\r\n\r\n', 'end A: '],
  ['0\r\nContent-Length: 5\r\n\r\n', 'end Content-Length: 5'],
  ['0\r\nTransfer-Encoding: chunked\r\n\r\n', 'end Transfer-Encoding: chunked'],
  ['0\r\nHost: b\r\nHost: c\r\n\r\n', 'end Host: b | Host: c'],
  ['0\r\nA\r\n\r\n', 'refused h1-field-line 400'],
  ['0\r\nA : b\r\n\r\n', 'refused h1-field-line 400'],
  ['0\r\n: b\r\n\r\n', 'refused h1-field-line 400'],
  ['0\r\nA: b\0\r\n\r\n', 'refused h1-field-value 400'],
  ['0\r\nA: b\rc\r\n\r\n', 'refused h1-field-value 400'],
  ['0\r\n A: b\r\n\r\n', 'refused h1-obs-fold 400'],
  ['0\r\nA: b\r\n c\r\n\r\n', 'refused h1-obs-fold 400'],
  ['0\r\nGET /smuggled HTTP/1.1\r\n\r\n', 'refused h1-field-line 400'],
  ['0\r\n\rX\n', 'refused h1-field-value 400'],
]);

test('LF alone ends a trailer line only with lenient line ends', () => {
  for (const body of ['0\r\nA: b\n\r\n', '0\r\nA: b\r\n\n']) {
    assertSees(strict, HEAD + body, ['head POST', 'refused h1-bare-lf 400'], TRAILING);
    assertSees(lenient, HEAD + body, ['head POST', 'end A: b'], TRAILING);
  }
  assertSees(strict, `${HEAD}0\r\n\n`, ['head POST', 'refused h1-bare-lf 400'], TRAILING);
  assertSees(lenient, `${HEAD}0\r\n\n`, ['head POST', 'end'], TRAILING);
});

test('trailers never become fields of the head, and end with their message', () => {
  const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
  const head =
    'POST / HTTP/1.1\r\nHost: a\r\nAuthorization: x\r\nTransfer-Encoding: chunked\r\n\r\n';
  const trailers = 'Host: evil\r\nAuthorization: evil\r\nContent-Length: 9\r\nX: y\r\n';
  const bytes = Buffer.from(`${head}0\r\n${trailers}\r\n${HEAD}0\r\n\r\n`);
  parser.push(bytes, 0, bytes.length);
  assert.equal(parser.next(), EVENT.head);
  const first = parser.head;
  assert.equal(parser.next(), EVENT.end);
  assert.equal(parser.trailers?.getByName('X'), 'y');
  assert.deepEqual(
    [...(first?.fields.entries() ?? [])],
    [
      ['Host', 'a'],
      ['Authorization', 'x'],
      ['Transfer-Encoding', 'chunked'],
    ],
  );
  assert.equal(first?.contentLength, -1);
  assert.equal(parser.next(), EVENT.head);
  assert.equal(parser.trailers, null);
  assert.equal(parser.next(), EVENT.end);
  assert.equal(parser.trailers, null);
});

test('data comes as it arrives, without waiting for the end of its chunk', () => {
  const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
  const bytes = Buffer.from(`${HEAD}ff\r\nabc`);
  assert.deepEqual(feed(strict, bytes, [], parser), ['head POST', 'data abc']);
  assert.equal(parser.held, 0);
  const more = Buffer.from('def');
  assert.deepEqual(feed(strict, more, [], parser), ['data def']);
});

test('every chunk size from 0 to 300 in both cases and with leading zeros is what it says', () => {
  for (let size = 1; size <= 300; size++) {
    const hex = size.toString(16);
    for (const digits of [hex, hex.toUpperCase(), hex.padStart(16, '0')]) {
      const body = `${digits}\r\n${'0'.repeat(size)}\r\n0\r\n\r\n`;
      const sees = feed(strict, Buffer.from(HEAD + body), [HEAD.length + 1]);
      assert.deepEqual(sees, ['head POST', `data ${'0'.repeat(size)}`, 'end']);
    }
  }
});
