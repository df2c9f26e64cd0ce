import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Fault } from '../../base/index.ts';
import { Fields, UNKNOWN_LENGTH } from '../message/index.ts';
import { CALL_FAULTS } from '../message/faults.ts';
import { H1ClientConnection } from './index.ts';
import { Answer, Bench, GET, OK, TIMEOUTS } from '../../../test/support/h1-client-bench.ts';

describe('a request', () => {
  for (const [what, request, head] of [
    ['without a body', {}, 'GET /a?b HTTP/1.1\r\nHost: back:81\r\n\r\n'],
    [
      'with fields',
      { fields: Fields.of(['X-A', '1'], ['X-a', '2']) },
      'GET /a?b HTTP/1.1\r\nHost: back:81\r\nX-A: 1\r\nX-a: 2\r\n\r\n',
    ],
    [
      'with an empty body where one has a meaning',
      { method: 'POST' },
      'POST /a?b HTTP/1.1\r\nHost: back:81\r\nContent-Length: 0\r\n\r\n',
    ],
    [
      'with a body of known length',
      { method: 'PUT', length: 3 },
      'PUT /a?b HTTP/1.1\r\nHost: back:81\r\nContent-Length: 3\r\n\r\n',
    ],
    [
      'with a body of unknown length',
      { method: 'PUT', length: UNKNOWN_LENGTH },
      'PUT /a?b HTTP/1.1\r\nHost: back:81\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    [
      'to switch protocols',
      { upgrade: 'websocket' },
      'GET /a?b HTTP/1.1\r\nHost: back:81\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
    ],
    [
      'for a tunnel',
      { method: 'CONNECT', target: 'far:443', authority: 'far:443', upgrade: 'connect' },
      'CONNECT far:443 HTTP/1.1\r\nHost: far:443\r\n\r\n',
    ],
  ] as const) {
    test(`${what} is written as RFC 9112 has it`, () => {
      const bench = new Bench();
      bench.connection.open({ ...GET, ...request }, new Answer(), TIMEOUTS);
      assert.equal(bench.sent(), head);
    });
  }

  test('says Connection: close where connections are not kept', () => {
    const bench = new Bench({ keepAlive: false });
    const answer = new Answer();
    bench.connection.open(GET, answer, TIMEOUTS);
    assert.match(bench.sent(), /\r\nConnection: close\r\n\r\n$/);
    bench.comes(OK);
    assert.deepEqual(answer.log, ['head 200 OK 2', 'end']);
    assert.equal(bench.ended, 'closed');
    assert.deepEqual(bench.told, ['unusable']);
  });

  for (const [what, request] of [
    ['a line end in the target', { target: '/a\r\nX: y' }],
    ['a blank in the target', { target: '/a b' }],
    ['no target', { target: '' }],
    ['a line end in the authority', { authority: 'a\nb' }],
    ['a blank in the method', { method: 'GET /x' }],
    ['a character that is no byte', { target: '/\u20ac' }],
    ['a line end in the protocol', { upgrade: 'a\r\nb' }],
  ] as const) {
    test(`with ${what} is refused before a byte is sent`, () => {
      const bench = new Bench();
      assert.throws(
        () => bench.connection.open({ ...GET, ...request }, new Answer(), TIMEOUTS),
        TypeError,
      );
      assert.equal(bench.wire.queued, 0);
      assert.ok(bench.connection.usable);
    });
  }

  test('and its small body leave together', () => {
    const bench = new Bench();
    const call = bench.connection.open(
      { ...GET, method: 'PUT', length: 3 },
      new Answer(),
      TIMEOUTS,
    );
    call.write(Buffer.from('<abc>'), 1, 4);
    call.end(null);
    assert.match(bench.sent(), /Content-Length: 3\r\n\r\nabc$/);
    assert.equal(bench.wire.flushes, 1);
  });

  test('in chunks ends with its trailers', () => {
    const bench = new Bench();
    const call = bench.connection.open(
      { ...GET, method: 'PUT', length: UNKNOWN_LENGTH },
      new Answer(),
      TIMEOUTS,
    );
    bench.sent();
    call.write(Buffer.alloc(17, 'x'), 0, 17);
    call.write(Buffer.from('y'), 0, 1);
    call.write(Buffer.from('y'), 1, 1);
    call.end(Fields.of(['X-Sum', '1']));
    assert.equal(bench.sent(), `11\r\n${'x'.repeat(17)}\r\n1\r\ny\r\n0\r\nX-Sum: 1\r\n\r\n`);
    assert.equal(call.sent, 'body');
  });

  for (const [what, body] of [
    ['longer', 'abcd'],
    ['shorter', 'ab'],
  ] as const) {
    test(`whose body is ${what} than announced is broken off`, () => {
      const bench = new Bench();
      const answer = new Answer();
      const call = bench.connection.open({ ...GET, method: 'PUT', length: 3 }, answer, TIMEOUTS);
      call.write(Buffer.from(body), 0, body.length);
      call.end(null);
      assert.deepEqual(answer.log, ['abort call-length']);
      assert.equal(bench.ended, 'destroyed');
    });
  }

  test('tells how much of it may have been seen', () => {
    const bench = new Bench();
    const call = bench.connection.open(
      { ...GET, method: 'PUT', length: 3 },
      new Answer(),
      TIMEOUTS,
    );
    assert.equal(call.sent, 'nothing');
    bench.wire.turn();
    assert.equal(call.sent, 'head');
    call.write(Buffer.from('a'), 0, 1);
    assert.equal(call.sent, 'body');
    call.abort(new Fault(CALL_FAULTS['call-cut'], 'upstream-head'));
    assert.equal(call.sent, 'body');
  });

  test('that the system took in part counts as seen', () => {
    const bench = new Bench();
    const call = bench.connection.open(GET, new Answer(), TIMEOUTS);
    bench.wire.reading = false;
    bench.wire.turn();
    assert.equal(call.sent, 'head');
  });
});

