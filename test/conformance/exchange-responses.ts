import assert from 'node:assert/strict';
import { Fault } from '../../src/base/index.ts';
import { Fields, NO_FIELDS, UNKNOWN_LENGTH } from '../../src/http/message/index.ts';
import { type Check, later, ok, write } from './exchange-bench.ts';
import type { FrontHarness } from './front.ts';
import type { Recorder } from './recorder.ts';

/** Responses arrive as they were sent, with what their status and the client allow. */
export function responsesArrive(check: Check, carries: FrontHarness['carries']): void {
  check('a response sent at once arrives whole', ok, async ({ front, recorders, until }) => {
    const call = front.connect().request();
    await until('the response', () => call.state === 'complete');
    assert.equal(call.status, 200);
    assert.equal(call.body, 'hello');
    assert.equal(call.fields?.getByName('x-a'), 'b');
    await until('the end', () => recorders[0]?.finishes === 1);
    const { exchange } = recorders[0] as Recorder;
    assert.equal(exchange.status, 200);
    assert.equal(exchange.bodyBytesSent, 5);
    assert.ok(exchange.bytesSent > 5);
    assert.equal(exchange.fault, null);
    assert.equal(exchange.request.path, '/');
    assert.equal(exchange.request.host?.name, 'localhost');
  });

  for (const length of [10, UNKNOWN_LENGTH]) {
    check(
      `a body of ${length < 0 ? 'unknown' : 'known'} length is streamed`,
      later,
      async (bench) => {
        const { front, recorders, until } = bench;
        const call = front.connect().request();
        await until('the exchange', () => recorders.length === 1);
        const { exchange } = recorders[0] as Recorder;
        exchange.respond(200, NO_FIELDS, length);
        assert.equal(write(exchange, 'first'), true);
        await until('the first half', () => call.body === 'first');
        assert.equal(call.state, 'open');
        write(exchange, '');
        write(exchange, 'later');
        exchange.end(null);
        await until(
          'the response',
          () => call.state === 'complete' && recorders[0]?.finishes === 1,
        );
        assert.equal(call.body, 'firstlater');
        assert.equal(exchange.bodyBytesSent, 10);
      },
    );
  }

  for (const takesTrailers of carries.trailers ? [true, false] : [false]) {
    check(
      `trailers are ${takesTrailers ? 'sent to a client that takes them' : 'kept from a client that does not'}`,
      ({ exchange }) => {
        exchange.respond(200, NO_FIELDS, UNKNOWN_LENGTH);
        write(exchange, 'x');
        exchange.end(Fields.of(['X-Sum', '1']));
      },
      async ({ front, recorders, until }) => {
        const call = front.connect().request({ takesTrailers });
        await until(
          'the response',
          () => call.state === 'complete' && recorders[0]?.finishes === 1,
        );
        assert.equal(call.body, 'x');
        assert.equal(call.trailers?.getByName('x-sum') ?? null, takesTrailers ? '1' : null);
      },
    );
  }

  for (const [what, method, status] of [
    ['HEAD', 'HEAD', 200],
    ['204', 'GET', 204],
    ['304', 'GET', 304],
  ] as const) {
    for (const way of ['send', 'length', 'unknown'] as const) {
      check(
        `a response to ${what} has no body, whatever is written (${way})`,
        (recorder, index) => {
          const { exchange } = recorder;
          if (index > 0) return exchange.send(200, NO_FIELDS, 'next');
          if (way === 'send') return exchange.send(status, NO_FIELDS, 'hello');
          exchange.respond(status, NO_FIELDS, way === 'length' ? 5 : UNKNOWN_LENGTH);
          write(exchange, 'hello');
          return exchange.end(Fields.of(['X-Sum', '1']));
        },
        async ({ front, recorders, until }) => {
          const client = front.connect();
          const call = client.request({ method });
          await until('the response', () => call.state === 'complete');
          assert.equal(call.status, status);
          assert.equal(call.body, '');
          assert.equal(recorders[0]?.exchange.bodyBytesSent, 0);
          if (way !== 'unknown' && status === 200)
            assert.equal(call.fields?.getByName('content-length'), '5');
          const next = client.request();
          await until(
            'the next response',
            () => next.state === 'complete' && recorders[1]?.finishes === 1,
          );
          assert.equal(next.body, 'next');
        },
      );
    }
  }

  check(
    `interim responses ${carries.interims ? 'come first' : 'are left out'}, and are none behind the final one`,
    ({ exchange }) => {
      exchange.inform(103, Fields.of(['Link', '</a>; rel=preload']));
      exchange.send(200, NO_FIELDS, 'x');
      assert.throws(() => exchange.inform(103, NO_FIELDS), Fault);
    },
    async ({ front, recorders, until }) => {
      const call = front.connect().request();
      await until('the response', () => call.state === 'complete' && recorders[0]?.finishes === 1);
      assert.deepEqual(call.informed, carries.interims ? [103] : []);
      assert.equal(call.body, 'x');
    },
  );

  check(
    'calls out of order throw and leave the response as it was',
    ({ exchange }) => {
      assert.throws(() => write(exchange, 'x'), Fault);
      assert.throws(() => exchange.end(null), Fault);
      assert.throws(() => exchange.respond(101, NO_FIELDS, 0), Fault);
      assert.throws(() => exchange.respond(1000, NO_FIELDS, 0), Fault);
      assert.throws(() => exchange.inform(200, NO_FIELDS), Fault);
      assert.throws(() => exchange.tunnel(101, NO_FIELDS), Fault);
      exchange.respond(200, NO_FIELDS, 1);
      assert.throws(() => exchange.respond(200, NO_FIELDS, 1), Fault);
      assert.throws(() => exchange.send(200, NO_FIELDS, 'x'), Fault);
      write(exchange, 'x');
      exchange.end(null);
      assert.throws(() => write(exchange, 'y'), Fault);
      assert.throws(() => exchange.end(null), Fault);
    },
    async ({ front, recorders, until }) => {
      const call = front.connect().request();
      await until('the response', () => call.state === 'complete' && recorders[0]?.finishes === 1);
      assert.equal(call.body, 'x');
      assert.deepEqual(front.defects, []);
    },
  );

  check(
    'a client that reads slowly holds the writer back',
    later,
    async ({ front, recorders, until }) => {
      const client = front.connect();
      const call = client.request();
      await until('the exchange', () => recorders.length === 1);
      const recorder = recorders[0] as Recorder;
      const { exchange } = recorder;
      const piece = Buffer.alloc(16 * 1024, 'x');
      client.stall();
      exchange.respond(200, NO_FIELDS, UNKNOWN_LENGTH);
      let pieces = 0;
      while (exchange.write(piece, 0, piece.length)) {
        assert.ok(++pieces < 10_000, 'write never says that the client is slow');
      }
      pieces++;
      assert.equal(recorder.drains, 0);
      client.readOn();
      await until('the drain', () => recorder.drains === 1);
      exchange.write(piece, 0, piece.length);
      exchange.end(null);
      await until('the response', () => call.state === 'complete' && recorder.finishes === 1);
      assert.equal(call.body.length, (pieces + 1) * piece.length);
    },
  );
}
