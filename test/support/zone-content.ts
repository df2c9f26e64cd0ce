import assert from 'node:assert/strict';
import { createTable, MAIN_SEAT, SharedTable, type TableHandle } from '../../src/zone/index.ts';

/** One record as `contentOf` tells it: key, numbers, times. */
export type Row = readonly [string, readonly number[], readonly number[]];

/**
 * All of a table, shard by shard from the least to the most recently used, having checked that lists, chains
 * and counts agree with each other.
 */
export function contentOf(table: SharedTable): readonly Row[] {
  const { fields, times } = table.handle.shape;
  const rows: Row[] = [];
  for (let shard = 0; shard < table.shards; shard++) {
    const keys: string[] = [];
    assert.ok(table.lockShard(shard), `shard ${shard} is locked`);
    for (let entry = table.oldest(); entry !== 0; entry = table.newer(entry)) {
      const { bytes } = table.keyOf(entry);
      keys.push(bytes);
      assert.ok(keys.length <= table.capacity, 'the list goes in a circle');
      rows.push([
        bytes,
        Array.from({ length: fields }, (_, i) => table.field(entry, i)),
        Array.from({ length: times }, (_, i) => table.time(entry, i)),
      ]);
    }
    table.unlock();
    for (const key of keys) {
      assert.ok(table.lockKept({ bytes: key, digested: false }));
      assert.notEqual(table.find(), 0, `${key} is in the list and not found`);
      table.unlock();
    }
  }
  assert.equal(rows.length, table.size);
  return rows;
}

/** The bytes with which a table in one shard has room for exactly so many keys of that many fields and times. */
export function bytesFor(capacity: number, fields: number, times: number, threads = 2): number {
  for (let bytes = 400; ; bytes += 4) {
    let found = 0;
    try {
      found = new SharedTable(createTable({ bytes, fields, times, threads }), MAIN_SEAT).capacity;
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    if (found === capacity) return bytes;
    assert.ok(found < capacity, `no table has room for ${capacity}`);
  }
}

/** A table with room for exactly so many keys, all in one shard. */
export function tableOf(capacity: number, fields = 1, times = 0): TableHandle {
  const bytes = bytesFor(capacity, fields, times);
  return createTable({ bytes, fields, times, threads: 2 });
}
