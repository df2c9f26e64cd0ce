import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertSees, feed, singleBytes } from '../../../test/support/feed.ts';
import type { Subject } from '../../../test/support/feed.ts';
import { DEFAULT_H1_LIMITS } from './limits.ts';
import type { H1Limits } from './limits.ts';
import { EVENT } from './message-parser.ts';
import { RequestParser } from './request-parser.ts';
import { ResponseParser } from './response-parser.ts';

const SMALL: H1Limits = { requestLine: 40, head: 100, headerCount: 5 };
const TRAILING = [{ bytes: '\0', sees: ['refused h1-request-line 400'] }];
const LINE = 'refused h1-line-too-long 414';
const HEAD = 'refused h1-head-too-large 431';
const COUNT = 'refused h1-too-many-fields 431';

function requests(limits: H1Limits, lenient = false): Subject<RequestParser> {
  return {
    make: () => new RequestParser(limits, lenient),
    head: (parser) => `${parser.head?.fields.size} fields`,
  };
}

// A request whose line has `bytes` bytes.
function lineOf(bytes: number): string {
  return `GET /${'a'.repeat(bytes - 14)} HTTP/1.1\r\nHost: a\r\n\r\n`;
}

// A request whose head has `bytes` bytes, the empty line included.
function headOf(bytes: number): string {
  const rest = 'GET / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\n';
  return rest.replace('X: ', `X: ${'a'.repeat(bytes - rest.length)}`);
}

function countOf(fields: number): string {
  return `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(fields - 1)}\r\n`;
}

describe('the limit of the request line', () => {
  const of = requests(SMALL);
  for (const bytes of [39, 40]) {
    test(`${bytes} of 40 bytes pass`, () => {
      assertSees(of, lineOf(bytes), ['head 1 fields', 'end'], TRAILING);
      assertSees(of, `\r\n\r\n${lineOf(bytes)}`, ['head 1 fields', 'end'], TRAILING);
    });
  }
  for (const bytes of [41, 42, 43, 44, 40_000]) {
    test(`${bytes} of 40 bytes are refused`, () => {
      assertSees(of, lineOf(bytes), [LINE], TRAILING);
    });
  }
  test('a line that does not end is refused with the third byte above the limit', () => {
    const bytes = Buffer.from(`GET /${'a'.repeat(38)}`);
    for (const cuts of [[], singleBytes(bytes.length)]) {
      assert.deepEqual(feed(of, bytes, cuts), [LINE]);
      assert.deepEqual(feed(of, bytes.subarray(0, -1), cuts.slice(0, -1)), []);
    }
  });
  test('with lenient line ends it is the same', () => {
    const lenient = requests(SMALL, true);
    assertSees(lenient, lineOf(40).replaceAll('\r', ''), ['head 1 fields', 'end']);
    assertSees(lenient, lineOf(41).replaceAll('\r', ''), [LINE]);
  });
  test('it counts for each request of a connection', () => {
    assertSees(of, lineOf(40) + lineOf(41), ['head 1 fields', 'end', LINE], TRAILING);
  });
  test('at its default of 8 KiB', () => {
    const usual = requests(DEFAULT_H1_LIMITS);
    assertSees(usual, lineOf(8191), ['head 1 fields', 'end']);
    assertSees(usual, lineOf(8192), ['head 1 fields', 'end']);
    assertSees(usual, lineOf(8193), [LINE]);
    assertSees(usual, lineOf(8_192_000), [LINE]);
  });
});

describe('the limit of the head', () => {
  const of = requests(SMALL);
  for (const bytes of [99, 100]) {
    test(`${bytes} of 100 bytes pass`, () => {
      assertSees(of, headOf(bytes), ['head 2 fields', 'end'], TRAILING);
      assertSees(of, `\r\n\r\n${headOf(bytes)}`, ['head 2 fields', 'end'], TRAILING);
    });
  }
  for (const bytes of [101, 102, 103, 104, 100_000]) {
    test(`${bytes} of 100 bytes are refused`, () => {
      assertSees(of, headOf(bytes), [HEAD], TRAILING);
    });
  }
  test('fields that are left out count', () => {
    const line = `${'_'.repeat(74)}:\r\n`;
    assertSees(of, `GET / HTTP/1.1\r\nHost: a\r\n${line}\r\n`, [HEAD]);
  });
  test('a body behind the head does not count', () => {
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\n';
    const sees = ['head 2 fields', `data ${'b'.repeat(200)}`, 'end'];
    assertSees(of, head + 'b'.repeat(200), sees, TRAILING);
  });
  test('at its default of 32 KiB', () => {
    const usual = requests(DEFAULT_H1_LIMITS);
    assertSees(usual, headOf(32_767), ['head 2 fields', 'end']);
    assertSees(usual, headOf(32_768), ['head 2 fields', 'end']);
    assertSees(usual, headOf(32_769), [HEAD]);
    assertSees(usual, headOf(32_768_000), [HEAD]);
  });
});