describe('between two calls', () => {
  const idle = (): Bench => {
    const bench = new Bench();
    bench.connection.open(GET, new Answer(), TIMEOUTS);
    bench.wire.turn();
    bench.comes(OK);
    assert.deepEqual(bench.told, ['idle']);
    assert.ok(bench.connection.usable);
    return bench;
  };

  test('bytes end the connection', () => {
    const bench = idle();
    bench.comes('H');
    assert.equal(bench.ended, 'destroyed');
    assert.equal(bench.connection.usable, false);
    assert.deepEqual(bench.told, ['idle', 'unusable']);
  });

  test('a FIN ends the connection', () => {
    const bench = idle();
    bench.connection.onPeerEnd();
    assert.equal(bench.ended, 'closed');
    assert.deepEqual(bench.told, ['idle', 'unusable']);
    bench.connection.onClose(null);
    assert.deepEqual(bench.told, ['idle', 'unusable']);
  });

  test('the idle timeout ends the connection, and not a millisecond before', () => {
    const bench = idle();
    bench.pass(4999);
    assert.equal(bench.ended, 'open');
    bench.pass(1);
    assert.equal(bench.ended, 'closed');
    assert.deepEqual(bench.told, ['idle', 'unusable']);
  });

  test('retire closes it at once, and a connection with a call behind its response', () => {
    const first = idle();
    first.connection.retire();
    assert.equal(first.ended, 'closed');
    const second = idle();
    const answer = new Answer();
    second.connection.open(GET, answer, TIMEOUTS);
    second.wire.turn();
    second.connection.retire();
    assert.equal(second.ended, 'open');
    assert.deepEqual(second.told, ['idle', 'unusable']);
    second.comes(OK);
    assert.deepEqual(answer.log, ['head 200 OK 2', 'end']);
    assert.equal(second.ended, 'closed');
  });

  for (const [what, come] of [
    ['bytes', (bench: Bench) => bench.comes(OK)],
    ['a FIN', (bench: Bench) => bench.connection.onPeerEnd()],
    ['a reset', (bench: Bench) => bench.connection.onClose(new Error('ECONNRESET'))],
  ] as const) {
    test(`${what} that came before the next request left are no answer to it, and nothing was sent`, () => {
      const bench = idle();
      const answer = new Answer();
      const call = bench.connection.open(GET, answer, TIMEOUTS);
      come(bench);
      assert.equal(answer.log.length, 1);
      assert.equal(answer.fault?.kind.blame, 'upstream');
      assert.equal(call.sent, 'nothing');
      assert.equal(call.answered, false);
      assert.equal(bench.connection.usable, false);
    });
  }

  test('the owner may open the next call at once, and both calls hear their own', () => {
    const bench = new Bench();
    const first = new Answer();
    const second = new Answer();
    bench.onIdle = () => {
      bench.onIdle = () => {};
      bench.connection.open(GET, second, TIMEOUTS);
    };
    const call = bench.connection.open(GET, first, TIMEOUTS);
    bench.wire.turn();
    bench.comes(OK);
    assert.deepEqual(first.log, ['head 200 OK 2', 'end']);
    assert.deepEqual(second.log, []);
    call.abort(new Fault(CALL_FAULTS['call-cut'], 'upstream-head'));
    call.write(Buffer.from('x'), 0, 1);
    call.end(null);
    bench.wire.turn();
    bench.comes(OK);
    assert.deepEqual(second.log, ['head 200 OK 2', 'end']);
    assert.equal(bench.connection.calls, 2);
  });
});

