import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NO_FIELDS } from '../../http/message/index.ts';
import { Recorder } from '../../../test/conformance/recorder.ts';
import { bodySent, hello, packetOf, posted } from '../../../test/support/ajp-server-bench.ts';
import { endResponse, getBodyChunk, LAST_BODY_PACKET } from './response-messages.ts';

/** Most bytes of a body in a packet of 8 KiB. */
const MOST_UP = 8186;

const claim = (recorder: Recorder): void => {
  recorder.claim();
};

test('a request body whose length is known begins unasked, and is asked for packet by packet', () => {
  const bench = posted(20_000, { act: claim });
  assert.equal(bench.sent(), '');
  bench.comes(bodySent('x'.repeat(MOST_UP)));
  assert.equal(bench.sent(), getBodyChunk(MOST_UP));
  bench.comes(bodySent('x'.repeat(MOST_UP)));
  assert.equal(bench.sent(), getBodyChunk(20_000 - 2 * MOST_UP));
  bench.comes(bodySent('x'.repeat(20_000 - 2 * MOST_UP)));
  assert.equal(bench.sent(), '');
  assert.equal(bench.last.body.length, 20_000);
  assert.equal(bench.last.bodyEnded, 1);
  hello(bench.last);
  assert.ok(bench.sent().endsWith(endResponse(true)));
});

for (const end of [LAST_BODY_PACKET, bodySent('')]) {
  test(`a request body of unknown length is asked for from the beginning, to its end (${end.length} bytes)`, () => {
    const bench = posted('unknown', { act: claim });
    assert.equal(bench.sent(), getBodyChunk(MOST_UP));
    bench.comes(bodySent('abc'));
    assert.equal(bench.sent(), getBodyChunk(MOST_UP));
    bench.comes(end);
    assert.equal(bench.sent(), '');
    assert.deepEqual([bench.last.body, bench.last.bodyEnded], ['abc', 1]);
  });
}

test('a request body that its receiver holds back from within is not asked for', () => {
  class Holder extends Recorder {
    override onData(...data: Parameters<Recorder['onData']>): void {
      super.onData(...data);
      this.exchange.pause();
    }
  }
  const holders: Holder[] = [];
  const bench = posted('unknown', {
    act: ({ exchange }) => {
      const holder = new Holder(exchange);
      holders.push(holder);
      holder.claim();
    },
  });
  assert.equal(bench.sent(), getBodyChunk(MOST_UP));
  bench.comes(bodySent('abc'));
  assert.equal(bench.sent(), '');
  const [holder] = holders;
  assert.equal(holder?.body, 'abc');
  holder.exchange.resume();
  assert.equal(bench.sent(), getBodyChunk(MOST_UP));
});

test('a request body that has come to its end is not asked for when its receiver goes on', () => {
  const bench = posted(3, { act: claim });
  bench.last.exchange.pause();
  bench.comes(bodySent('abc'));
  bench.last.exchange.resume();
  assert.deepEqual([bench.last.body, bench.last.bodyEnded, bench.sent()], ['abc', 1, '']);
  bench.last.exchange.pause();
  bench.last.exchange.resume();
  assert.equal(bench.sent(), '');
});

test('a request body that its receiver does not want for a while is not asked for', () => {
  const bench = posted('unknown', { act: claim });
  bench.sent();
  bench.last.exchange.pause();
  bench.comes(bodySent('abc'));
  assert.deepEqual([bench.sent(), bench.last.body], ['', '']);
  assert.equal(bench.wire.paused, true);
  assert.ok(bench.budget.held > 0);
  bench.pass(100_000);
  bench.last.exchange.resume();
  assert.deepEqual([bench.sent(), bench.last.body], [getBodyChunk(MOST_UP), 'abc']);
  assert.equal(bench.budget.held, 0);
});

test('a request body that nobody claims is read as far as it was sent, and not as the next request', () => {
  for (const early of [true, false]) {
    const bench = posted(20_000);
    const first = bodySent(packetOf({ uri: '/smuggled' }));
    if (early) bench.comes(first);
    hello(bench.last);
    if (!early) bench.comes(first);
    bench.ask({ uri: '/next' });
    assert.deepEqual(
      bench.recorders.map(({ exchange }) => exchange.request.path),
      ['/a', '/next'],
    );
  }
});

