import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fields } from '../http/message/index.ts';
import { droppedFields, passedOn } from './hop-by-hop.ts';

function left(...pairs: (readonly [string, string])[]): string[] {
  const fields = Fields.of(...pairs);
  const passed = passedOn(fields, droppedFields());
  assert.equal(fields.size, pairs.length, 'the original is as it was');
  return [...passed.entries()].map(([name]) => name);
}

test('fields of one connection are taken out, all others stay in their order', () => {
  assert.deepEqual(
    left(
      ['A', '1'],
      ['Connection', 'keep-alive'],
      ['Keep-Alive', 'timeout=5'],
      ['Proxy-Connection', 'x'],
      ['B', '2'],
      ['TE', 'trailers'],
      ['te', 'gzip'],
      ['Trailer', 'X'],
      ['Transfer-Encoding', 'chunked'],
      ['Upgrade', 'h2c'],
      ['HTTP2-Settings', 'x'],
      ['C', '3'],
    ),
    ['A', 'B', 'C'],
  );
});

test('fields that Connection names go with it, in any case and spelling', () => {
  assert.deepEqual(
    left(
      ['X-Hop', '1'],
      ['Connection', 'close , x-HOP,'],
      ['connection', '\tx-two'],
      ['X-Two', '2'],
      ['X-Three', '3'],
    ),
    ['X-Three'],
  );
});

test('a field called as an option of Connection goes with it, however the option is spelt', () => {
  for (const option of ['close', 'Close', 'keep-alive', 'Keep-Alive', 'KEEP-ALIVE', 'upgrade']) {
    assert.deepEqual(left([option, '1'], ['Connection', option], ['A', '1']), ['A']);
    assert.deepEqual(left(['Connection', option], [option.toUpperCase(), '1']), []);
  }
});

test('Connection takes away nothing that is said of the client', () => {
  const kept = [
    'X-Forwarded-For',
    'x-forwarded-proto',
    'X-Forwarded-Anything',
    'Forwarded',
    'X-Real-IP',
    'Via',
  ];
  for (const name of kept)
    assert.deepEqual(left([name, 'x'], ['Connection', `close, ${name}`]), [name]);
});
