import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NEVER } from '../../base/index.ts';
import { NO_FIELDS, UNKNOWN_LENGTH } from '../../http/message/index.ts';
import { GIVEN_UP } from '../../../test/conformance/transport-bench.ts';
import {
  Answer,
  behindRequest,
  Bench,
  bodyPacket,
  chunk,
  END,
  GET,
  head,
  OK,
  opened,
  requestIn,
  TIMEOUTS,
  write,
} from '../../../test/support/ajp-client-bench.ts';
import {
  CPONG,
  endResponse,
  FLUSH,
  getBodyChunk,
  LAST_BODY_PACKET,
  responseHead,
} from './response-messages.ts';

const POST = { ...GET, method: 'POST' };
/** Most bytes of a body in a packet of 8 KiB. */
const MOST = 8186;

describe('a response', () => {
  test('that is there as a whole is handed over as a whole, and the connection used again', () => {
    const { bench, answer } = opened();
    bench.sent();
    bench.comes(OK);
    assert.deepEqual(answer.log, ['head 200 Fine 2', 'end']);
    assert.deepEqual([answer.body, answer.wholes], ['hi', 1]);
    assert.deepEqual(bench.told, ['idle']);
    const next = new Answer();
    bench.connection.open({ ...GET, target: '/next' }, next, TIMEOUTS);
    assert.equal(requestIn(bench.sent()).uri, '/next');
    bench.comes(OK);
    assert.equal(next.body, 'hi');
    assert.equal(bench.budget.held, 0);
  });

  test('without Content-Length is whole by its end', () => {
    const { bench, answer } = opened();
    bench.sent();
    bench.comes(head(200) + chunk('ab') + chunk('cd') + END);
    assert.deepEqual([answer.log, answer.body], [['head 200 Fine 4', 'end'], 'abcd']);
    assert.equal(answer.wholes, 1);
  });

  test('reads the same however it is cut', () => {
    const text =
      head(103) + head(200, ['Content-Length', '6']) + chunk('abc') + FLUSH + chunk('def') + END;
    for (let at = 1; at < text.length; at++) {
      const { bench, answer } = opened();
      bench.sent();
      bench.comes(text.slice(0, at));
      bench.comes(text.slice(at));
      assert.deepEqual(answer.log, ['inform 103', 'head 200 Fine 6', 'end'], `cut at ${at}`);
      assert.equal(answer.body, 'abcdef');
      assert.ok(bench.connection.usable);
      assert.equal(bench.budget.held, 0);
    }
    const { bench, answer } = opened();
    bench.sent();
    for (const byte of text) bench.comes(byte);
    assert.equal(answer.body, 'abcdef');
    assert.equal(bench.connection.deadline - bench.clock.monotonic(), 5000);
  });

  test('whose reason is its number once more has none, as Tomcat writes it', () => {
    for (const [reason, told] of [
      ['200', ''],
      ['404', '404'],
      ['Fine', 'Fine'],
    ] as const) {
      const { bench, answer } = opened();
      bench.sent();
      bench.comes((responseHead(200, reason, NO_FIELDS, 8192) ?? '') + END);
      assert.equal(answer.log[0], `head 200 ${told} 0`);
    }
  });

  test('that comes piece by piece is passed on at once', () => {
    const { bench, answer } = opened();
    bench.sent();
    bench.comes(head(200));
    assert.deepEqual(answer.log, ['head 200 Fine -1']);
    bench.comes(chunk('a'));
    assert.equal(answer.body, 'a');
    bench.comes(FLUSH);
    bench.comes(chunk('b') + END);
    assert.deepEqual([answer.log.at(-1), answer.body, answer.wholes], ['end', 'ab', 0]);
  });

  for (const size of [16_383, 16_384, 16_385, 70_000]) {
    test(`of ${size} bytes at once arrives whole`, () => {
      const { bench, answer } = opened();
      bench.sent();
      const text = Array.from({ length: size }, (_, at) => String.fromCharCode(at % 251)).join('');
      let packets = head(200, ['Content-Length', String(size)]);
      for (let at = 0; at < size; at += 8184) packets += chunk(text.slice(at, at + 8184));
      bench.comes(packets + END);
      assert.ok(answer.body === text);
      assert.equal(answer.wholes, size <= 16_384 ? 1 : 0);
      assert.equal(bench.budget.held, 0);
    });
  }

  test('gives bytes that its receiver may keep, and never none', () => {
    const kept: Uint8Array[] = [];
    class Keeper extends Answer {
      override onData(bytes: Uint8Array, start: number, end: number): void {
        assert.ok(end > start);
        kept.push(bytes.subarray(start, end));
      }
    }
    const bench = new Bench();
    bench.connection.open(GET, new Keeper(), TIMEOUTS);
    bench.sent();
    bench.comes(head(200));
    bench.comes(FLUSH + chunk('abc') + FLUSH + chunk('def'));
    const split = chunk('ghi') + chunk('jkl');
    bench.comes(split.slice(0, 5));
    bench.comes(split.slice(5));
    bench.comes(END);
    assert.equal(Buffer.concat(kept).toString('latin1'), 'abcdefghijkl');
  });

  test('whose receiver wanted a pause before it came is its head alone', () => {
    const { bench, answer, call } = opened();
    bench.sent();
    call.pause();
    bench.comes(OK);
    assert.deepEqual([answer.log, answer.body], [['head 200 Fine 2'], '']);
    call.resume();
    assert.deepEqual([answer.log, answer.body], [['head 200 Fine 2', 'end'], 'hi']);
  });

  test('that is complete before its request is no whole one', () => {
    const { bench, answer } = opened({ ...POST, length: UNKNOWN_LENGTH });
    bench.sent();
    bench.comes(OK);
    assert.deepEqual([answer.log, answer.body], [['head 200 Fine 2', 'end'], 'hi']);
    assert.equal(answer.wholes, 0);
  });

  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 304],
    ['GET', 204],
  ] as const) {
    test(`${status} to ${method} has no body, and one that comes is left out`, () => {
      for (const sent of ['', chunk('body')]) {
        const { bench, answer } = opened({ method });
        bench.sent();
        bench.comes(head(status, ['Content-Length', '12']) + sent + END);
        assert.deepEqual(answer.log, [`head ${status} Fine ${status === 204 ? 0 : 12}`, 'end']);
        assert.equal(answer.body, '');
        assert.ok(bench.connection.usable);
      }
    });
  }

  test('that says that the connection is not to be used again ends it', () => {
    const { bench, answer } = opened();
    bench.sent();
    bench.comes(head(200) + chunk('hi') + endResponse(false));
    assert.equal(answer.body, 'hi');
    assert.deepEqual([bench.told, bench.ended], [['unusable'], 'closed']);
  });

  test('with a byte behind its end ends the connection, and whoever asks next is not given it', () => {
    for (const behind of ['A', CPONG, END, getBodyChunk(10), OK]) {
      const { bench, answer } = opened();
      bench.sent();
      bench.comes(OK + behind);
      assert.equal(answer.body, 'hi');
      assert.deepEqual(bench.told, ['unusable']);
      const idle = opened();
      idle.bench.sent();
      idle.bench.comes(OK);
      idle.bench.comes(behind);
      assert.deepEqual([idle.bench.told, idle.bench.ended], [['idle', 'unusable'], 'destroyed']);
    }
  });

  for (const [what, packets, code] of [
    ['begins with another magic', '\x12\x34\0\x01\x09', 'ajp-response-packet'],
    ['has a packet longer than the largest', 'AB\x1f\xfd', 'ajp-response-packet'],
    ['has an empty packet', 'AB\0\0', 'ajp-response-malformed'],
    ['has a packet of an unknown kind', 'AB\0\x01\x07', 'ajp-response-malformed'],
    ['has a head that is cut', 'AB\0\x04\x04\0\xc8\0', 'ajp-response-malformed'],
    [
      'has a text that reaches beyond its packet',
      'AB\0\x07\x04\0\xc8\xff\xfe\0\0',
      'ajp-response-malformed',
    ],
    ['has fewer fields than it says', 'AB\0\x07\x04\0\xc8\xff\xff\0\x01', 'ajp-response-malformed'],
    ['has a status that is none', 'AB\0\x07\x04\0\x63\xff\xff\0\0', 'ajp-response-malformed'],
    [
      'has a chunk longer than its packet',
      `${head(200)}AB\0\x05\x03\0\x03hi`,
      'ajp-response-malformed',
    ],
    [
      'has a chunk much shorter than its packet',
      `${head(200)}AB\0\x07\x03\0\x02hi\0\0`,
      'ajp-response-malformed',
    ],
    ['has a reuse flag that is none', `${head(200)}AB\0\x02\x05\x02`, 'ajp-response-malformed'],
    [
      'has two lengths',
      head(200, ['Content-Length', '2'], ['Content-Length', '2']),
      'ajp-response-malformed',
    ],
    [
      'has a length that is no number',
      head(200, ['Content-Length', '2, 2']),
      'ajp-response-malformed',
    ],
    ['has a negative length', head(200, ['Content-Length', '-1']), 'ajp-response-malformed'],
    [
      'is longer than it says',
      head(200, ['Content-Length', '2']) + chunk('hi!'),
      'ajp-response-malformed',
    ],
    [
      'is shorter than it says',
      head(200, ['Content-Length', '3']) + chunk('hi') + END,
      'ajp-response-malformed',
    ],
    ['has a body before its head', chunk('hi'), 'ajp-response-unexpected'],
    ['ends before its head', END, 'ajp-response-unexpected'],
    ['has two heads', head(200) + head(200), 'ajp-response-unexpected'],
    ['is CPONG', CPONG, 'ajp-response-unexpected'],
    ['has CPONG in its body', head(200) + chunk('a') + CPONG, 'ajp-response-unexpected'],
    ['switches protocols', head(101), 'call-unasked'],
    ['never comes to its head', head(103).repeat(11), 'call-interims'],
  ] as const) {
    test(`that ${what} is refused, and the connection with it`, () => {
      for (const byBytes of [false, true]) {
        const { bench, answer } = opened({ method: 'POST' });
        bench.sent();
        if (byBytes) for (const byte of packets) bench.comes(byte);
        else bench.comes(packets);
        assert.equal(answer.fault?.kind.code, code);
        assert.equal(answer.fault.kind.status, 502);
        assert.equal(
          answer.log.filter((line) => line.startsWith('abort') || line === 'end').length,
          1,
        );
        assert.equal(bench.ended, 'destroyed');
        assert.deepEqual(bench.told, ['unusable']);
        assert.equal(bench.budget.held, 0);
        assert.deepEqual(bench.defects, []);
      }
    });
  }

  test('of ten interim heads is not refused', () => {
    const { bench, answer } = opened();
    bench.sent();
    bench.comes(head(103).repeat(10) + OK);
    assert.equal(answer.body, 'hi');
  });

  test('is held back while its receiver wants a pause, and its bytes are counted', () => {
    const { bench, answer, call } = opened();
    bench.sent();
    bench.comes(head(200));
    call.pause();
    assert.equal(bench.wire.paused, true);
    bench.comes(chunk('ab'));
    bench.comes(chunk('cd') + END);
    assert.equal(answer.body, '');
    assert.ok(bench.budget.held > 4);
    bench.pass(100_000);
    call.resume();
    assert.deepEqual([answer.body, answer.log.at(-1)], ['abcd', 'end']);
    assert.equal(bench.budget.held, 0);
    assert.equal(bench.wire.paused, false);
  });
});

