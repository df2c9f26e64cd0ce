// Every state in which something of the client is waited for has an end, also behind a response that it took slowly.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, MemoryBudget } from '../../base/index.ts';
import { h1TestSettings } from '../../../test/conformance/h1-front.ts';
import { MemoryWire } from '../../../test/conformance/memory-wire.ts';
import { memoryConnection } from '../../../test/support/memory-exchange.ts';
import { type Exchange, NO_FIELDS } from '../message/index.ts';
import { HeadOpening } from './head-writer.ts';
import { H1ServerConnection } from './server-connection.ts';

const BIG = Buffer.alloc(100_000, 'x');
const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** A connection in memory, and the exchanges that came of it. */
class Served {
  readonly clock = new ManualClock(0);
  readonly wire = new MemoryWire();
  readonly budget = new MemoryBudget(1 << 20);
  readonly exchanges: Exchange[] = [];
  readonly connection: H1ServerConnection;

  constructor(onExchange: (exchange: Exchange) => void) {
    const handler = {
      onExchange: (exchange: Exchange): void => {
        this.exchanges.push(exchange);
        onExchange(exchange);
      },
    };
    this.connection = new H1ServerConnection(
      this.wire,
      memoryConnection({ requests: 0 }),
      h1TestSettings(handler, this.clock, this.budget, []),
      new HeadOpening('Daemun'),
    );
    this.wire.protocol = this.connection;
  }

  /** The status of the fault of an exchange, 0 where it has none or did not begin. */
  faultOf(exchange: number): number {
    return this.exchanges[exchange]?.fault?.kind.status ?? 0;
  }

  send(text: string): void {
    const bytes = Buffer.from(text, 'latin1');
    this.connection.onBytes(bytes, 0, bytes.length);
    this.wire.turn();
  }

  advance(ms: number): void {
    this.clock.advance(ms);
    const now = this.clock.monotonic();
    if (this.connection.deadline > now) return;
    this.connection.deadline = Number.POSITIVE_INFINITY;
    this.connection.onDeadline(now);
  }

  /** The client stands still for a moment while a big answer is on its way, and then takes all of it. */
  sendSlowly(text: string): void {
    this.wire.reading = false;
    this.send(text);
    this.advance(500);
    this.wire.reading = true;
    while (this.wire.turn());
  }
}

function sendBig(exchange: Exchange): void {
  if (exchange.request.method === 'GET') exchange.send(200, NO_FIELDS, BIG);
  else exchange.receive({ onData: () => {}, onEnd: () => {}, onAbort: () => {} });
}

test('a head that begins behind a response which was taken slowly has its time from then on', () => {
  const served = new Served(sendBig);
  served.sendSlowly(`${GET}GET / HT`);
  served.advance(999);
  assert.equal(served.exchanges.length, 1);
  served.advance(1);
  assert.equal(served.faultOf(1), 408);
});

test('a body that begins behind a response which was taken slowly has its time from then on', () => {
  const served = new Served(sendBig);
  served.sendSlowly(`${GET}POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nbody`);
  served.advance(999);
  assert.equal(served.faultOf(1), 0);
  served.advance(1);
  assert.equal(served.faultOf(1), 408);
});

for (const [name, close] of [
  ['is closed behind a response', 'Connection: close\r\n'],
  ['is kept alive', ''],
] as const) {
  test(`a client that takes nothing is given up, where the connection ${name}`, () => {
    const served = new Served(sendBig);
    served.wire.reading = false;
    served.send(`GET / HTTP/1.1\r\nHost: x\r\n${close}\r\n`);
    assert.equal(served.wire.closed, close !== '');
    served.advance(999);
    assert.equal(served.wire.destroyed, false);
    served.advance(1);
    assert.equal(served.wire.destroyed, true);
    assert.equal(served.exchanges[0]?.finished, true);
    assert.equal(served.faultOf(0), 408);
  });
}

test('a client that takes nothing is given up, where the connection closes while it stands still', () => {
  const served = new Served((exchange) => {
    exchange.closes = true;
    exchange.respond(200, NO_FIELDS, BIG.length);
    exchange.write(BIG, 0, BIG.length);
  });
  served.wire.reading = false;
  served.send(GET);
  served.advance(500);
  served.exchanges[0]?.end(null);
  assert.equal(served.wire.closed, true);
  served.advance(500);
  assert.equal(served.wire.destroyed, true);
});

test('a client that takes a closing response in the end is not given up', () => {
  const served = new Served(sendBig);
  served.wire.reading = false;
  served.send('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  served.advance(999);
  served.wire.reading = true;
  while (served.wire.turn());
  served.advance(100_000);
  assert.equal(served.wire.destroyed, false);
  assert.equal(served.faultOf(0), 0);
  assert.equal(served.exchanges[0]?.finished, true);
});

for (const body of ['Content-Length: 37\r\n', 'Transfer-Encoding: chunked\r\n']) {
  test(`bytes behind an answer that came instead of 100 Continue are no body and no request: ${body.trim()}`, () => {
    for (const answer of ['send', 'respond'] as const) {
      const served = new Served((exchange) => {
        if (answer === 'send') exchange.send(403, NO_FIELDS, 'no');
        else {
          exchange.respond(403, NO_FIELDS, 0);
          exchange.end(null);
        }
      });
      served.send(`POST / HTTP/1.1\r\nHost: x\r\n${body}Expect: 100-continue\r\n\r\n`);
      const answered = served.wire.taken.toString('latin1');
      assert.match(answered, /^HTTP\/1\.1 403 .*\r\n(?:.*\r\n)*Connection: close\r\n/u, answer);
      assert.equal(served.wire.closed, true);
    }
  });
}

test('what was held of a head is given back when the request becomes a tunnel', () => {
  const served = new Served((exchange) => {
    exchange.tunnel(101, NO_FIELDS);
  });
  const pad = 'x'.repeat(5000);
  served.send(`GET / HTTP/1.1\r\nHost: x\r\nX: ${pad}\r\n`);
  assert.ok(served.budget.held > 5000);
  served.send('Connection: upgrade\r\nUpgrade: websocket\r\n\r\n');
  assert.equal(served.wire.paused, true);
  assert.equal(served.budget.held, 0);
});

test('bytes that came with the request for a tunnel are held until they are claimed, and given back', () => {
  const served = new Served((exchange) => {
    exchange.tunnel(101, NO_FIELDS);
  });
  served.send(
    'GET / HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nearly',
  );
  assert.equal(served.budget.held, 5);
  let got = '';
  served.exchanges[0]?.receive({
    onData: (chunk, start, end) => (got += Buffer.from(chunk).toString('latin1', start, end)),
    onEnd: () => {},
    onAbort: () => {},
  });
  assert.equal(got, 'early');
  assert.equal(served.budget.held, 0);
});
