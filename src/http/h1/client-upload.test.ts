import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, MemoryBudget } from '../../base/index.ts';
import { MemoryWire } from '../../../test/conformance/memory-wire.ts';
import { Answer, Bench, GET, TIMEOUTS } from '../../../test/support/h1-client-bench.ts';
import { H1ClientConnection } from './client-connection.ts';
import { DEFAULT_H1_LIMITS } from './limits.ts';

/** A wire whose peer takes a few bytes at a time of what it was given. */
class SlowWire extends MemoryWire {
  gone = 0;

  override get queued(): number {
    return super.queued - this.gone;
  }
}

test('a back end that takes bytes of a request, fewer than are added, is not given up; one that takes none is', () => {
  const wire = new SlowWire();
  const clock = new ManualClock();
  const connection = new H1ClientConnection(
    wire,
    {
      clock,
      budget: new MemoryBudget(1 << 20),
      limits: DEFAULT_H1_LIMITS,
      lenientLineEnds: false,
      keepAlive: true,
      idleTimeout: 5000,
      interimLimit: 10,
      onDefect: (error) => {
        throw error;
      },
    },
    { onIdle: () => {}, onUnusable: () => {} },
  );
  wire.protocol = connection;
  const answer = new Answer();
  const call = connection.open({ ...GET, method: 'PUT', length: 10_000 }, answer, TIMEOUTS);
  wire.reading = false;
  wire.turn();
  const wait = (taken: number): void => {
    call.write(Buffer.alloc(100), 0, 100);
    wire.gone += taken;
    clock.advance(TIMEOUTS.send);
    assert.ok(connection.deadline <= clock.monotonic());
    connection.onDeadline(clock.monotonic());
  };
  for (let i = 0; i < 5; i++) {
    wait(1);
    assert.equal(answer.fault, null);
  }
  wait(0);
  assert.equal(answer.fault?.kind.code, 'call-send-timeout');
});

test('a back end that has answered takes what it likes of the request, and is waited for as one that answers', () => {
  const bench = new Bench();
  const answer = new Answer();
  const timeouts = { ...TIMEOUTS, read: 3000 };
  const call = bench.connection.open({ ...GET, method: 'PUT', length: 10_000 }, answer, timeouts);
  call.write(Buffer.alloc(1000), 0, 1000);
  bench.wire.turn();
  bench.wire.reading = false;
  call.write(Buffer.alloc(1000), 0, 1000);
  bench.wire.turn();
  bench.comes('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n');
  bench.pass(2999);
  assert.deepEqual(answer.log, ['head 200 OK 2']);
  bench.pass(1);
  assert.equal(answer.fault?.kind.code, 'call-read-timeout');
});
