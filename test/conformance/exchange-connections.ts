import assert from 'node:assert/strict';
import { NO_FIELDS } from '../../src/http/message/index.ts';
import { type Check, later, ok } from './exchange-bench.ts';

/** What one exchange leaves behind for the next on its connection, and what a half-closed client gets. */
export function connectionsGoOn(check: Check): void {
  check('requests of one connection are answered one after the other', ok, async (bench) => {
    const { front, recorders, until } = bench;
    const client = front.connect();
    const calls = [1, 2, 3].map((n) => client.request({ target: `/${n}` }));
    await until('all answers', () => calls.every((call) => call.state === 'complete'));
    await until('all ends', () => recorders.every((recorder) => recorder.finishes === 1));
    assert.deepEqual(
      recorders.map((recorder) => recorder.exchange.request.path),
      ['/1', '/2', '/3'],
    );
    assert.equal(recorders[2]?.exchange.connection.requests, 3);
  });

  check(
    'a client that ends its side behind the request still gets its answer',
    later,
    async (bench) => {
      const { front, recorders, until } = bench;
      const client = front.connect();
      const call = client.request();
      client.halfClose();
      await until('the half-close', () => recorders[0]?.halfCloses === 1);
      recorders[0]?.exchange.send(200, NO_FIELDS, 'still here');
      await until('the answer', () => call.state === 'complete' && recorders[0]?.finishes === 1);
      assert.equal(call.body, 'still here');
      assert.equal(recorders[0]?.halfCloses, 1);
    },
  );

  check(
    'a client that ends its side in the middle of a body is a fault',
    (recorder) => recorder.claim(),
    async ({ front, recorders, until }) => {
      const client = front.connect();
      const call = client.request({ method: 'POST', body: 10 });
      call.write('abc');
      client.halfClose();
      await until('the fault', () => recorders.some((each) => each.bodyFault !== null));
      recorders[0]?.exchange.send(400, NO_FIELDS, 'cut');
      await until('the answer', () => call.state === 'complete' && recorders[0]?.finishes === 1);
      assert.equal(recorders[0]?.body, 'abc');
      assert.equal(recorders[0].bodyEnded, 0);
    },
  );
}
