import assert from 'node:assert/strict';
import {
  EXCHANGE_FAULTS,
  type Fields,
  type ResponseReceiver,
} from '../../src/http/message/index.ts';
import { BREAKAGES } from './back.ts';
import { type Check, GIVEN_UP, ResponseRecorder, write } from './transport-bench.ts';

/** Whatever cuts a call short is told once, to those it concerns. */
export function callsEndOnce(check: Check): void {
  for (const moment of ['before the request left', 'before the head', 'in the body'] as const) {
    check(
      `a call given up ${moment} hears nothing more, and the back end sees it`,
      async (bench) => {
        const recorder = bench.open();
        if (moment === 'before the request left') {
          assert.equal(recorder.call?.sent, 'nothing');
          recorder.silent = true;
          recorder.call.abort(GIVEN_UP);
        } else {
          const call = await bench.arrived(0);
          if (moment === 'in the body') {
            call.respond(200, 10);
            call.write('hi');
            await bench.until('bytes', () => recorder.body === 'hi');
          }
          recorder.silent = true;
          recorder.call?.abort(GIVEN_UP);
          recorder.call?.abort(GIVEN_UP);
          await bench.until('the back end to see it', () => call.gone);
        }
        assert.equal(write(recorder, 'x'), true);
        recorder.call?.end(null);
        recorder.call?.pause();
        recorder.call?.resume();
        await bench.another();
      },
    );
  }

  check('a receiver may give its call up from within', async (bench) => {
    class Leaver extends ResponseRecorder {
      override onHead(...head: Parameters<ResponseReceiver['onHead']>): void {
        super.onHead(...head);
        this.silent = true;
        this.call?.abort(GIVEN_UP);
      }
    }
    const recorder = bench.open({}, new Leaver());
    const call = await bench.arrived(0);
    call.respond(200, 3);
    call.write('hi');
    await bench.until('the back end to see it', () => call.gone);
    assert.equal(recorder.status, 200);
    await bench.another();
  });

  for (const how of ['fin', 'reset'] as const) {
    check(
      `a back end that leaves by ${how} without a word is told apart from one that had begun`,
      async (bench) => {
        const first = bench.open({ method: 'POST' });
        (await bench.arrived(0)).leave(how);
        await bench.until('the fault', () => first.over);
        assert.equal(first.fault?.kind.blame, 'upstream');
        assert.equal(first.fault.kind.status, 502);
        assert.equal(first.call?.sent, 'head');
        const second = bench.open({ method: 'POST' });
        const call = await bench.arrived(1);
        call.respond(200, 9);
        call.write('hi');
        await bench.until('bytes', () => second.body === 'hi');
        call.leave(how);
        await bench.until('the fault', () => second.over);
        assert.equal(second.fault?.kind.status, 502);
        assert.notEqual(second.fault.kind, first.fault.kind);
        await bench.another();
      },
    );
  }

  for (const how of BREAKAGES) {
    check(
      `${how} is the back end’s fault, told once, and the connection is not used again`,
      async (bench) => {
        const recorder = bench.open({ method: 'POST' });
        const call = await bench.arrived(0);
        if (!call.breakWith(how)) {
          recorder.silent = true;
          recorder.call?.abort(GIVEN_UP);
          return;
        }
        await bench.until('the fault', () => recorder.over);
        assert.equal(recorder.fault?.kind.blame, 'upstream');
        assert.equal(recorder.fault.kind.status, 502);
        assert.equal(recorder.ends, 0);
        assert.notEqual((await bench.another()).connection, 1);
        assert.deepEqual(bench.back.defects, []);
      },
    );
  }

  check(
    'a response may be complete before its request; the connection ends with it',
    async (bench) => {
      const recorder = bench.open({ method: 'POST', length: 10 });
      write(recorder, 'abc');
      const call = await bench.arrived(0);
      await bench.until('bytes', () => call.body === 'abc');
      call.respond(413, 4);
      call.write('much');
      await bench.until('the response', () => recorder.over);
      assert.equal(recorder.status, 413);
      assert.equal(recorder.body, 'much');
      assert.equal(write(recorder, 'defghij'), true);
      recorder.call?.end(null);
      assert.notEqual((await bench.another()).connection, 1);
      assert.equal(call.body, 'abc');
    },
  );

  for (const [what, length, pieces] of [
    ['longer', 3, ['ab', 'cd']],
    ['shorter', 3, ['ab']],
  ] as const) {
    check(
      `a request body ${what} than announced is ours, and breaks the request off`,
      async (bench) => {
        const recorder = bench.open({ method: 'POST', length });
        const call = await bench.arrived(0);
        for (const piece of pieces) write(recorder, piece);
        recorder.call?.end(null);
        await bench.until('the fault', () => recorder.over);
        assert.equal(recorder.fault?.kind.blame, 'us');
        await bench.until('the back end to see it', () => call.gone);
        assert.equal(call.bodyEnded, false);
      },
    );
  }

  check('a receiver that throws loses its call, and is reported', async (bench) => {
    class Broken extends ResponseRecorder {
      override onData(): void {
        throw new Error('a defect of the receiver');
      }
    }
    const recorder = bench.open({}, new Broken());
    const call = await bench.arrived(0);
    call.respond(200, 3);
    call.write('hi');
    await bench.until('the end', () => recorder.over);
    assert.equal(recorder.fault?.kind, EXCHANGE_FAULTS['handler-failed']);
    assert.equal(bench.back.defects.length, 1);
    await bench.another();
  });

  check('a receiver that throws at the end is reported, and hurts nobody else', async (bench) => {
    class Broken extends ResponseRecorder {
      override onEnd(trailers: Fields | null): void {
        super.onEnd(trailers);
        // The call is over: whatever is asked of it now does nothing.
        this.call?.pause();
        this.call?.abort(GIVEN_UP);
        throw new Error('a defect of the receiver');
      }
    }
    const recorder = bench.open({}, new Broken());
    const call = await bench.arrived(0);
    call.respond(200, 2);
    call.write('hi');
    await bench.until('the end', () => recorder.over);
    assert.equal(recorder.body, 'hi');
    await bench.until('the report', () => bench.back.defects.length === 1);
    await bench.another();
    assert.equal(call.gone, false);
  });
}