describe('a connection that ends', () => {
  for (const [what, bytes, error, code] of [
    ['before the first byte', '', null, 'call-unanswered'],
    ['by a reset before the first byte', '', new Error('ECONNRESET'), 'call-unanswered'],
    ['behind an empty line', '\r\n', null, 'call-cut'],
    ['in the head', 'HTTP/1.1 200', null, 'call-cut'],
    ['behind an interim response', 'HTTP/1.1 100 Continue\r\n\r\n', null, 'call-cut'],
    ['in the body', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi', null, 'call-cut'],
    [
      'by a reset in a body without length',
      'HTTP/1.1 200 OK\r\n\r\nhi',
      new Error('x'),
      'call-cut',
    ],
  ] as const) {
    test(`${what} is ${code}`, () => {
      const bench = new Bench();
      const answer = new Answer();
      const call = bench.connection.open(GET, answer, TIMEOUTS);
      bench.wire.turn();
      if (bytes !== '') bench.comes(bytes);
      if (error === null) bench.connection.onPeerEnd();
      bench.connection.onClose(error);
      assert.equal(answer.log.at(-1), `abort ${code}`);
      assert.equal(answer.fault?.cause, error ?? undefined);
      assert.equal(call.sent, 'head');
      assert.equal(call.answered, bytes !== '');
      assert.deepEqual(bench.told, ['unusable']);
    });
  }

  test('while its response is held back loses nothing of it', () => {
    const bench = new Bench();
    const answer = new Answer();
    const call = bench.connection.open(GET, answer, TIMEOUTS);
    bench.wire.turn();
    bench.comes('HTTP/1.1 200 OK\r\n\r\n');
    call.pause();
    bench.comes('held');
    bench.connection.onPeerEnd();
    bench.connection.onClose(null);
    assert.equal(answer.body, '');
    call.resume();
    assert.equal(answer.body, 'held');
    assert.deepEqual(answer.log, ['head 200 OK -1', 'end']);
    assert.equal(bench.budget.held, 0);
  });
});

test('a receiver that throws loses its own call and no other', () => {
  const bench = new Bench();
  class Broken extends Answer {
    override onHead(): void {
      throw new Error('defect');
    }
  }
  const answer = new Broken();
  bench.connection.open(GET, answer, TIMEOUTS);
  bench.wire.turn();
  bench.comes(OK.slice(0, -1));
  assert.equal(bench.defects.length, 1);
  assert.deepEqual(answer.log, ['abort handler-failed']);
  assert.equal(bench.ended, 'destroyed');

  const other = new Bench();
  class BrokenEnd extends Answer {
    override onEnd(): void {
      throw new Error('defect');
    }
  }
  other.connection.open(GET, new BrokenEnd(), TIMEOUTS);
  other.wire.turn();
  other.comes(OK);
  assert.equal(other.defects.length, 1);
  assert.ok(other.connection.usable);
});

test('open on a connection that is taken throws', () => {
  const bench = new Bench();
  bench.connection.open(GET, new Answer(), TIMEOUTS);
  assert.throws(() => bench.connection.open(GET, new Answer(), TIMEOUTS), TypeError);
});

test('interim responses are counted for each call, up to the limit', () => {
  const bench = new Bench({ interimLimit: 3 });
  for (const [interims, last] of [
    [3, 'end'],
    [3, 'end'],
    [4, 'abort call-interims'],
  ] as const) {
    const answer = new Answer();
    bench.connection.open(GET, answer, TIMEOUTS);
    bench.wire.turn();
    for (let i = 0; i < interims; i++) bench.comes('HTTP/1.1 103 Early Hints\r\n\r\n');
    bench.comes(OK);
    assert.equal(answer.log.at(-1), last);
  }
});

test('bytes behind a response in the same chunk end the connection', () => {
  const bench = new Bench();
  const answer = new Answer();
  bench.connection.open(GET, answer, TIMEOUTS);
  bench.wire.turn();
  bench.comes(`${OK}\r`);
  assert.deepEqual(answer.log, ['head 200 OK 2', 'end']);
  assert.deepEqual(bench.told, ['unusable']);
  assert.equal(bench.ended, 'closed');
});

test('the wire is paused while the response is, and not while its head is awaited', () => {
  const bench = new Bench();
  const call = bench.connection.open(GET, new Answer(), TIMEOUTS);
  call.pause();
  assert.equal(bench.wire.paused, false);
  bench.wire.turn();
  bench.comes('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n');
  assert.equal(bench.wire.paused, true);
  call.resume();
  assert.equal(bench.wire.paused, false);
  call.pause();
  assert.equal(bench.wire.paused, true);
  bench.comes('hi');
  call.resume();
  assert.equal(bench.wire.paused, false);
  assert.ok(bench.connection.usable);
});

test('part of a head is charged to the memory budget until it is whole or given up', () => {
  const bench = new Bench();
  const call = bench.connection.open(GET, new Answer(), TIMEOUTS);
  bench.wire.turn();
  bench.comes('HTTP/1.1 200 OK\r\n');
  assert.equal(bench.budget.held, 17);
  bench.comes('X: y');
  assert.equal(bench.budget.held, 21);
  call.abort(new Fault(CALL_FAULTS['call-cut'], 'upstream-head'));
  assert.equal(bench.budget.held, 0);
});

test('a call that is over writes nothing any more', () => {
  const bench = new Bench();
  const call = bench.connection.open({ ...GET, method: 'PUT', length: 9 }, new Answer(), TIMEOUTS);
  bench.wire.turn();
  bench.comes(OK);
  assert.equal(bench.ended, 'destroyed');
  assert.equal(call.write(Buffer.from('abc'), 0, 3), true);
  call.end(null);
});

test('a body that grows too long is broken off before its bytes are sent', () => {
  const bench = new Bench();
  const answer = new Answer();
  const call = bench.connection.open({ ...GET, method: 'PUT', length: 3 }, answer, TIMEOUTS);
  call.write(Buffer.from('ab'), 0, 2);
  call.write(Buffer.from('cd'), 0, 2);
  assert.deepEqual(answer.log, ['abort call-length']);
});

describe('a tunnel', () => {
  const tunnel = (): {
    bench: Bench;
    answer: Answer;
    call: ReturnType<H1ClientConnection['open']>;
  } => {
    const bench = new Bench();
    const answer = new Answer();
    const call = bench.connection.open({ ...GET, upgrade: 'chat' }, answer, TIMEOUTS);
    bench.wire.turn();
    bench.comes('HTTP/1.1 101 Switching Protocols\r\nUpgrade: chat\r\n\r\n');
    return { bench, answer, call };
  };

  test('closes the connection once both sides ended, whichever is first', () => {
    const first = tunnel();
    first.bench.connection.onPeerEnd();
    assert.equal(first.bench.ended, 'open');
    first.call.pause();
    first.call.resume();
    first.call.end(null);
    assert.equal(first.bench.ended, 'closed');
    assert.deepEqual(first.answer.log, ['head 101 Switching Protocols -1', 'end']);
    const second = tunnel();
    second.call.end(null);
    assert.equal(second.bench.wire.ended, true);
    assert.equal(second.bench.ended, 'open');
    second.bench.connection.onPeerEnd();
    assert.equal(second.bench.ended, 'closed');
    assert.deepEqual(second.answer.log, ['head 101 Switching Protocols -1', 'end']);
    assert.deepEqual(second.bench.told, ['unusable']);
  });

  test('is closed in order when its time is over, behind what was queued', () => {
    const { bench, answer } = tunnel();
    bench.pass(TIMEOUTS.read);
    assert.equal(bench.ended, 'closed');
    assert.deepEqual(answer.log, ['head 101 Switching Protocols -1', 'abort call-read-timeout']);
    assert.deepEqual(bench.told, ['unusable']);
  });

  test('bytes that were held back come before the end', () => {
    const { bench, answer, call } = tunnel();
    call.pause();
    bench.comes('late');
    bench.connection.onPeerEnd();
    assert.equal(answer.body, '');
    call.resume();
    assert.equal(answer.body, 'late');
    assert.equal(answer.log.at(-1), 'end');
  });
});

describe('the end of a tunnel that the back end does not take', () => {
  test('is given up behind the end of its time as well', () => {
    const bench = new Bench();
    const request = { ...GET, upgrade: 'websocket' };
    const timeouts = { ...TIMEOUTS, send: 700 };
    const call = bench.connection.open(request, new Answer(), timeouts);
    bench.sent();
    bench.comes('HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
    bench.wire.reading = false;
    call.write(Buffer.alloc(1000), 0, 1000);
    bench.sent();
    bench.pass(TIMEOUTS.read);
    assert.equal(bench.ended, 'closed');
    bench.pass(699);
    assert.equal(bench.ended, 'closed');
    bench.pass(1);
    assert.equal(bench.ended, 'destroyed');
  });

  for (const takes of [true, false]) {
    test(
      takes ? 'is waited for while it does' : 'is given up when the time to send is over',
      () => {
        const bench = new Bench();
        const answer = new Answer();
        const request = { ...GET, upgrade: 'websocket' };
        const call = bench.connection.open(request, answer, { ...TIMEOUTS, send: 700 });
        bench.sent();
        bench.comes('HTTP/1.1 101 Go\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
        bench.wire.reading = false;
        call.write(Buffer.alloc(1000), 0, 1000);
        bench.sent();
        bench.connection.onPeerEnd();
        call.end(null);
        assert.equal(bench.ended, 'closed');
        bench.pass(699);
        assert.equal(bench.ended, 'closed');
        if (takes) {
          bench.wire.reading = true;
          bench.sent();
          bench.connection.onClose(null);
        }
        bench.pass(1);
        assert.equal(bench.ended, takes ? 'closed' : 'destroyed');
        assert.deepEqual(answer.log, ['head 101 Go -1', 'end']);
      },
    );
  }
});