describe('the limit of the field count', () => {
  const of = requests({ ...SMALL, head: 100_000 });
  for (const fields of [4, 5]) {
    test(`${fields} of 5 pass`, () => {
      assertSees(of, countOf(fields), [`head ${fields} fields`, 'end'], TRAILING);
    });
  }
  for (const fields of [6, 5000]) {
    test(`${fields} of 5 are refused`, () => {
      assertSees(of, countOf(fields), [COUNT], TRAILING);
    });
  }
  test('fields that are left out do not count, the head limit bounds them', () => {
    const full = countOf(5);
    const more = `${full.slice(0, -2)}A_B: c\r\n\r\n`;
    assertSees(of, more, ['head 5 fields', 'end'], TRAILING);
  });
  test('each head has its own', () => {
    const sees = ['head 5 fields', 'end', 'head 5 fields', 'end'];
    assertSees(of, countOf(5) + countOf(5), sees);
  });
});

describe('the limits of a trailer section', () => {
  const of = requests(SMALL);
  const start = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n';
  test('are those of a head, counted anew', () => {
    const fits = `X: ${'a'.repeat(93)}\r\n\r\n`;
    assert.equal(fits.length, 100);
    assertSees(of, start + fits, ['head 2 fields', `end X: ${'a'.repeat(93)}`], TRAILING);
    assertSees(of, `${start}X: ${'a'.repeat(94)}\r\n\r\n`, ['head 2 fields', HEAD], TRAILING);
    assertSees(of, `${start}X: ${'a'.repeat(100_000)}\r\n\r\n`, ['head 2 fields', HEAD], TRAILING);
    assertSees(of, start + 'X: a\r\n'.repeat(100), ['head 2 fields', COUNT], TRAILING);
  });
  test('the count is inclusive', () => {
    const five = Array.from({ length: 5 }, () => 'X: a').join(' | ');
    assertSees(
      of,
      `${start}${'X: a\r\n'.repeat(5)}\r\n`,
      ['head 2 fields', `end ${five}`],
      TRAILING,
    );
    assertSees(of, `${start}${'X: a\r\n'.repeat(6)}\r\n`, ['head 2 fields', COUNT], TRAILING);
  });
});

test('a response has the same limits, all under one code', () => {
  const of: Subject<ResponseParser> = {
    make: () => new ResponseParser(SMALL, false),
    head: (parser) => `${parser.status}`,
  };
  const large = 'refused h1-response-too-large 502';
  const length = 'Content-Length: 0\r\n';
  const statusLine = (bytes: number) => `HTTP/1.1 200 ${'r'.repeat(bytes - 13)}\r\n${length}\r\n`;
  assertSees(of, statusLine(40), ['head 200', 'end']);
  assertSees(of, statusLine(41), [large]);
  assertSees(of, statusLine(40_000), [large]);
  const head = (bytes: number) => `HTTP/1.1 200\r\n${length}X: ${'a'.repeat(bytes - 40)}\r\n\r\n`;
  assert.equal(head(100).length, 100);
  assertSees(of, head(100), ['head 200', 'end']);
  assertSees(of, head(101), [large]);
  assertSees(of, head(100_000), [large]);
  const count = (fields: number) => `HTTP/1.1 200\r\n${length}${'X:\r\n'.repeat(fields - 1)}\r\n`;
  assertSees(of, count(5), ['head 200', 'end']);
  assertSees(of, count(6), [large]);
});