describe('a request body', () => {
  test('whose length is known begins unasked, and goes on as it is asked for', () => {
    const { bench, answer, call } = opened({ ...POST, length: 20_000 });
    const text = 'x'.repeat(9999) + 'y'.repeat(10_001);
    assert.equal(write(call, text.slice(0, 15_000)), true);
    assert.equal(behindRequest(bench.sent()), bodyPacket(text.slice(0, MOST)));
    assert.equal(call.sent, 'body');
    assert.equal(write(call, text.slice(15_000)), true);
    call.end(null);
    assert.equal(bench.sent(), '');
    bench.comes(getBodyChunk(MOST));
    assert.equal(bench.sent(), bodyPacket(text.slice(MOST, 2 * MOST)));
    bench.comes(getBodyChunk(1));
    assert.equal(bench.sent(), bodyPacket(text.slice(2 * MOST, 2 * MOST + 1)));
    assert.equal(call.requestEnded, false);
    bench.comes(getBodyChunk(0));
    assert.equal(
      bench.sent(),
      bodyPacket(text.slice(2 * MOST + 1)),
      'no number is as much as fits',
    );
    assert.equal(call.requestEnded, true);
    bench.comes(OK);
    assert.equal(answer.body, 'hi');
    assert.deepEqual(bench.told, ['idle']);
  });

  test('of unknown length waits until it is asked for, and has an end of its own', () => {
    const { bench, call } = opened({ ...POST, length: UNKNOWN_LENGTH });
    write(call, 'abc');
    assert.equal(behindRequest(bench.sent()), '');
    assert.equal(call.sent, 'head');
    bench.comes(getBodyChunk(2));
    assert.equal(bench.sent(), bodyPacket('ab'));
    bench.comes(getBodyChunk(MOST));
    assert.equal(bench.sent(), bodyPacket('c'));
    bench.comes(getBodyChunk(MOST));
    assert.equal(bench.sent(), '', 'there is nothing yet');
    write(call, 'd');
    assert.equal(bench.sent(), bodyPacket('d'));
    bench.comes(getBodyChunk(MOST));
    call.end(null);
    assert.equal(bench.sent(), LAST_BODY_PACKET);
    bench.comes(OK);
    assert.deepEqual(bench.told, ['idle']);
  });

  test('that has ended is told to a container that asks once more', () => {
    for (const [request, text] of [
      [{}, ''],
      [POST, ''],
      [{ ...POST, length: 1 }, 'a'],
      [{ ...POST, length: UNKNOWN_LENGTH }, ''],
    ] as const) {
      const { bench, call } = opened(request);
      if (text !== '') write(call, text);
      call.end(null);
      bench.sent();
      for (let times = 0; times < 3; times++) {
        bench.comes(getBodyChunk(MOST));
        assert.equal(bench.sent(), LAST_BODY_PACKET);
      }
      bench.comes(OK);
      assert.deepEqual(bench.told, ['idle']);
    }
  });

  test('is sent in one packet though it was written in many pieces', () => {
    const { bench, call } = opened({ ...POST, length: UNKNOWN_LENGTH });
    for (const piece of ['a', 'bc', 'def', 'ghij']) write(call, piece);
    bench.sent();
    bench.comes(getBodyChunk(5));
    assert.equal(bench.sent(), bodyPacket('abcde'));
    bench.comes(getBodyChunk(1));
    assert.equal(bench.sent(), bodyPacket('f'));
    bench.comes(getBodyChunk(100));
    assert.equal(bench.sent(), bodyPacket('ghij'));
  });

  test('holds its writer back at 64 KiB that wait, and calls it once when half of them are gone', () => {
    const { bench, answer, call } = opened({ ...POST, length: UNKNOWN_LENGTH });
    assert.equal(write(call, 'x'.repeat(65_535)), true);
    assert.equal(write(call, 'x'), false);
    assert.equal(write(call, 'x'), false);
    bench.sent();
    for (let packet = 1; packet <= 4; packet++) bench.comes(getBodyChunk(MOST));
    bench.comes(getBodyChunk(25));
    assert.deepEqual(answer.log, []);
    bench.comes(getBodyChunk(1));
    assert.deepEqual(answer.log, ['drain']);
    bench.comes(getBodyChunk(MOST));
    assert.deepEqual(answer.log, ['drain']);
  });

  test('that waits for the container counts against the memory budget, until it is sent or given up', () => {
    const { bench, call } = opened({ ...POST, length: UNKNOWN_LENGTH });
    write(call, 'x'.repeat(50_000));
    assert.equal(bench.budget.held, 50_000);
    bench.sent();
    bench.comes(getBodyChunk(MOST));
    assert.equal(bench.budget.held, 50_000 - MOST);
    call.abort(GIVEN_UP);
    assert.equal(bench.budget.held, 0);
  });

  test('whose writer wants a pause when it is called has the head by then', () => {
    class Pausing extends Answer {
      override onDrain(): void {
        super.onDrain();
        call.pause();
      }
    }
    const bench = new Bench();
    const answer = new Pausing();
    const request = { ...POST, length: UNKNOWN_LENGTH };
    const call = bench.connection.open(request, answer, TIMEOUTS);
    write(call, 'x'.repeat(65_536));
    bench.sent();
    for (let packet = 1; packet <= 4; packet++) bench.comes(getBodyChunk(MOST));
    bench.comes(head(200) + chunk('a') + getBodyChunk(MOST) + chunk('b'));
    assert.deepEqual([answer.log, answer.body], [['head 200 Fine -1', 'drain'], 'a']);
    call.resume();
    assert.equal(answer.body, 'ab');
  });

  test('that the container does not ask for behind its head is its right', () => {
    const timeouts = { ...TIMEOUTS, read: 3000 };
    const bench = new Bench();
    const answer = new Answer();
    const call = bench.connection.open({ ...POST, length: UNKNOWN_LENGTH }, answer, timeouts);
    write(call, 'abc');
    bench.sent();
    bench.comes(head(200));
    bench.pass(2999);
    assert.deepEqual(answer.log, ['head 200 Fine -1']);
    bench.pass(1);
    assert.equal(answer.fault?.kind.code, 'call-read-timeout');
  });

  test('that waits does not shorten the time of a receiver that holds the answer back', () => {
    const { bench, answer, call } = opened({ ...POST, length: UNKNOWN_LENGTH });
    write(call, 'abc');
    bench.sent();
    bench.comes(head(200) + chunk('a'));
    call.pause();
    bench.comes(chunk('b'));
    bench.pass(100_000);
    assert.deepEqual(answer.log, ['head 200 Fine -1']);
    call.resume();
    assert.equal(answer.body, 'ab');
  });

  test('that is asked for twice at once is refused', () => {
    const { bench, answer } = opened({ ...POST, length: UNKNOWN_LENGTH });
    bench.sent();
    bench.comes(getBodyChunk(1) + getBodyChunk(1));
    assert.equal(answer.fault?.kind.code, 'ajp-response-unexpected');
  });

  test('that the container does not ask for is waited for as its answer is', () => {
    const { bench, answer, call } = opened({ ...POST, length: UNKNOWN_LENGTH });
    bench.sent();
    bench.pass(100_000);
    assert.deepEqual(answer.log, [], 'nothing waits for the container');
    write(call, 'abc');
    bench.pass(999);
    write(call, 'def');
    bench.pass(0);
    assert.deepEqual(answer.log, []);
    bench.pass(1);
    assert.equal(answer.fault?.kind.code, 'call-read-timeout');
  });

  test('that waits longer than the container is asked for has its time anew with each packet', () => {
    const { bench, answer, call } = opened({ ...POST, length: UNKNOWN_LENGTH });
    write(call, 'abcdef');
    bench.sent();
    for (let times = 0; times < 4; times++) {
      bench.pass(999);
      bench.comes(getBodyChunk(1));
      bench.sent();
    }
    assert.deepEqual(answer.log, []);
    bench.pass(1000);
    assert.equal(answer.fault?.kind.code, 'call-read-timeout');
  });

  test('that is the client’s to go on with is not waited for', () => {
    const { bench, answer, call } = opened({ ...POST, length: 10 });
    write(call, 'abc');
    bench.sent();
    bench.comes(getBodyChunk(MOST));
    bench.pass(100_000);
    assert.deepEqual(answer.log, []);
    write(call, 'defghij');
    bench.sent();
    bench.pass(1000);
    assert.equal(answer.fault?.kind.code, 'call-read-timeout');
  });

  test('that the container does not want leaves the connection in step', () => {
    const { bench, answer, call } = opened({ ...POST, length: 100 });
    write(call, 'abc');
    bench.sent();
    bench.comes(OK);
    assert.deepEqual([answer.body, bench.told], ['hi', ['idle']]);
    assert.equal(write(call, 'def'), true);
    call.end(null);
    assert.equal(bench.sent(), '');
    bench.connection.open(GET, new Answer(), TIMEOUTS);
    assert.equal(requestIn(bench.sent()).uri, '/a');
  });

  test('of which a packet is owed ends the connection with the response', () => {
    const first = opened({ ...POST, length: 100 });
    first.bench.sent();
    first.bench.comes(OK);
    assert.deepEqual([first.answer.body, first.bench.told], ['hi', ['unusable']]);
    const asked = opened({ ...POST, length: UNKNOWN_LENGTH });
    asked.bench.sent();
    asked.bench.comes(getBodyChunk(10) + OK);
    assert.deepEqual([asked.answer.body, asked.bench.told], ['hi', ['unusable']]);
    assert.equal(asked.bench.ended, 'destroyed');
  });
});

test('a connection that is not kept ends behind its response, and never waits', () => {
  const { bench, answer } = opened({}, { keepAlive: false });
  bench.sent();
  bench.comes(OK);
  assert.deepEqual([answer.body, bench.ended], ['hi', 'closed']);
  assert.equal(bench.connection.deadline, NEVER);
});
