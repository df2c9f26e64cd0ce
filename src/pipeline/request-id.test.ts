import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RequestIds } from './request-id.ts';

test('an id is sixteen bytes of the generator, each byte used once', () => {
  let next = 0;
  const asked: number[] = [];
  const ids = new RequestIds((size) => {
    asked.push(size);
    return Buffer.from(Array.from({ length: size }, () => next++ & 255));
  });
  assert.equal(ids.next(), '000102030405060708090a0b0c0d0e0f');
  assert.equal(ids.next(), '101112131415161718191a1b1c1d1e1f');
  const expected = Buffer.from(Array.from({ length: 4096 }, (_, at) => at & 255)).toString('hex');
  for (let id = 2; id < 256; id++) {
    assert.equal(ids.next(), expected.slice(id * 32, id * 32 + 32));
  }
  assert.deepEqual(asked, [4096]);
  assert.equal(ids.next().length, 32);
  assert.equal(asked.length, 2);
});

test('ids of the machine are 32 digits and differ', () => {
  const ids = new RequestIds();
  const seen = new Set(Array.from({ length: 1000 }, () => ids.next()));
  assert.equal(seen.size, 1000);
  for (const id of seen) assert.match(id, /^[0-9a-f]{32}$/);
});