describe('what the parser holds', () => {
  test('is the unfinished head, and nothing of a body', () => {
    const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
    const head = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n';
    assert.ok(parser.idle);
    for (let at = 0; at < head.length - 1; at++) {
      const byte = Buffer.from(head.charAt(at));
      parser.push(byte, 0, 1);
      assert.equal(parser.next(), EVENT.needData);
      assert.equal(parser.held, at + 1);
      assert.ok(parser.inHead);
      assert.ok(!parser.idle);
    }
    const last = Buffer.from('\nbody');
    parser.push(last, 0, last.length);
    assert.equal(parser.next(), EVENT.head);
    assert.ok(!parser.inHead);
    assert.equal(parser.next(), EVENT.data);
    assert.equal(parser.next(), EVENT.needData);
    assert.equal(parser.held, 0);
    assert.equal(parser.unread, 0);
  });

  test('is nothing behind a message: the parser is idle from its end to the first byte of the next', () => {
    const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
    const message = Buffer.from(headOf(50));
    parser.push(message, 0, message.length);
    assert.ok(!parser.idle);
    assert.equal(parser.next(), EVENT.head);
    assert.ok(!parser.idle);
    assert.equal(parser.next(), EVENT.end);
    assert.ok(parser.idle);
    assert.equal(parser.next(), EVENT.needData);
    assert.ok(parser.idle);
    parser.push(message, 0, 1);
    assert.ok(!parser.idle);
  });

  test('is nothing while empty lines come, however many', () => {
    const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
    const lines = Buffer.from('\r\n'.repeat(1000));
    for (let i = 0; i < 100; i++) {
      parser.push(lines, 0, lines.length);
      assert.equal(parser.next(), EVENT.needData);
      assert.equal(parser.held, 0);
      assert.ok(parser.idle);
    }
  });

  test('a head of single bytes is moved a few times, not once a byte', () => {
    const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
    const head = Buffer.from(headOf(32_768));
    let windows = 0;
    let moved = 0;
    let window = parser.window;
    for (let at = 0; at < head.length; at++) {
      const held = parser.held;
      parser.push(head, at, at + 1);
      if (parser.window !== window && held > 0) {
        windows++;
        moved += held;
      }
      window = parser.window;
      assert.equal(parser.next(), at === head.length - 1 ? EVENT.head : EVENT.needData);
    }
    assert.ok(windows <= 10, `${windows} windows`);
    assert.ok(moved <= 2 * head.length, `${moved} bytes moved`);
  });

  test('an unfinished line is looked at once, and again when its end has come', () => {
    class Counting extends RequestParser {
      looks = 0;
      protected override readStartLine(window: Buffer, from: number, end: number): number {
        this.looks++;
        return super.readStartLine(window, from, end);
      }
    }
    const parser = new Counting(DEFAULT_H1_LIMITS, false);
    // Line ends around what is pushed are not its own.
    for (const char of lineOf(8192)) {
      parser.push(Buffer.from(`\r\n${char}\r\n`), 2, 3);
      parser.next();
    }
    assert.equal(parser.head?.method, 'GET');
    assert.equal(parser.looks, 2);
  });

  test('a head in one chunk is read where it lies', () => {
    const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
    const head = Buffer.from(`${headOf(1000)}${headOf(1000)}`);
    parser.push(head, 0, head.length);
    while (parser.next() !== EVENT.needData) assert.equal(parser.window, head);
  });

  test('body bytes stay as they were handed out while the next ones are pushed', () => {
    const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
    const text =
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 26\r\n\r\nabcdefghijklmnopqrstuvwxyz';
    const taken: Buffer[] = [];
    for (let from = 0; from < text.length; from += 7) {
      const chunk = Buffer.from(text.slice(from, from + 7));
      parser.push(chunk, 0, chunk.length);
      for (let event = parser.next(); event !== EVENT.needData; event = parser.next()) {
        if (event === EVENT.data)
          taken.push(parser.window.subarray(parser.dataStart, parser.dataEnd));
        if (event === EVENT.end) break;
      }
    }
    assert.equal(Buffer.concat(taken).toString(), 'abcdefghijklmnopqrstuvwxyz');
  });

  test('a Uint8Array that is no Buffer, and lies within a larger one, is read as well', () => {
    const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
    const bytes = Buffer.from(`\0\0\0${headOf(100)}\0`);
    const plain = new Uint8Array(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1);
    parser.push(plain, 2, plain.length - 1);
    assert.equal(parser.next(), EVENT.head);
    assert.equal(parser.next(), EVENT.end);
    assert.equal(parser.next(), EVENT.needData);
  });
});

