import assert from 'node:assert/strict';
import { UNKNOWN_LENGTH } from '../../src/http/message/index.ts';
import { type Check, ResponseRecorder, write } from './transport-bench.ts';

/** Switched protocols and CONNECT. */
export function tunnelsCarryBytes(check: Check): void {
  for (const first of ['the back end', 'the caller'] as const) {
    check(
      `a tunnel carries bytes both ways until both sides ended, ${first} first`,
      async (bench) => {
        const recorder = bench.open({ upgrade: 'chat' });
        const call = await bench.arrived(0);
        assert.equal(call.upgrade, 'chat');
        call.switch('Chat');
        call.write('early');
        await bench.until('the switch', () => recorder.body === 'early');
        assert.equal(recorder.status, 101);
        assert.equal(recorder.length, UNKNOWN_LENGTH);
        write(recorder, 'GET / HTTP/1.1\r\n\r\n');
        await bench.until('bytes to the back end', () => call.body === 'GET / HTTP/1.1\r\n\r\n');
        call.write('\0\xff');
        await bench.until('bytes from the back end', () => recorder.body === 'early\0\xff');
        if (first === 'the back end') {
          call.end();
          await bench.until('the back end’s end', () => recorder.ends === 1);
          write(recorder, 'bye');
          await bench.until('the last bytes', () => call.body.endsWith('bye'));
          recorder.call?.end(null);
          await bench.until('the caller’s end', () => call.bodyEnded);
        } else {
          recorder.call?.end(null);
          await bench.until('the caller’s end', () => call.bodyEnded);
          assert.equal(write(recorder, 'x'), true);
          call.write('bye');
          await bench.until('the last bytes', () => recorder.body.endsWith('bye'));
          call.end();
          await bench.until('the back end’s end', () => recorder.ends === 1);
        }
        assert.equal(recorder.trouble, null);
        assert.notEqual((await bench.another()).connection, 1);
      },
    );
  }

  check('a tunnel is idle only while neither side sends', async (bench) => {
    const recorder = bench.open({ upgrade: 'chat' });
    const call = await bench.arrived(0);
    call.switch('chat');
    await bench.until('the switch', () => recorder.status === 101);
    bench.back.advance(999);
    write(recorder, 'a');
    await bench.until('bytes', () => call.body === 'a');
    bench.back.advance(999);
    call.write('b');
    await bench.until('bytes', () => recorder.body === 'b');
    bench.back.advance(999);
    assert.equal(recorder.trouble, null);
    bench.back.advance(1);
    await bench.until('the time-out', () => recorder.over);
    assert.equal(recorder.fault?.kind.status, 504);
    await bench.until('its end in order', () => call.bodyEnded);
    assert.equal(call.body, 'a');
  });

  check('a tunnel whose back end ended still is told when it breaks', async (bench) => {
    const recorder = bench.open({ upgrade: 'chat' });
    const call = await bench.arrived(0);
    call.switch('chat');
    call.end();
    await bench.until('the back end’s end', () => recorder.ends === 1);
    bench.back.advance(1000);
    await bench.until('the time-out', () => recorder.fault !== null);
    await bench.until('the end in order', () => call.bodyEnded);
  });

  check('a switch to another protocol than the one asked for is a fault', async (bench) => {
    const recorder = bench.open({ upgrade: 'chat' });
    const call = await bench.arrived(0);
    call.switch('other');
    await bench.until('the fault', () => recorder.over);
    assert.equal(recorder.fault?.kind.status, 502);
    assert.equal(recorder.status, 0);
  });

  check('a refused switch is an ordinary response, and what follows no tunnel', async (bench) => {
    const recorder = bench.open({ upgrade: 'chat' });
    const call = await bench.arrived(0);
    call.respond(200, 2);
    call.write('no');
    await bench.until('the response', () => recorder.over);
    assert.equal(recorder.status, 200);
    assert.equal(recorder.body, 'no');
    write(recorder, 'GET /smuggled HTTP/1.1\r\n\r\n');
    await bench.another();
    assert.equal(bench.back.calls.length, 2);
  });

  check('a CONNECT that succeeds is a tunnel, one that fails is not', async (bench) => {
    const connect = {
      method: 'CONNECT',
      target: 'far.test:443',
      authority: 'far.test:443',
      upgrade: 'connect',
    };
    const refused = bench.open(connect);
    const first = await bench.arrived(0);
    first.respond(403, 2);
    first.write('no');
    await bench.until('the refusal', () => refused.over);
    assert.equal(refused.body, 'no');
    class Connected extends ResponseRecorder {
      override tunnel = true;
    }
    const recorder = bench.open(connect, new Connected());
    const call = await bench.arrived(1);
    call.switch('');
    await bench.until('the tunnel', () => recorder.status === 200);
    write(recorder, 'hello');
    await bench.until('bytes', () => call.body === 'hello');
    call.end();
    await bench.until('the end', () => recorder.ends === 1);
    recorder.call?.end(null);
  });
}

/** A protocol that has no tunnels leaves out that another one is offered. */
export function switchesAreLeftOut(check: Check): void {
  check('an offer to switch is left out, and the request an ordinary one', async (bench) => {
    const recorder = bench.open({ upgrade: 'chat' });
    const call = await bench.arrived(0);
    assert.equal(call.upgrade, null);
    call.respond(200, 2);
    call.write('no');
    await bench.until('the response', () => recorder.over);
    assert.equal(recorder.body, 'no');
    assert.equal((await bench.another()).connection, 1);
  });

  check('a CONNECT is refused', async (bench) => {
    const connect = { method: 'CONNECT', target: 'far.test:443', upgrade: 'connect' };
    assert.throws(() => bench.open(connect), TypeError);
    await bench.another();
  });
}
