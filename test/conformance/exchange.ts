import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../src/base/index.ts';
import {
  type BodyReceiver,
  type Exchange,
  EXCHANGE_FAULTS,
  type ExchangeHandler,
  type ExchangeObserver,
  Fields,
  NO_FIELDS,
  UNKNOWN_LENGTH,
} from '../../src/http/message/index.ts';
import { eventually } from '../support/eventually.ts';
import type { FrontHarness, FrontUnderTest } from './front.ts';

/** Records what an exchange and its request body told, in order, and fails on what the contract forbids. */
export class Recorder implements ExchangeObserver, BodyReceiver {
  readonly exchange: Exchange;
  readonly log: string[] = [];
  body = '';
  trailers: Fields | null = null;
  bodyFault: Fault | null = null;
  bodyEnded = 0;
  aborts: Fault[] = [];
  finishes = 0;
  drains = 0;
  halfCloses = 0;

  constructor(exchange: Exchange) {
    this.exchange = exchange;
    exchange.observer = this;
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    assert.equal(this.bodyEnded, 0, 'body bytes behind the end of the body');
    assert.equal(this.finishes, 0, 'body bytes behind onFinish');
    assert.ok(end > start, 'an empty chunk');
    this.body += Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength).toString('latin1', start, end);
    this.log.push('data');
  }

  onEnd(trailers: Fields | null): void {
    this.trailers = trailers;
    this.bodyEnded++;
    this.log.push('end');
  }

  onAbort(fault: Fault): void {
    // One object plays both receivers here; which of the two it was, the state of the exchange tells.
    if (this.exchange.aborted && this.log.includes('claimed') && this.bodyEnded === 0) {
      if (this.bodyFault === null) {
        this.bodyFault = fault;
        this.log.push('body-abort');
        return;
      }
    } else if (!this.exchange.aborted) {
      this.bodyFault = fault;
      this.log.push('body-abort');
      return;
    }
    this.aborts.push(fault);
    this.log.push('abort');
  }

  onDrain(): void {
    assert.equal(this.finishes, 0, 'a drain behind onFinish');
    this.drains++;
  }

  onHalfClose(): void {
    this.halfCloses++;
  }

  onFinish(): void {
    this.finishes++;
    this.log.push('finish');
  }

  claim(): void {
    this.log.push('claimed');
    this.exchange.receive(this);
  }
}

interface Bench {
  readonly front: FrontUnderTest;
  readonly recorders: Recorder[];
  until(what: string, holds: () => boolean): Promise<void>;
}

type Act = (recorder: Recorder, index: number) => void;