describe('when the client ends its side', () => {
  const chunked = 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n';
  const counted = 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n';
  const complete = `${counted}abc`;
  const cases: readonly (readonly [string, string, number, string | null])[] = [
    ['before anything', '', EVENT.needData, null],
    ['behind empty lines', '\r\n\r\n', EVENT.needData, null],
    ['behind a request', complete, EVENT.needData, null],
    ['behind a request and an empty line', `${complete}\r\n`, EVENT.needData, null],
    ['behind half an empty line', '\r', EVENT.refused, 'head'],
    ['in the request line', 'GET', EVENT.refused, 'head'],
    ['in a field line', 'GET / HTTP/1.1\r\nHo', EVENT.refused, 'head'],
    ['in front of the empty line', 'GET / HTTP/1.1\r\nHost: a\r\n', EVENT.refused, 'head'],
    ['in the second request', `${complete}G`, EVENT.refused, 'head'],
    ['in front of a body', counted, EVENT.refused, 'request-body'],
    ['in a body', `${counted}ab`, EVENT.refused, 'request-body'],
    ['in front of a chunk', chunked, EVENT.refused, 'request-body'],
    ['in a chunk size', `${chunked}3`, EVENT.refused, 'request-body'],
    ['in a chunk extension', `${chunked}3;a`, EVENT.refused, 'request-body'],
    ['in a chunk', `${chunked}3\r\nab`, EVENT.refused, 'request-body'],
    ['in front of the end of a chunk', `${chunked}3\r\nabc`, EVENT.refused, 'request-body'],
    ['behind a chunk', `${chunked}3\r\nabc\r\n`, EVENT.refused, 'request-body'],
    ['in front of the trailers', `${chunked}0\r\n`, EVENT.refused, 'request-body'],
    ['in the trailers', `${chunked}0\r\nA: b\r\n`, EVENT.refused, 'request-body'],
  ];
  for (const [where, bytes, event, stage] of cases) {
    test(`${where}, the answer is ${event === EVENT.refused ? `h1-body-cut at ${stage}` : 'that all is well'}`, () => {
      for (const cuts of [[], singleBytes(bytes.length)]) {
        const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
        feed(requests(DEFAULT_H1_LIMITS), Buffer.from(bytes), cuts, parser);
        assert.equal(parser.finish(), event);
        assert.equal(parser.fault?.kind.code ?? null, stage === null ? null : 'h1-body-cut');
        assert.equal(parser.fault?.stage ?? null, stage);
        if (event === EVENT.refused) {
          assert.equal(parser.finish(), EVENT.refused);
          assert.equal(parser.next(), EVENT.refused);
        }
      }
    });
  }

  test('a refusal stays the one it was', () => {
    const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
    feed(requests(DEFAULT_H1_LIMITS), Buffer.from('\0'), [], parser);
    assert.equal(parser.finish(), EVENT.refused);
    assert.equal(parser.fault?.kind.code, 'h1-request-line');
    const good = Buffer.from(countOf(1));
    parser.push(good, 0, good.length);
    assert.equal(parser.next(), EVENT.refused);
    assert.equal(parser.fault.kind.code, 'h1-request-line');
  });
});

describe('what a parser keeps of bytes that it has read', () => {
  test('is no more than a few times what is still to be read', () => {
    const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
    const push = (text: string): void => parser.push(Buffer.from(text, 'latin1'), 0, text.length);
    push('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n');
    assert.equal(parser.next(), EVENT.head);
    assert.equal(parser.next(), EVENT.needData);
    push(`ea60\r\n${'x'.repeat(60_000)}\r\n1`);
    assert.equal(parser.next(), EVENT.data);
    assert.equal(parser.next(), EVENT.needData);
    const lets = [parser.wasteful];
    parser.keepUnread();
    lets.push(parser.wasteful);
    assert.equal(parser.held, 1);
    assert.equal(parser.window.length, 512);
    // The same again where the window is the parser's own.
    push(`\r\nx\r\nea60\r\n${'x'.repeat(60_000)}\r\n1`);
    assert.equal(parser.next(), EVENT.data);
    assert.equal(parser.next(), EVENT.data);
    assert.equal(parser.next(), EVENT.needData);
    lets.push(parser.wasteful);
    parser.keepUnread();
    assert.equal(parser.window.byteLength, 512);
    assert.deepEqual(lets, [true, false, true]);
    push('\r\ny\r\n0\r\n\r\n');
    assert.equal(parser.next(), EVENT.data);
    assert.equal(parser.window.toString('latin1', parser.dataStart, parser.dataEnd), 'y');
    assert.equal(parser.next(), EVENT.end);
    parser.keepUnread();
    assert.equal(parser.window.length, 0);
  });

  test('is nothing once it was taken, wherever it stopped', () => {
    const text =
      'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n';
    for (let length = 1; length <= text.length; length++) {
      const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
      parser.push(Buffer.from(text, 'latin1'), 0, length);
      while (parser.next() !== EVENT.needData);
      parser.takeUnread();
      assert.equal(parser.held, 0, `${length} bytes`);
      parser.keepUnread();
      assert.equal(parser.window.length, 0);
    }
  });

  test('is not copied for every byte of a head that comes byte by byte', () => {
    const parser = new RequestParser(DEFAULT_H1_LIMITS, false);
    const text = `GET / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(6000)}`;
    let moves = 0;
    let window = parser.window;
    for (let at = 0; at < text.length; at++) {
      parser.push(Buffer.from(text.charAt(at)), 0, 1);
      assert.equal(parser.next(), EVENT.needData);
      parser.keepUnread();
      if (parser.window !== window) moves++;
      ({ window } = parser);
    }
    assert.ok(moves < 10, `${moves} moves`);
  });
});
