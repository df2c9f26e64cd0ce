import assert from 'node:assert/strict';
import type { Fault } from '../../src/base/index.ts';
import { Fields, NO_FIELDS, UNKNOWN_LENGTH } from '../../src/http/message/index.ts';
import { type Check } from './exchange-bench.ts';
import type { FrontHarness } from './front.ts';
import type { Recorder } from './recorder.ts';

/** Request bodies arrive whole, wait when told to, and are out of the way when nobody wants them. */
export function requestBodiesArrive(
  check: Check,
  { trailers, interims }: FrontHarness['carries'],
): void {
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
        for (let index = 0; index * 3 + 1 < text.length; index++) {
          const cut = index * 3 + 1;
          const call = client.request({
            method: 'POST',
            body: kind === 'stream' ? kind : text.length,
          });
          for (let at = 0; at < text.length; at += cut) call.write(text.slice(at, at + cut));
          call.end();
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
      assert.equal(recorder.trailers?.getByName('x-checksum') ?? null, trailers ? 'abc' : null);
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
      await until('the exchange', () => recorders.length === 1);
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

  check(
    'a body with broken framing is a fault that can be answered',
    (recorder) => recorder.claim(),
    async ({ front, recorders, until }) => {
      const client = front.connect();
      const call = client.request({ method: 'POST', body: 'stream' });
      call.write('abc');
      if (!call.breakBody()) call.end();
      await until('the fault', () =>
        recorders.some((each) => each.bodyFault !== null || each.bodyEnded === 1),
      );
      const recorder = recorders[0] as Recorder;
      recorder.exchange.send(recorder.bodyFault?.kind.status ?? 400, NO_FIELDS, 'broken');
      await until('the answer', () => call.state === 'complete' && recorder.finishes === 1);
      assert.equal(call.status, 400);
      await until('the close: nothing is read behind broken framing', () => client.closed);
    },
  );

  check(
    'a body that nobody claimed is out of the way of the next request',
    (recorder, index) => recorder.exchange.send(200, NO_FIELDS, `answer ${index}`),
    async ({ front, recorders, until }) => {
      const client = front.connect();
      const call = client.request({ method: 'POST', body: 20 });
      await until('the answer', () => call.state === 'complete');
      call.write('GET / HTTP/1.1\r\nHost');
      const next = client.request();
      await until(
        'the next answer',
        () => next.state === 'complete' && recorders[1]?.finishes === 1,
      );
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
      await until(
        'the next answer',
        () => next.state === 'complete' && recorders[1]?.finishes === 1,
      );
      assert.equal(recorders[0]?.body, 'abc');
      assert.equal(recorders[0].bodyEnded, 0);
    },
  );

  for (const claims of interims ? [true, false] : []) {
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
}