/** The contract of `Exchange`, run against one protocol in front. */
export function exchangeConformance(harness: FrontHarness): void {
  const check = (
    title: string,
    act: Act,
    body: (bench: Bench) => Promise<void>,
    options?: { readonly budget?: number },
  ): void => {
    test(`${harness.name}: ${title}`, async () => {
      const recorders: Recorder[] = [];
      const handler: ExchangeHandler = {
        onExchange(exchange) {
          const recorder = new Recorder(exchange);
          recorders.push(recorder);
          act(recorder, recorders.length - 1);
        },
      };
      const front = harness.open(handler, options);
      try {
        await body({
          front,
          recorders,
          until: (what, holds) =>
            eventually(what, () => {
              front.advance(0);
              return holds();
            }),
        });
        for (const recorder of recorders) {
          assert.equal(recorder.finishes, 1, `onFinish once: ${recorder.log.join(' ')}`);
          assert.equal(recorder.log.at(-1), 'finish', `onFinish last: ${recorder.log.join(' ')}`);
          assert.ok(recorder.aborts.length <= 1, 'onAbort at most once');
          assert.ok(recorder.bodyEnded + (recorder.bodyFault === null ? 0 : 1) <= 1, 'one end of the body');
        }
        assert.equal(front.budget.held, 0, 'the memory budget is back at nothing');
      } finally {
        await front.dispose();
      }
    });
  };
  const ok: Act = ({ exchange }) => exchange.send(200, Fields.of(['X-A', 'b']), 'hello');
  const later: Act = () => {};
  const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');
  const write = (exchange: Exchange, text: string): boolean => {
    const chunk = Buffer.from(`<${text}>`, 'latin1');
    return exchange.write(chunk, 1, chunk.length - 1);
  };

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

  check(
    'a request without a body ends its body before receive returns',
    (recorder) => {
      recorder.claim();
      recorder.log.push('returned');
      recorder.exchange.send(204, NO_FIELDS, null);
    },
    async ({ front, recorders, until }) => {
      const call = front.connect().request();
      await until('the response', () => call.state === 'complete');
      assert.deepEqual(recorders[0]?.log.slice(0, 3), ['claimed', 'end', 'returned']);
      assert.equal(call.status, 204);
      await until('the end', () => recorders[0]?.finishes === 1);
    },
  );

  for (const kind of ['announced', 'stream'] as const) {
    check(
      `an ${kind} body arrives whole, however it is cut`,
      (recorder) => recorder.claim(),
      async ({ front, recorders, until }) => {
        const text = 'The quick brown fox \xe9\x00\r\n0\r\n\r\n';
        const client = front.connect();
        for (let cut = 1; cut < text.length; cut += 3) {
          const call = client.request({ method: 'POST', body: kind === 'stream' ? kind : text.length });
          for (let at = 0; at < text.length; at += cut) call.write(text.slice(at, at + cut));
          call.end();
          const index = recorders.length - 1;
          await until('the body', () => recorders[index]?.bodyEnded === 1);
          const recorder = recorders[index] as Recorder;
          assert.equal(recorder.body, text);
          assert.equal(recorder.exchange.bodyBytesReceived, text.length);
          recorder.exchange.send(200, NO_FIELDS, null);
          await until('the response', () => call.state === 'complete' && recorder.finishes === 1);
        }
      },
    );
  }

  check(
    'trailers of a request come with the end of its body, apart from its head',
    (recorder) => recorder.claim(),
    async ({ front, recorders, until }) => {
      const call = front.connect().request({ method: 'POST', body: 'stream' });
      call.write('x');
      call.end(Fields.of(['X-Checksum', 'abc'], ['Content-Length', '9']));
      await until('the body', () => recorders[0]?.bodyEnded === 1);
      const recorder = recorders[0] as Recorder;
      assert.equal(recorder.trailers?.getByName('x-checksum'), 'abc');
      assert.equal(recorder.exchange.request.fields.getByName('x-checksum'), null);
      assert.equal(recorder.exchange.request.contentLength, UNKNOWN_LENGTH);
      recorder.exchange.send(200, NO_FIELDS, null);
      await until('the end', () => recorder.finishes === 1);
    },
  );

  check(
    'a paused body waits, and goes on where it stopped',
    (recorder) => {
      recorder.exchange.pause();
      recorder.claim();
    },
    async ({ front, recorders, until }) => {
      const call = front.connect().request({ method: 'POST', body: 6 });
      call.write('abc');
      front.advance(0);
      const recorder = recorders[0] as Recorder;
      assert.equal(recorder.body, '');
      recorder.exchange.resume();
      await until('the first half', () => recorder.body === 'abc');
      recorder.exchange.pause();
      call.write('def');
      front.advance(10_000);
      assert.equal(recorder.aborts.length, 0, 'a pause of ours is no stall of the client');
      recorder.exchange.resume();
      await until('the second half', () => recorder.body === 'abcdef' && recorder.bodyEnded === 1);
      recorder.exchange.send(200, NO_FIELDS, null);
      await until('the end', () => recorder.finishes === 1);
    },
  );

  for (const length of [10, UNKNOWN_LENGTH]) {
    check(`a body of ${length < 0 ? 'unknown' : 'known'} length is streamed`, later, async (bench) => {
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
      await until('the response', () => call.state === 'complete' && recorders[0]?.finishes === 1);
      assert.equal(call.body, 'firstlater');
      assert.equal(exchange.bodyBytesSent, 10);
    });
  }

  for (const takesTrailers of [true, false]) {
    check(
      `trailers are ${takesTrailers ? 'sent to a client that takes them' : 'kept from a client that does not'}`,
      ({ exchange }) => {
        exchange.respond(200, NO_FIELDS, UNKNOWN_LENGTH);
        write(exchange, 'x');
        exchange.end(Fields.of(['X-Sum', '1']));
      },
      async ({ front, recorders, until }) => {
        const call = front.connect().request({ takesTrailers });
        await until('the response', () => call.state === 'complete' && recorders[0]?.finishes === 1);
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
      check(`a response to ${what} has no body, whatever is written (${way})`, (recorder, index) => {
        const { exchange } = recorder;
        if (index > 0) return exchange.send(200, NO_FIELDS, 'next');
        if (way === 'send') return exchange.send(status, NO_FIELDS, 'hello');
        exchange.respond(status, NO_FIELDS, way === 'length' ? 5 : UNKNOWN_LENGTH);
        write(exchange, 'hello');
        return exchange.end(Fields.of(['X-Sum', '1']));
      }, async ({ front, recorders, until }) => {
        const client = front.connect();
        const call = client.request({ method });
        await until('the response', () => call.state === 'complete');
        assert.equal(call.status, status);
        assert.equal(call.body, '');
        assert.equal(recorders[0]?.exchange.bodyBytesSent, 0);
        if (way !== 'unknown' && status === 200) assert.equal(call.fields?.getByName('content-length'), '5');
        const next = client.request();
        await until('the next response', () => next.state === 'complete' && recorders[1]?.finishes === 1);
        assert.equal(next.body, 'next');
      });
    }
  }

  check(
    'interim responses come first, and not behind the final one',
    ({ exchange }) => {
      exchange.inform(103, Fields.of(['Link', '</a>; rel=preload']));
      exchange.send(200, NO_FIELDS, 'x');
      assert.throws(() => exchange.inform(103, NO_FIELDS), Fault);
    },
    async ({ front, recorders, until }) => {
      const call = front.connect().request();
      await until('the response', () => call.state === 'complete' && recorders[0]?.finishes === 1);
      assert.deepEqual(call.informed, [103]);
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
      assert.equal(recorders[0]?.aborts.length, 1);
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

  for (const moment of ['the handler works', 'a body is on its way', 'a response is on its way'] as const) {
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

  check('a client that reads slowly holds the writer back', later, async ({ front, recorders, until }) => {
    const client = front.connect();
    const call = client.request();
    await until('the exchange', () => recorders.length === 1);
    const recorder = recorders[0] as Recorder;
    const { exchange } = recorder;
    const piece = bytes('x'.repeat(16 * 1024));
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
  });

  check('a client that reads nothing for the send timeout is given up', later, async (bench) => {
    const { front, recorders, until } = bench;
    const client = front.connect();
    client.request();
    await until('the exchange', () => recorders.length === 1);
    const recorder = recorders[0] as Recorder;
    client.stall();
    const piece = bytes('x'.repeat(1024 * 1024));
    recorder.exchange.respond(200, NO_FIELDS, UNKNOWN_LENGTH);
    while (recorder.exchange.write(piece, 0, piece.length));
    front.advance(999);
    assert.equal(recorder.aborts.length, 0);
    await until('the time-out', () => {
      front.advance(1000);
      return recorder.finishes === 1;
    });
    assert.equal(recorder.exchange.fault?.kind.status, 408);
    assert.equal(recorder.aborts.length, 1);
  });

  check(
    'a body that stalls for the body timeout is a fault that can be answered with 408',
    (recorder) => recorder.claim(),
    async ({ front, recorders, until }) => {
      const call = front.connect().request({ method: 'POST', body: 10 });
      call.write('abc');
      await until('bytes', () => recorders[0]?.body === 'abc');
      const recorder = recorders[0] as Recorder;
      front.advance(999);
      assert.equal(recorder.bodyFault, null);
      call.write('d');
      await until('another byte', () => recorder.body === 'abcd');
      front.advance(999);
      assert.equal(recorder.bodyFault, null, 'the timeout begins anew with each byte');
      await until('the fault', () => {
        front.advance(1000);
        return recorder.bodyFault !== null;
      });
      assert.equal((recorder.bodyFault as Fault | null)?.kind.status, 408);
      assert.ok(recorder.exchange.canRespond);
      recorder.exchange.send(408, NO_FIELDS, 'slow');
      await until('the answer', () => call.state === 'complete' && recorder.finishes === 1);
      assert.equal(call.status, 408);
    },
  );

  check(
    'a body with broken framing is a fault that can be answered',
    (recorder) => recorder.claim(),
    async ({ front, recorders, until }) => {
      const client = front.connect();
      const call = client.request({ method: 'POST', body: 'stream' });
      call.write('abc');
      if (!call.breakBody()) call.end();
      await until('the fault', () => recorders[0]?.bodyFault !== null || recorders[0]?.bodyEnded === 1);
      const recorder = recorders[0] as Recorder;
      recorder.exchange.send(recorder.bodyFault?.kind.status ?? 400, NO_FIELDS, 'broken');
      await until('the answer', () => call.state === 'complete' && recorder.finishes === 1);
      assert.equal(call.status, 400);
      assert.ok(client.closed, 'nothing is read behind broken framing');
    },
  );

  check('what is no request is handed over to be answered, and ends the connection', ({ exchange }) => {
    assert.ok(exchange.refusal !== null);
    exchange.send(exchange.refusal.kind.status, NO_FIELDS, 'no');
  }, async ({ front, recorders, until }) => {
    const client = front.connect();
    const call = client.requestGarbage();
    await until('the answer', () => call.state === 'complete' && recorders[0]?.finishes === 1);
    assert.equal(call.status, 400);
    assert.ok(client.closed);
    assert.equal(recorders[0]?.exchange.fault?.kind.blame, 'client');
  });

  check(
    'a body that nobody claimed is out of the way of the next request',
    (recorder, index) => recorder.exchange.send(200, NO_FIELDS, `answer ${index}`),
    async ({ front, recorders, until }) => {
      const client = front.connect();
      const call = client.request({ method: 'POST', body: 20 });
      await until('the answer', () => call.state === 'complete');
      call.write('GET / HTTP/1.1\r\nHost');
      const next = client.request();
      await until('the next answer', () => next.state === 'complete' && recorders[1]?.finishes === 1);
      assert.equal(next.body, 'answer 1');
      assert.equal(recorders.length, 2);
    },
  );

  check(
    'a receiver hears no more of a body once the response has ended',
    (recorder, index) => {
      if (index === 0) recorder.claim();
      else recorder.exchange.send(200, NO_FIELDS, 'second');
    },
    async ({ front, recorders, until }) => {
      const client = front.connect();
      const call = client.request({ method: 'POST', body: 6 });
      call.write('abc');
      await until('bytes', () => recorders[0]?.body === 'abc');
      recorders[0]?.exchange.send(413, NO_FIELDS, 'enough');
      await until('the answer', () => call.state === 'complete');
      if (client.closed) return;
      call.write('def');
      const next = client.request();
      await until('the next answer', () => next.state === 'complete' && recorders[1]?.finishes === 1);
      assert.equal(recorders[0]?.body, 'abc');
      assert.equal(recorders[0]?.bodyEnded, 0);
    },
  );

  check('requests of one connection are answered one after the other', ok, async (bench) => {
    const { front, recorders, until } = bench;
    const client = front.connect();
    const calls = [1, 2, 3].map((n) => client.request({ target: `/${n}` }));
    await until('all answers', () => calls.every((call) => call.state === 'complete'));
    await until('all ends', () => recorders.every((recorder) => recorder.finishes === 1));
    assert.deepEqual(recorders.map((recorder) => recorder.exchange.request.path), ['/1', '/2', '/3']);
    assert.equal(recorders[2]?.exchange.connection.requests, 3);
  });

  for (const claims of [true, false]) {
    check(
      `100 Continue is ${claims ? 'sent once somebody claims the body' : 'not sent for a body that is refused'}`,
      (recorder) => {
        if (claims) recorder.claim();
        else recorder.exchange.send(413, NO_FIELDS, 'no');
      },
      async ({ front, recorders, until }) => {
        const client = front.connect();
        const call = client.request({ method: 'POST', body: 3, expectContinue: true });
        if (claims) {
          await until('the go-ahead', () => call.informed.includes(100));
          call.write('abc');
          await until('the body', () => recorders[0]?.bodyEnded === 1);
          recorders[0]?.exchange.send(200, NO_FIELDS, 'yes');
        }
        await until('the answer', () => call.state === 'complete' && recorders[0]?.finishes === 1);
        assert.equal(call.status, claims ? 200 : 413);
        assert.deepEqual(call.informed, claims ? [100] : []);
      },
    );
  }

  check('a tunnel carries bytes both ways until both sides ended', later, async (bench) => {
    const { front, recorders, until } = bench;
    const client = front.connect();
    const call = client.request({ upgrade: 'chat' });
    await until('the exchange', () => recorders.length === 1);
    const recorder = recorders[0] as Recorder;
    assert.equal(recorder.exchange.request.upgrade, 'chat');
    recorder.exchange.tunnel(101, NO_FIELDS);
    await until('the switch', () => call.status === 101);
    call.write('early');
    recorder.claim();
    await until('the early bytes', () => recorder.body === 'early');
    write(recorder.exchange, 'GET / HTTP/1.1\r\n\r\n');
    await until('bytes from the server', () => call.body === 'GET / HTTP/1.1\r\n\r\n');
    call.write('\0\xff');
    await until('bytes from the client', () => recorder.body === 'early\0\xff');
    call.end();
    await until('the client’s end', () => recorder.bodyEnded === 1);
    assert.equal(recorder.finishes, 0, 'one side ended, the other goes on');
    write(recorder.exchange, 'bye');
    recorder.exchange.end(null);
    await until('the end', () => recorder.finishes === 1 && call.state === 'complete');
    assert.equal(call.body, 'GET / HTTP/1.1\r\n\r\nbye');
    assert.equal(recorder.exchange.fault, null);
  });

  check('a tunnel whose server side ends first still takes the client’s bytes', later, async (bench) => {
    const { front, recorders, until } = bench;
    const call = front.connect().request({ upgrade: 'chat' });
    await until('the exchange', () => recorders.length === 1);
    const recorder = recorders[0] as Recorder;
    recorder.exchange.tunnel(101, NO_FIELDS);
    recorder.claim();
    write(recorder.exchange, 'done');
    recorder.exchange.end(null);
    await until('the server’s end', () => call.body === 'done');
    assert.equal(recorder.finishes, 0);
    call.write('last words');
    await until('the last words', () => recorder.body === 'last words');
    call.end();
    await until('the end', () => recorder.finishes === 1 && recorder.bodyEnded === 1);
  });

  check('a client that ends its side behind the request still gets its answer', later, async (bench) => {
    const { front, recorders, until } = bench;
    const client = front.connect();
    const call = client.request();
    client.halfClose();
    await until('the half-close', () => recorders[0]?.halfCloses === 1);
    recorders[0]?.exchange.send(200, NO_FIELDS, 'still here');
    await until('the answer', () => call.state === 'complete' && recorders[0]?.finishes === 1);
    assert.equal(call.body, 'still here');
    assert.equal(recorders[0]?.halfCloses, 1);
  });

  check(
    'a client that ends its side in the middle of a body is a fault',
    (recorder) => recorder.claim(),
    async ({ front, recorders, until }) => {
      const client = front.connect();
      const call = client.request({ method: 'POST', body: 10 });
      call.write('abc');
      client.halfClose();
      await until('the fault', () => recorders[0]?.bodyFault !== null);
      recorders[0]?.exchange.send(400, NO_FIELDS, 'cut');
      await until('the answer', () => call.state === 'complete' && recorders[0]?.finishes === 1);
      assert.equal(recorders[0]?.body, 'abc');
      assert.equal(recorders[0]?.bodyEnded, 0);
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
