import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UNKNOWN_LENGTH } from '../../http/message/index.ts';
import { GIVEN_UP } from '../../../test/conformance/transport-bench.ts';
import {
  Answer,
  behindRequest,
  bodyPacket,
  GET,
  OK,
  opened,
  requestIn,
  TIMEOUTS,
  write,
} from '../../../test/support/ajp-client-bench.ts';
import { CPING, CPONG } from './response-messages.ts';

const POST = { ...GET, method: 'POST' };

for (const [ping, first, second] of [
  ['off', false, false],
  ['connect', true, false],
  ['request', true, true],
] as const) {
  test(`a ping (${ping}) goes in front of the first request: ${first}, of the next: ${second}`, () => {
    const { bench, answer, call } = opened({}, { ping });
    for (const pings of [first, second]) {
      const sent = bench.sent();
      if (pings) {
        assert.equal(sent, CPING);
        assert.equal(bench.connection.usable, false);
        bench.comes(CPONG);
        assert.equal(requestIn(bench.sent()).uri, '/a');
      } else assert.equal(requestIn(sent).uri, '/a');
      bench.comes(OK);
      bench.connection.open(GET, new Answer(), TIMEOUTS);
    }
    assert.equal(answer.body, 'hi');
    assert.equal(call.received, OK.length);
  });
}

test('a ping may be answered byte by byte', () => {
  const { bench, answer } = opened({}, { ping: 'connect' });
  bench.sent();
  for (const byte of CPONG) {
    assert.equal(bench.sent(), '');
    bench.comes(byte);
  }
  assert.equal(requestIn(bench.sent()).uri, '/a');
  bench.comes(OK);
  assert.equal(answer.body, 'hi');
});

test('a ping keeps the body back as well', () => {
  const { bench, call } = opened({ ...POST, length: 3 }, { ping: 'connect' });
  write(call, 'abc');
  call.end(null);
  assert.equal(bench.sent(), CPING);
  assert.equal(call.sent, 'nothing');
  bench.comes(CPONG);
  assert.equal(behindRequest(bench.sent()), bodyPacket('abc'));
  assert.equal(call.sent, 'body');
});

test('a ping has its own time, whatever is written meanwhile; behind it the container has its', () => {
  const request = { ...POST, length: UNKNOWN_LENGTH };
  const { bench, answer, call } = opened(request, { ping: 'connect' });
  bench.sent();
  bench.pass(499);
  write(call, 'abc');
  bench.pass(1);
  assert.equal(answer.fault?.kind.code, 'call-ping-timeout');
  const next = opened(request, { ping: 'connect' });
  write(next.call, 'abc');
  next.bench.sent();
  next.bench.comes(CPONG);
  next.bench.pass(999);
  assert.deepEqual(next.answer.log, []);
  next.bench.pass(1);
  assert.equal(next.answer.fault?.kind.code, 'call-read-timeout');
});

test('a ping that is not answered in time leaves a request that was not sent', () => {
  const { bench, answer, call } = opened({}, { ping: 'connect' });
  bench.sent();
  bench.pass(499);
  assert.deepEqual(answer.log, []);
  bench.pass(1);
  assert.equal(answer.fault?.kind.code, 'call-ping-timeout');
  assert.equal(answer.fault.kind.status, 504);
  assert.equal(call.sent, 'nothing');
  assert.equal(bench.ended, 'destroyed');
});

for (const [what, comes, code] of [
  ['a response', OK, 'ajp-response-unexpected'],
  ['CPONG with a byte behind it', `${CPONG}A`, 'ajp-response-unexpected'],
  ['CPONG twice', CPONG + CPONG, 'ajp-response-unexpected'],
  ['no packet', 'SSH-2.0', 'ajp-response-packet'],
  ['a packet that is too long', 'AB\xff\xff', 'ajp-response-packet'],
  ['a packet that means nothing', 'AB\0\x01\x7f', 'ajp-response-unexpected'],
] as const) {
  test(`a ping that is answered with ${what} is the end of the connection`, () => {
    const { bench, answer, call } = opened({}, { ping: 'connect' });
    bench.sent();
    bench.comes(comes);
    assert.equal(answer.fault?.kind.code, code);
    assert.equal(call.sent, 'nothing');
    assert.equal(bench.ended, 'destroyed');
  });
}

test('a ping whose connection ends is told as one that was not sent', () => {
  for (const end of ['fin', 'reset'] as const) {
    const { bench, answer, call } = opened({}, { ping: 'connect' });
    bench.sent();
    if (end === 'fin') bench.connection.onPeerEnd();
    else bench.connection.onClose(new Error('ECONNRESET'));
    assert.equal(answer.fault?.kind.code, 'call-unanswered');
    assert.equal(call.sent, 'nothing');
  }
});

test('a call that is given up while it waits takes the connection with it', () => {
  const { bench, answer, call } = opened({}, { ping: 'connect' });
  bench.sent();
  call.abort(GIVEN_UP);
  assert.deepEqual([answer.log, bench.ended], [[], 'destroyed']);
});

test('a ping goes over an idle connection in its interval, until that is too old', () => {
  const { bench } = opened({}, { pingInterval: 2000 });
  bench.sent();
  bench.comes(OK);
  bench.pass(1999);
  assert.equal(bench.sent(), '');
  bench.pass(1);
  assert.equal(bench.sent(), CPING);
  bench.comes(CPONG);
  bench.pass(2000);
  assert.equal(bench.sent(), CPING);
  bench.comes(CPONG);
  bench.pass(999);
  assert.equal(bench.ended, 'open');
  bench.pass(1);
  assert.equal(bench.ended, 'closed');
  assert.deepEqual(bench.told, ['idle', 'unusable']);
});

test('a ping that an idle connection does not answer ends it', () => {
  for (const answer of [null, OK, 'A']) {
    const { bench } = opened({}, { pingInterval: 2000 });
    bench.sent();
    bench.comes(OK);
    bench.pass(2000);
    bench.sent();
    if (answer !== null) bench.comes(answer);
    if (answer === null || answer === 'A') {
      assert.ok(bench.connection.usable);
      bench.pass(500);
    }
    assert.deepEqual([bench.ended, bench.told], ['destroyed', ['idle', 'unusable']]);
  }
});

test('a ping that is under way is waited for by a request that comes', () => {
  const { bench } = opened({}, { pingInterval: 2000 });
  bench.sent();
  bench.comes(OK);
  bench.pass(2000);
  assert.equal(bench.sent(), CPING);
  const answer = new Answer();
  const call = bench.connection.open({ ...GET, target: '/next' }, answer, TIMEOUTS);
  assert.equal(bench.sent(), '');
  assert.equal(call.sent, 'nothing');
  bench.comes(CPONG);
  assert.equal(requestIn(bench.sent()).uri, '/next');
  bench.comes(OK);
  assert.equal(answer.body, 'hi');
  assert.deepEqual(bench.told, ['idle', 'idle']);
});

test('a connection that retires while it is pinged is closed', () => {
  const { bench } = opened({}, { pingInterval: 2000 });
  bench.sent();
  bench.comes(OK);
  bench.pass(2000);
  bench.connection.retire();
  assert.equal(bench.ended, 'closed');
});
