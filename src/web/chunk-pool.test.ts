import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChunkPool } from './chunk-pool.ts';

test('the chunk given back last is taken first, and no chunk has two owners', () => {
  const pool = new ChunkPool(16);
  const [a, b] = [pool.take(), pool.take()];
  assert.notEqual(a, b);
  pool.give(a);
  pool.give(b);
  assert.equal(pool.take(), b);
  assert.equal(pool.take(), a);
  const fresh = pool.take();
  assert.ok(fresh !== a && fresh !== b);
  assert.equal(fresh.length, 16);
});

test('chunks of another size and more than a few are not kept', () => {
  const pool = new ChunkPool(16);
  const other = Buffer.alloc(8);
  pool.give(other);
  assert.notEqual(pool.take(), other);
  const many = Array.from({ length: 300 }, () => pool.take());
  for (const chunk of many) pool.give(chunk);
  const again = Array.from({ length: 300 }, () => pool.take());
  assert.equal(again.filter((chunk) => many.includes(chunk)).length, 128);
});
