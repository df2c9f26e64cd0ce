import assert from 'node:assert/strict';
import { UNKNOWN_LENGTH } from '../../src/http/message/index.ts';
import { type Check, write } from './transport-bench.ts';

/** Slow peers hold the other side back, and are waited for only so long. */
export function flowIsHeldBack(check: Check): void {
  check('a back end that reads slowly holds the writer back', async (bench) => {
    const recorder = bench.open({ method: 'POST', length: UNKNOWN_LENGTH });
    const call = await bench.arrived(0);
    call.stall();
    const piece = Buffer.alloc(16 * 1024, 'x');
    let pieces = 1;
    while (recorder.call?.write(piece, 0, piece.length) === true) {
      assert.ok(++pieces < 10_000, 'write never says that the back end is slow');
    }
    assert.equal(recorder.drains, 0);
    call.readOn();
    await bench.until('the drain', () => recorder.drains === 1);
    recorder.call?.write(piece, 0, piece.length);
    recorder.call?.end(null);
    await bench.until('the request', () => call.bodyEnded);
    assert.equal(call.body.length, (pieces + 1) * piece.length);
    call.respond(204, 0);
    await bench.until('the response', () => recorder.over);
  });

  check(
    'a response that is held back waits, and that is no stall of the back end',
    async (bench) => {
      const recorder = bench.open();
      const call = await bench.arrived(0);
      call.respond(200, 6);
      await bench.until('the head', () => recorder.status === 200);
      recorder.call?.pause();
      call.write('abc');
      bench.back.advance(10_000);
      bench.back.advance(10_000);
      assert.equal(recorder.body, '');
      assert.equal(recorder.trouble, null);
      recorder.call?.resume();
      await bench.until('the first half', () => recorder.body === 'abc');
      recorder.call?.pause();
      call.write('def');
      bench.back.advance(10_000);
      assert.equal(recorder.body, 'abc');
      recorder.call?.resume();
      await bench.until('the rest', () => recorder.over);
      assert.equal(recorder.body, 'abcdef');
      assert.equal(recorder.trouble, null);
    },
  );

  check(
    'a back end that sends nothing for the read timeout is given up with 504',
    async (bench) => {
      const first = bench.open();
      await bench.arrived(0);
      bench.back.advance(999);
      assert.equal(first.trouble, null);
      bench.back.advance(1);
      await bench.until('the time-out', () => first.over);
      assert.equal(first.fault?.kind.status, 504);
      assert.equal(first.fault.stage, 'upstream-head');
      const second = bench.open();
      const call = await bench.arrived(1);
      call.respond(200, 'unknown');
      for (const byte of 'abc') {
        bench.back.advance(999);
        assert.equal(second.trouble, null);
        call.write(byte);
        await bench.until('a byte', () => second.body.endsWith(byte));
      }
      bench.back.advance(999);
      assert.equal(second.trouble, null, 'the timeout begins anew with each byte');
      bench.back.advance(1);
      await bench.until('the time-out', () => second.over);
      assert.equal(second.fault?.kind.status, 504);
      assert.equal(second.fault.stage, 'upstream-body');
      assert.equal(second.fault.kind.blame, 'upstream');
      await bench.until('the back end to see it', () => call.gone);
      await bench.another();
    },
  );

  check('a request that is not complete is not waited for', async (bench) => {
    const recorder = bench.open({ method: 'POST', length: 2 });
    const call = await bench.arrived(0);
    bench.back.advance(100_000);
    write(recorder, 'a');
    await bench.until('a byte', () => call.body === 'a');
    bench.back.advance(100_000);
    assert.equal(recorder.trouble, null);
    write(recorder, 'b');
    recorder.call?.end(null);
    await bench.until('the request', () => call.bodyEnded);
    bench.back.advance(1000);
    await bench.until('the time-out', () => recorder.over);
    assert.equal(recorder.fault?.kind.status, 504);
  });

  check(
    'a back end that takes nothing for the send timeout is given up with 504',
    async (bench) => {
      const recorder = bench.open({ method: 'POST', length: UNKNOWN_LENGTH });
      const call = await bench.arrived(0);
      call.stall();
      const piece = Buffer.alloc(1 << 20, 'x');
      // Enough for a socket that has been stalled to be full, whatever its buffers.
      for (let i = 0; i < 16; i++) recorder.call?.write(piece, 0, piece.length);
      bench.back.advance(0);
      bench.back.advance(999);
      assert.equal(recorder.trouble, null);
      await bench.until('the time-out', () => {
        bench.back.advance(1000);
        return recorder.over;
      });
      assert.equal(recorder.fault?.kind.status, 504);
      assert.equal(recorder.fault.kind.blame, 'upstream');
    },
  );

  check('request and response may flow at the same time', async (bench) => {
    const recorder = bench.open({ method: 'POST', length: UNKNOWN_LENGTH });
    const call = await bench.arrived(0);
    call.respond(200, 'unknown');
    for (const piece of ['a', 'b', 'c']) {
      write(recorder, piece);
      await bench.until('the request', () => call.body.endsWith(piece));
      call.write(piece);
      await bench.until('the response', () => recorder.body.endsWith(piece));
    }
    recorder.call?.end(null);
    await bench.until('the end of the request', () => call.bodyEnded);
    call.end();
    await bench.until('the response', () => recorder.over);
    assert.equal(recorder.body, 'abc');
    assert.equal((await bench.another()).connection, 1);
  });

  check(
    'a transport whose memory is used up reads no more until some is free',
    async (bench) => {
      const recorder = bench.open();
      const call = await bench.arrived(0);
      call.respond(200, 6);
      await bench.until('the head', () => recorder.status === 200);
      bench.back.budget.take(1000);
      call.write('a');
      bench.back.advance(0);
      await new Promise((resolve) => setTimeout(resolve, 5));
      bench.back.advance(0);
      call.write('bcdef');
      await new Promise((resolve) => setTimeout(resolve, 5));
      bench.back.advance(10_000);
      assert.ok(recorder.body.length <= 1, 'what arrives in spite of the pause is one chunk');
      assert.equal(recorder.trouble, null, 'our want of memory is no stall of the back end');
      bench.back.budget.give(1000);
      await bench.until('the rest', () => recorder.over);
      assert.equal(recorder.body, 'abcdef');
    },
    { budget: 1000 },
  );
}
