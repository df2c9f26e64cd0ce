import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableLayout } from './table-layout.ts';

const SHAPE = { bytes: 10 * 1024 * 1024, fields: 1, times: 1, threads: 8 };

test('ten mebibytes have room for about 124,500 keys of a rate limit, 84 bytes each', () => {
  const layout = tableLayout(SHAPE);
  assert.equal(layout.entryBytes, 84);
  const capacity = layout.shards * layout.shardEntries;
  assert.ok(capacity > 124_000 && capacity < SHAPE.bytes / 84);
});

test('nothing overlaps and nothing lies outside, whatever the size', () => {
  for (const fields of [0, 1, 65])
    for (let bytes = 2048; bytes < 3e6; bytes = Math.floor(bytes * 1.37) + 4) {
      const layout = tableLayout({ ...SHAPE, bytes, fields });
      assert.ok(layout.firstShard >= layout.roster + SHAPE.threads + 1);
      assert.ok(layout.buckets > layout.forced);
      assert.equal(layout.entries, layout.buckets + layout.shardEntries);
      assert.ok(layout.entries + layout.shardEntries * layout.entryWords <= layout.shardWords);
      assert.ok((layout.firstShard + layout.shards * layout.shardWords) * 4 <= bytes);
      assert.equal(layout.shardWords % 16, 0);
      assert.equal(Math.log2(layout.shards) % 1, 0);
      assert.ok(layout.shards === 1 || layout.shardEntries >= 1000);
    }
});

test('a size without room for a key, or beyond what words can name, is refused', () => {
  assert.throws(() => tableLayout({ ...SHAPE, bytes: 0 }), RangeError);
  assert.throws(() => tableLayout({ ...SHAPE, bytes: 500 }), /no room for a key/);
  assert.throws(() => tableLayout({ ...SHAPE, bytes: 2 ** 33 }), /at most 8 GiB/);
});
