import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Clock, ManualClock } from '../base/index.ts';
import { contentOf, tableOf } from '../../test/support/zone-content.ts';
import { MAIN_SEAT } from './seat.ts';
import { createTable, NEVER_SET, SharedTable, type TableHandle } from './shared-table.ts';
import { SnapshotWriter } from './snapshot-frame.ts';
import { restoreTable, snapshotTable } from './table-snapshot.ts';

const SHAPE = { bytes: 300_000, fields: 2, times: 2, threads: 1 };
const HERE: Clock = { monotonic: () => 10_000.7, wall: () => 1_800_000_000_000 };
const LONG = 'long '.repeat(20);

function main(handle: TableHandle): SharedTable {
  return new SharedTable(handle, MAIN_SEAT, { idle: () => false });
}

function put(table: SharedTable, key: string, fields: readonly number[], times: readonly number[]) {
  assert.ok(table.lock(key));
  const entry = table.insert(0);
  for (const [i, value] of fields.entries()) table.setField(entry, i, value);
  for (const [i, value] of times.entries()) table.setTime(entry, i, value);
  table.commit();
  table.unlock();
}

function filled(): SharedTable {
  const table = main(createTable(SHAPE));
  put(table, 'a\0\xff', [1, -0x8000_0000], [10_000, NEVER_SET]);
  put(table, '', [0x7fff_ffff, 0], [9000, -5]);
  put(table, LONG, [3, 4], [NEVER_SET, 20_000]);
  for (let i = 0; i < 2000; i++) put(table, `key ${i}`, [i, -i], [i, i]);
  return table;
}

function snapshotOf(table: SharedTable, clock: Clock = HERE): Uint8Array {
  const bytes = snapshotTable(table, clock);
  assert.ok(bytes !== null);
  return bytes;
}

function timesOf(table: SharedTable, key: string): readonly number[] {
  assert.ok(table.lock(key));
  const entry = table.find();
  assert.notEqual(entry, 0, key);
  const times = [table.time(entry, 0), table.time(entry, 1)];
  table.unlock();
  return times;
}

test('keys, numbers and ages are the same in another process, with its own clock and secrets', () => {
  const bytes = snapshotOf(filled());
  const there = main(createTable(SHAPE));
  // Three seconds later by the date, on a machine that was started a second ago.
  const clock = { monotonic: () => 1000, wall: () => HERE.wall() + 3000 };
  assert.equal(restoreTable(there, bytes, clock), null);
  const back = 1000 - 3000 - 10_000;
  assert.deepEqual(timesOf(there, 'a\0\xff'), [10_000 + back, NEVER_SET]);
  assert.deepEqual(timesOf(there, ''), [9000 + back, -5 + back]);
  assert.deepEqual(timesOf(there, LONG), [NEVER_SET, 20_000 + back]);
  const rows = (table: SharedTable): readonly string[] =>
    contentOfAll(table).map(([key, fields]) => JSON.stringify([key, fields]));
  assert.deepEqual(rows(there).toSorted(), rows(filledAgain(bytes)).toSorted());
  assert.equal(there.size, 2003);
});

function filledAgain(bytes: Uint8Array): SharedTable {
  const table = main(createTable(SHAPE));
  assert.equal(restoreTable(table, bytes, HERE), null);
  return table;
}

function contentOfAll(table: SharedTable): (readonly [string, readonly number[]])[] {
  const rows: (readonly [string, readonly number[]])[] = [];
  for (let shard = 0; shard < table.shards; shard++) {
    assert.ok(table.lockShard(shard));
    for (let entry = table.oldest(); entry !== 0; entry = table.newer(entry))
      rows.push([table.keyOf(entry).bytes, [table.field(entry, 0), table.field(entry, 1)]]);
    table.unlock();
  }
  return rows;
}

test('a date that went back adds no age', () => {
  const table = main(tableOf(2, 0, 1));
  put(table, 'a', [], [9000]);
  const there = main(tableOf(2, 0, 1));
  const clock = { monotonic: () => 500, wall: () => HERE.wall() - 1e6 };
  assert.equal(restoreTable(there, snapshotOf(table), clock), null);
  assert.deepEqual(contentOf(there), [['a', [], [-500]]]);
});

test('the order of use travels, and where there is less room the most recently used are kept', () => {
  const table = main(tableOf(5, 0, 1));
  for (const [i, key] of ['a', 'b', 'c', 'd', 'e'].entries()) put(table, key, [], [i]);
  const bytes = snapshotOf(table);
  for (const room of [1, 3, 5, 9]) {
    const there = main(tableOf(room, 0, 1));
    assert.equal(restoreTable(there, bytes, HERE), null);
    assert.deepEqual(
      contentOf(there).map(([key]) => key),
      ['a', 'b', 'c', 'd', 'e'].slice(-room),
    );
  }
});

