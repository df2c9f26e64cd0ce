// What the conformance suite of exchanges cannot say, because its clients take either everything or nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, MemoryBudget } from '../../base/index.ts';
import { h1TestSettings } from '../../../test/conformance/h1-front.ts';
import { MemoryWire } from '../../../test/conformance/memory-wire.ts';
import { memoryConnection } from '../../../test/support/memory-exchange.ts';
import { type Exchange, NO_FIELDS, UNKNOWN_LENGTH, type Wire } from '../message/index.ts';
import { HeadOpening } from './head-writer.ts';
import { H1ServerConnection } from './server-connection.ts';

/** A wire whose peer takes as many bytes as a test says. */
class SlowWire implements Wire {
  queued = 0;
  destroyed = false;

  write(data: string | Uint8Array): boolean {
    this.queued += data.length;
    return true;
  }

  destroy(): void {
    this.destroyed = true;
  }

  pause(): void {}
  resume(): void {}
  end(): void {}
  close(): void {}
}

for (const [minimumSendRate, enough, tooLittle] of [
  [0, 1, 0],
  [10, 10, 9],
  [10, 10, 0],
] as const) {
  test(`a client that takes ${enough} bytes a second, fewer than are added, is not given up at a minimum rate of ${minimumSendRate}; one that takes ${tooLittle} is`, () => {
    const clock = new ManualClock(0);
    const wire = new SlowWire();
    const exchanges: Exchange[] = [];
    const onExchange = (exchange: Exchange): void => {
      exchanges.push(exchange);
      exchange.respond(200, NO_FIELDS, UNKNOWN_LENGTH);
    };
    const connection = new H1ServerConnection(
      wire,
      memoryConnection({ requests: 0 }),
      {
        ...h1TestSettings({ onExchange }, clock, new MemoryBudget(1 << 20), []),
        minimumSendRate,
      },
      new HeadOpening('Daemun'),
    );
    const request = Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n');
    connection.onBytes(request, 0, request.length);
    const [exchange] = exchanges;
    assert.ok(exchange !== undefined);
    connection.onBlocked();
    const second = (taken: number): void => {
      exchange.write(Buffer.alloc(100), 0, 100);
      wire.queued -= taken;
      clock.advance(1000);
      if (connection.deadline <= clock.monotonic()) connection.onDeadline(clock.monotonic());
    };
    for (let i = 0; i < 5; i++) {
      second(enough);
      assert.equal(wire.destroyed, false);
    }
    second(tooLittle);
    assert.equal(wire.destroyed, true);
    assert.equal(exchange.fault?.kind.status, 408);
    assert.match(exchange.fault.message, new RegExp(`${tooLittle} bytes taken in 1000 ms`));
  });
}

test('a body that stops in the middle of a line of its framing is read on', () => {
  const text =
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n' +
    '3;a=b\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n';
  const bytes = Buffer.from(text, 'latin1');
  for (let split = 1; split < bytes.length; split++) {
    const wire = new MemoryWire();
    let body = '';
    let ended = false;
    const onExchange = (exchange: Exchange): void => {
      exchange.receive({
        onData: (chunk, start, end) => {
          body += Buffer.from(chunk.subarray(start, end)).toString('latin1');
        },
        onEnd: () => (ended = true),
        onAbort: () => assert.fail(`aborted, cut at ${split}`),
      });
    };
    const connection = new H1ServerConnection(
      wire,
      memoryConnection({ requests: 0 }),
      h1TestSettings({ onExchange }, new ManualClock(0), new MemoryBudget(1 << 20), []),
      new HeadOpening('Daemun'),
    );
    connection.onBytes(Buffer.from(bytes.subarray(0, split)), 0, split);
    assert.equal(wire.paused, false, `reads on behind ${JSON.stringify(text.slice(0, split))}`);
    connection.onBytes(Buffer.from(bytes.subarray(split)), 0, bytes.length - split);
    assert.deepEqual([body, ended], ['abc', true], `cut at ${split}`);
  }
});
