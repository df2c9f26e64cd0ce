import assert from 'node:assert/strict';
import { Fault } from '../../src/base/index.ts';
import { EXCHANGE_FAULTS, NO_FIELDS } from '../../src/http/message/index.ts';
import { type Check, later, write } from './exchange-bench.ts';
import type { Recorder } from './recorder.ts';

/** Behind the switch both directions are plain bytes, and each ends by itself. */
export function tunnelsCarryBytes(check: Check): void {
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

  check(
    'a tunnel whose server side ends first still takes the client’s bytes',
    later,
    async (bench) => {
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
    },
  );

  for (const first of ['while both sides are open', 'behind the end of the server’s side'] as const)
    check(
      `a tunnel that is closed ${first} ends for the client in order, and takes nothing more`,
      later,
      async (bench) => {
        const { front, recorders, until } = bench;
        const client = front.connect();
        const call = client.request({ upgrade: 'chat' });
        await until('the exchange', () => recorders.length === 1);
        const recorder = recorders[0] as Recorder;
        const { exchange } = recorder;
        exchange.tunnel(101, NO_FIELDS);
        recorder.claim();
        write(exchange, 'last words');
        if (first !== 'while both sides are open') exchange.end(null);
        const fault = new Fault(EXCHANGE_FAULTS['client-left'], 'idle');
        exchange.closeTunnel(fault);
        exchange.closeTunnel(new Fault(EXCHANGE_FAULTS['client-left'], 'handler'));
        await until('the end', () => recorder.finishes === 1 && client.closed);
        assert.equal(call.body, 'last words');
        assert.equal(call.state, 'complete');
        assert.equal(exchange.fault, fault);
        assert.equal(recorder.aborts.length, 0);
        assert.equal(recorder.bodyEnded, 0);
      },
    );
}
