// What the conformance suite of exchanges cannot say, because its clients take either everything or nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, MemoryBudget } from '../../base/index.ts';
import { h1TestSettings } from '../../../test/conformance/h1-front.ts';
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

test('a client that takes bytes more slowly than they are added is not given up; one that stands still is', () => {
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
    h1TestSettings({ onExchange }, clock, new MemoryBudget(1 << 20), []),
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
    second(1);
    assert.equal(wire.destroyed, false, 'one byte is a sign of life');
  }
  second(0);
  assert.equal(wire.destroyed, true);
  assert.equal(exchange.fault?.kind.status, 408);
});
