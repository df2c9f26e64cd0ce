import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ManualClock, MemoryBudget } from '../../base/index.ts';
import { h1TestSettings } from '../../../test/conformance/h1-front.ts';
import { MemoryWire } from '../../../test/conformance/memory-wire.ts';
import { memoryConnection } from '../../../test/support/memory-exchange.ts';
import { type Exchange, NO_FIELDS } from '../message/index.ts';
import { Answer, Bench, GET, TIMEOUTS } from '../../../test/support/h1-client-bench.ts';
import { HeadOpening } from './head-writer.ts';
import { H1ServerConnection } from './server-connection.ts';

setFlagsFromString('--expose-gc');
const collect: unknown = runInNewContext('gc');

async function memoryInUse(): Promise<number> {
  assert.ok(typeof collect === 'function');
  for (let i = 0; i < 3; i++) {
    collect();
    // Memory of buffers is given back behind the collection.
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

// Nothing counts what idle connections hold, and a client may have thousands of them.
for (const [what, request] of [
  ['a long head', `GET / HTTP/1.1\r\nHost: www.example.com\r\nX: ${'y'.repeat(30_000)}\r\n\r\n`],
  [
    'a body in one piece',
    `POST / HTTP/1.1\r\nHost: www.example.com\r\nContent-Length: 30000\r\n\r\n${'y'.repeat(30_000)}`,
  ],
] as const) {
  test(`a connection that waits for its next request holds nothing of ${what}`, async () => {
    const answer = (exchange: Exchange): void => {
      exchange.receive({
        onData: () => {},
        onAbort: () => {},
        onEnd: () => {
          exchange.send(200, NO_FIELDS, 'hello');
        },
      });
    };
    const settings = h1TestSettings(
      { onExchange: answer },
      new ManualClock(0),
      new MemoryBudget(1 << 20),
      [],
    );
    const head = request.slice(0, request.indexOf('\r\n\r\n') + 4);
    const connections: H1ServerConnection[] = [];
    const before = await memoryInUse();
    for (let i = 0; i < 200; i++) {
      const wire = new MemoryWire();
      const facts = memoryConnection({ requests: 0 });
      const connection = new H1ServerConnection(wire, facts, settings, new HeadOpening(''));
      wire.protocol = connection;
      connections.push(connection);
      for (const part of [head, request.slice(head.length)]) {
        // Not from the pool of Node, which other buffers would keep alive as well.
        const bytes = Buffer.allocUnsafeSlow(part.length);
        bytes.write(part, 'latin1');
        if (bytes.length > 0) connection.onBytes(bytes, 0, bytes.length);
      }
      wire.turn();
      assert.equal(connection.idle, true);
    }
    const each = ((await memoryInUse()) - before) / connections.length;
    assert.ok(each < 10_000, `${Math.round(each)} bytes a connection`);
  });
}

test('a connection to a back end that waits for its next call holds nothing of the last response', async () => {
  class Forgetful extends Answer {
    override onData(): void {}
  }
  // As much as one read brings, and too much for the pool of Node.
  const body = 'y'.repeat(60_000);
  const response = Buffer.from(
    `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nEA60\r\n${body}\r\n0\r\n\r\n`,
  );
  const benches: Bench[] = [];
  const before = await memoryInUse();
  for (let i = 0; i < 200; i++) {
    const bench = new Bench();
    benches.push(bench);
    bench.connection.open(GET, new Forgetful(), TIMEOUTS);
    bench.wire.turn();
    bench.connection.onBytes(response, 0, response.length);
    assert.deepEqual(bench.told, ['idle']);
  }
  const each = ((await memoryInUse()) - before) / benches.length;
  assert.ok(each < 10_000, `${Math.round(each)} bytes a connection`);
});
