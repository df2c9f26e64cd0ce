import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../base/index.ts';
import { EXCHANGE_FAULTS, Fields } from '../http/message/index.ts';
import { MemoryExchange } from '../../test/support/memory-exchange.ts';
import { MemoryRun } from '../../test/support/memory-context.ts';
import { PENDING } from '../pipeline/index.ts';
import { KeptSend, PIECE_SIZE } from './kept-send.ts';

const FIELDS = Fields.of(['Content-Type', 'text/plain']).seal();

function content(bytes: number): Buffer {
  return Buffer.from(Array.from({ length: bytes }, (_, at) => at % 251));
}

function sending(exchange: MemoryExchange, bytes: number): MemoryRun {
  return new MemoryRun(
    {
      handlers: [
        {
          name: 'kept',
          phase: 'content',
          handle: (context) => {
            new KeptSend(context, content(bytes)).start(200, FIELDS);
            return PENDING;
          },
        },
      ],
    },
    {},
    exchange,
  );
}

for (const bytes of [
  PIECE_SIZE - 1,
  PIECE_SIZE,
  PIECE_SIZE + 1,
  2 * PIECE_SIZE,
  3 * PIECE_SIZE + 7,
]) {
  test(`a file of ${bytes} bytes arrives whole, at once or by drains`, () => {
    for (const slow of [false, true]) {
      const exchange = new MemoryExchange();
      exchange.full = slow;
      sending(exchange, bytes).context.run();
      if (slow && bytes > PIECE_SIZE) {
        assert.equal(
          exchange.body.length,
          PIECE_SIZE,
          'no more than one piece waits for the client',
        );
        for (let i = 0; i < 10 && !exchange.ended; i++) exchange.takeDrain();
      }
      assert.ok(exchange.ended);
      assert.equal(exchange.sentLength, bytes);
      assert.ok(exchange.body.equals(content(bytes)));
    }
  });
}

test('a client that leaves gets nothing more', () => {
  const exchange = new MemoryExchange();
  exchange.full = true;
  sending(exchange, 3 * PIECE_SIZE).context.run();
  exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'response'));
  exchange.takeDrain();
  assert.equal(exchange.body.length, PIECE_SIZE);
});