test('a request body of which a packet was asked for when the answer ended is out of the way of the next request', () => {
  const bench = posted('unknown', { act: claim });
  hello(bench.last);
  bench.sent();
  bench.ask({ uri: '/not-yet' });
  assert.equal(bench.recorders.length, 1, 'this was the packet of the body');
  bench.comes(packetOf({ uri: '/next' }));
  assert.equal(bench.recorders.length, 1);
  assert.equal(bench.ended, 'lingers', 'which was none');
  const right = posted('unknown', { act: claim });
  hello(right.last);
  right.comes(bodySent('abc') + packetOf({ uri: '/next' }));
  assert.equal(right.last.exchange.request.path, '/next');
});

test('a request body gives bytes that its receiver may keep', () => {
  const kept: Uint8Array[] = [];
  const bench = posted('unknown', {
    act: ({ exchange }) => {
      exchange.receive({
        onData: (bytes, start, end) => kept.push(bytes.subarray(start, end)),
        onEnd: () => {},
        onAbort: () => {},
      });
    },
  });
  bench.comes(bodySent('abc'));
  const split = bodySent('def');
  bench.comes(split.slice(0, 4));
  bench.comes(split.slice(4));
  bench.comes(LAST_BODY_PACKET);
  assert.equal(Buffer.concat(kept).toString('latin1'), 'abcdef');
});

for (const [what, length, packets, code] of [
  ['longer than it says', 3, [bodySent('abcd')], 'ajp-request-body'],
  [
    'longer than it says, later',
    9000,
    [bodySent('x'.repeat(8186)), bodySent('x'.repeat(815))],
    'ajp-request-body',
  ],
  ['shorter than it says', 3, [bodySent('ab'), LAST_BODY_PACKET], 'ajp-request-body'],
  ['empty, and says more', 3, [LAST_BODY_PACKET], 'ajp-request-body'],
  ['in a packet of another length', 3, ['\x12\x34\0\x04\0\x03ab'], 'ajp-request-malformed'],
  ['in a packet with more in it', 3, ['\x12\x34\0\x06\0\x03abcd'], 'ajp-request-malformed'],
  ['half a number', 3, ['\x12\x34\0\x01\0'], 'ajp-request-malformed'],
  ['no packet', 3, ['GET /'], 'ajp-request-packet'],
  ['in a packet that is too large', 3, ['\x12\x34\x20\0'], 'ajp-request-packet'],
] as const) {
  test(`a request body that is ${what} is a fault that can be answered, and ends the connection`, () => {
    const bench = posted(length, { act: claim });
    for (const packet of packets) bench.comes(packet);
    assert.equal(bench.last.bodyFault?.kind.code, code);
    assert.equal(bench.last.bodyEnded, 0);
    bench.last.exchange.send(400, NO_FIELDS, 'no');
    assert.ok(bench.sent().endsWith(endResponse(false)));
    assert.equal(bench.ended, 'lingers');
  });
}

test('a request body that does not come is given up with 408', () => {
  const bench = posted(3, { act: claim });
  bench.pass(999);
  assert.deepEqual(bench.last.log, ['claimed']);
  bench.pass(1);
  assert.equal(bench.last.bodyFault?.kind.code, 'ajp-request-body-timeout');
});

test('a request body that is owed behind the answer is waited for so long, too', () => {
  const bench = posted(3);
  hello(bench.last);
  bench.sent();
  bench.pass(999);
  assert.equal(bench.ended, 'open');
  bench.pass(1);
  assert.equal(bench.ended, 'lingers');
});

test('a request body is asked for in packets of 16 KiB at most', () => {
  const bench = posted('unknown', { act: claim, settings: { packetSize: 65_536 } });
  assert.equal(bench.sent(), getBodyChunk(16_378));
  bench.comes(bodySent('x'.repeat(16_378)));
  assert.equal(bench.sent(), getBodyChunk(16_378));
});

test('a request body whose receiver pauses and goes on with its last byte has an end, and is not asked for', () => {
  class Blinker extends Recorder {
    override onData(...data: Parameters<Recorder['onData']>): void {
      super.onData(...data);
      this.exchange.pause();
      this.exchange.resume();
    }
  }
  const bench = posted(3, {
    act: ({ exchange }) => {
      if (exchange.request.path === '/a') new Blinker(exchange).claim();
    },
  });
  bench.comes(bodySent('abc'));
  assert.equal(bench.sent(), '');
  bench.last.exchange.send(200, NO_FIELDS, 'hello');
  bench.sent();
  bench.ask({ uri: '/next' });
  assert.equal(bench.last.exchange.request.path, '/next');
});
