import assert from 'node:assert/strict';
import { Fault } from '../../src/base/index.ts';
import { EXCHANGE_FAULTS, NO_FIELDS, UNKNOWN_LENGTH } from '../../src/http/message/index.ts';
import { type Check, later, write } from './exchange-bench.ts';
import type { Recorder } from './recorder.ts';

/** Whatever cuts an exchange short is told once, and the client can tell. */
export function exchangesEndOnce(check: Check): void {
  check(
    'a body longer than announced is cut off, and the client can tell',
    ({ exchange }) => {
      exchange.respond(200, NO_FIELDS, 3);
      write(exchange, 'abcd');
      write(exchange, 'e');
      exchange.end(null);
    },
    async ({ front, recorders, until }) => {
      const call = front.connect().request();
      await until('the end', () => call.state === 'broken' && recorders[0]?.finishes === 1);
      assert.equal(recorders[0]?.exchange.fault?.kind, EXCHANGE_FAULTS['response-too-long']);
      assert.equal(recorders[0].aborts.length, 1);
    },
  );

  check(
    'a body shorter than announced is no complete response',
    ({ exchange }) => {
      exchange.respond(200, NO_FIELDS, 3);
      write(exchange, 'ab');
      exchange.end(null);
    },
    async ({ front, recorders, until }) => {
      const call = front.connect().request();
      await until('the end', () => call.state === 'broken' && recorders[0]?.finishes === 1);
      assert.equal(recorders[0]?.exchange.fault?.kind, EXCHANGE_FAULTS['response-too-short']);
    },
  );

  for (const begun of [false, true]) {
    check(
      `an abort ${begun ? 'in the middle of' : 'before'} the response is told once and seen by the client`,
      ({ exchange }) => {
        if (begun) {
          exchange.respond(200, NO_FIELDS, UNKNOWN_LENGTH);
          write(exchange, 'half');
        }
        exchange.abort(new Fault(EXCHANGE_FAULTS['handler-failed'], 'handler', 'one'));
        exchange.abort(new Fault(EXCHANGE_FAULTS['handler-failed'], 'handler', 'two'));
        assert.equal(write(exchange, 'ignored'), true);
        exchange.end(null);
      },
      async ({ front, recorders, until }) => {
        const call = front.connect().request();
        await until('the end', () => call.state === 'broken' && recorders[0]?.finishes === 1);
        const recorder = recorders[0] as Recorder;
        assert.equal(recorder.exchange.fault?.detail, 'one');
        assert.equal(recorder.exchange.status, begun ? 200 : 500);
        assert.equal(recorder.aborts.length, 1);
      },
    );
  }

  for (const moment of [
    'the handler works',
    'a body is on its way',
    'a response is on its way',
  ] as const) {
    check(
      `a client that leaves while ${moment} is told once, and nothing follows`,
      (recorder) => {
        if (moment === 'a body is on its way') recorder.claim();
        if (moment === 'a response is on its way') recorder.exchange.respond(200, NO_FIELDS, 100);
      },
      async ({ front, recorders, until }) => {
        const client = front.connect();
        const call = client.request({
          method: 'POST',
          ...(moment === 'a body is on its way' ? { body: 10 } : {}),
        });
        if (moment === 'a body is on its way') call.write('abc');
        await until('the exchange', () => recorders.length === 1);
        const recorder = recorders[0] as Recorder;
        if (moment === 'a body is on its way') await until('bytes', () => recorder.body === 'abc');
        client.leave();
        await until('the abort', () => recorder.aborts.length === 1 && recorder.finishes === 1);
        assert.equal(recorder.exchange.fault?.kind, EXCHANGE_FAULTS['client-left']);
        if (moment === 'a body is on its way') assert.ok(recorder.bodyFault !== null);
        if (moment === 'a response is on its way') {
          assert.equal(recorder.exchange.status, 200);
          assert.equal(write(recorder.exchange, 'x'), true);
          recorder.exchange.end(null);
        } else {
          assert.equal(recorder.exchange.status, 499);
          recorder.exchange.send(200, NO_FIELDS, 'too late');
        }
        recorder.exchange.pause();
        recorder.exchange.resume();
      },
    );
  }

  check('a client that reads nothing for the send timeout is given up', later, async (bench) => {
    const { front, recorders, until } = bench;
    const client = front.connect();
    client.request();
    await until('the exchange', () => recorders.length === 1);
    const recorder = recorders[0] as Recorder;
    client.stall();
    const piece = Buffer.alloc(1024 * 1024, 'x');
    recorder.exchange.respond(200, NO_FIELDS, UNKNOWN_LENGTH);
    // A socket takes some of it even where nobody reads.
    const fill = (): void => {
      while (!recorder.exchange.aborted && recorder.exchange.write(piece, 0, piece.length));
    };
    fill();
    front.advance(999);
    assert.equal(recorder.aborts.length, 0);
    await until('the time-out', () => {
      fill();
      front.advance(1000);
      return recorder.finishes === 1;
    });
    assert.equal(recorder.exchange.fault?.kind.status, 408);
    assert.equal(recorder.aborts.length, 1);
  });

  check(
    'what is no request is handed over to be answered, and ends the connection',
    ({ exchange }) => {
      assert.ok(exchange.refusal !== null);
      exchange.send(exchange.refusal.kind.status, NO_FIELDS, 'no');
    },
    async ({ front, recorders, until }) => {
      const client = front.connect();
      const call = client.requestGarbage();
      await until('the answer', () => call.state === 'complete' && recorders[0]?.finishes === 1);
      assert.equal(call.status, 400);
      await until('the close', () => client.closed);
      assert.equal(recorders[0]?.exchange.fault?.kind.blame, 'client');
    },
  );

  check(
    'a handler that throws ends its exchange and is reported',
    () => {
      throw new Error('a defect of the handler');
    },
    async ({ front, recorders, until }) => {
      const call = front.connect().request();
      await until('the end', () => call.state === 'broken' && recorders[0]?.finishes === 1);
      assert.equal(front.defects.length, 1);
      assert.equal(recorders[0]?.exchange.fault?.kind, EXCHANGE_FAULTS['handler-failed']);
    },
  );

  check(
    'a front whose memory is used up reads no more until some is free',
    (recorder) => recorder.claim(),
    async ({ front, recorders, until }) => {
      const call = front.connect().request({ method: 'POST', body: 6 });
      await until('the exchange', () => recorders.length === 1);
      const recorder = recorders[0] as Recorder;
      front.budget.take(1000);
      call.write('abc');
      front.advance(0);
      call.write('def');
      front.advance(0);
      assert.ok(recorder.body.length <= 3, 'what arrives in spite of the pause is one chunk');
      front.budget.give(1000);
      await until('the rest', () => recorder.body === 'abcdef' && recorder.bodyEnded === 1);
      recorder.exchange.send(200, NO_FIELDS, null);
      await until('the end', () => recorder.finishes === 1 && call.state === 'complete');
    },
    { budget: 1000 },
  );
}