test('idle records travel as well: nothing is swept while there is room', () => {
  const table = main(tableOf(3, 0, 1));
  for (const key of ['a', 'b', 'c']) put(table, key, [], [0]);
  const there = new SharedTable(tableOf(3, 0, 1), MAIN_SEAT, { idle: () => true });
  assert.equal(restoreTable(there, snapshotOf(table), HERE), null);
  assert.equal(there.size, 3);
});

test('a shard that stays locked makes no snapshot instead of a wrong one', () => {
  const handle = tableOf(3, 0, 1);
  const patience = { spins: 1, sleeps: 0, sleepMs: 0 };
  const thread = new SharedTable(handle, { thread: 1, generation: 1 }, { patience });
  const table = new SharedTable(handle, MAIN_SEAT, { patience });
  assert.ok(thread.lock('a'));
  assert.equal(snapshotTable(table, HERE), null);
  thread.unlock();
  assert.notEqual(snapshotTable(table, HERE), null);
});

test('a snapshot with any byte changed or cut is refused, and the table stays empty', () => {
  const table = main(tableOf(3, 1, 1));
  put(table, 'a', [1], [1]);
  put(table, LONG, [2], [2]);
  const bytes = snapshotOf(table);
  const there = main(tableOf(3, 1, 1));
  const secret = there.digestSecret.join();
  for (let i = 0; i < bytes.length; i++) {
    const broken = bytes.slice();
    (broken[i] as number) ^= 0x10;
    assert.equal(typeof restoreTable(there, broken, HERE), 'string', `byte ${i}`);
    assert.equal(typeof restoreTable(there, bytes.subarray(0, i), HERE), 'string');
  }
  assert.equal(there.size, 0);
  assert.equal(there.digestSecret.join(), secret);
  assert.equal(restoreTable(there, bytes, HERE), null);
});

test('a table that has records or users is not restored into', () => {
  const bytes = snapshotOf(main(tableOf(3, 0, 1)));
  const used = tableOf(3, 0, 1);
  assert.ok(new SharedTable(used, { thread: 1, generation: 1 }).capacity);
  assert.match(String(restoreTable(main(used), bytes, HERE)), /no thread uses/);
  const full = main(tableOf(3, 0, 1));
  put(full, 'a', [], [1]);
  assert.match(String(restoreTable(full, bytes, HERE)), /Only an empty zone/);
});

test('a frame that is whole but holds nonsense is refused, and the reason says what', () => {
  const there = main(tableOf(3, 1, 1));
  const reasonOf = (write: (writer: SnapshotWriter) => void, shape = [1, 1]): string => {
    const writer = new SnapshotWriter('table');
    for (const number of shape) writer.int32(number);
    writer.float64(0);
    for (let i = 0; i < 8; i++) writer.int32(i);
    write(writer);
    const reason = restoreTable(there, writer.finish(), new ManualClock());
    assert.equal(there.size, 0);
    return String(reason);
  };
  const entry =
    (kind: number, key: string, age: number) =>
    (writer: SnapshotWriter): void => {
      writer.uint16(kind);
      writer.text(key);
      writer.int32(1);
      writer.float64(age);
    };
  const nothing = (): void => undefined;
  assert.match(reasonOf(nothing, [2, 1]), /records of 2 numbers and 1 times, not 1 and 1/);
  assert.match(reasonOf(nothing), /ends too early/);
  assert.match(reasonOf(entry(1, 'a', 0.5)), /a time that cannot be/);
  assert.match(reasonOf(entry(1, 'a', NaN)), /a time that cannot be/);
  assert.match(reasonOf(entry(1, 'a'.repeat(49), 0)), /a key that cannot be/);
  assert.match(reasonOf(entry(2, 'short', 0)), /a key that cannot be/);
  assert.match(reasonOf(entry(3, 'a', 0)), /a key that cannot be/);
  const twice = (writer: SnapshotWriter): void => {
    entry(1, 'a', 0)(writer);
    entry(1, 'a', 0)(writer);
  };
  assert.match(reasonOf(twice), /a key twice/);
  const more = (writer: SnapshotWriter): void => {
    writer.uint16(0);
    writer.uint16(0);
  };
  assert.match(reasonOf(more), /more than its parts/);
});
