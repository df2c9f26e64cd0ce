import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { contentOf, tableOf } from '../../test/support/zone-content.ts';
import { StoreWatch } from '../../test/support/zone-images.ts';
import { MAIN_SEAT, type Seat } from './seat.ts';
import {
  createTable,
  NEVER_SET,
  SharedTable,
  type TableHandle,
  type TableViewOptions,
} from './shared-table.ts';

const FIRST: Seat = { thread: 1, generation: 3 };
const SECOND: Seat = { thread: 2, generation: 1 };
const NO_PATIENCE = { spins: 1, sleeps: 0, sleepMs: 0 };

function view(handle: TableHandle, seat: Seat, options: TableViewOptions = {}): SharedTable {
  return new SharedTable(handle, seat, { patience: NO_PATIENCE, ...options });
}

/** Sets the first field of a key, making it where it is not there; whether there was room. */
function put(table: SharedTable, key: string, value: number, now = 0): boolean {
  assert.ok(table.lock(key));
  try {
    let entry = table.find();
    if (entry === 0) entry = table.insert(now);
    else table.touch(entry);
    if (entry === 0) return false;
    table.setField(entry, 0, value);
    table.commit();
    return true;
  } finally {
    table.unlock();
  }
}

function drop(table: SharedTable, key: string): void {
  assert.ok(table.lock(key));
  try {
    const entry = table.find();
    if (entry !== 0) table.remove(entry);
    table.commit();
  } finally {
    table.unlock();
  }
}

function get(table: SharedTable, key: string): number | null {
  assert.ok(table.lock(key));
  const entry = table.find();
  const value = entry === 0 ? null : table.field(entry, 0);
  table.unlock();
  return value;
}

function keysOf(table: SharedTable): readonly string[] {
  return contentOf(table).map(([key]) => key);
}

test('what one thread writes another reads, by handle', () => {
  const handle = structuredClone(tableOf(8));
  const first = view(handle, FIRST);
  put(first, 'a', -5);
  put(first, 'x'.repeat(100), 7);
  const second = view(handle, SECOND);
  assert.equal(get(second, 'a'), -5);
  assert.equal(get(second, 'x'.repeat(100)), 7);
  assert.equal(get(second, 'x'.repeat(99)), null);
  assert.equal(second.size, 2);
});

test('a table holds exactly its capacity, refuses one more, and takes it after a removal', () => {
  for (const capacity of [1, 2, 7]) {
    const table = view(tableOf(capacity), FIRST);
    assert.equal(table.capacity, capacity);
    for (let i = 0; i < capacity; i++) assert.ok(put(table, `key ${i}`, i));
    assert.ok(!put(table, 'more', 1));
    assert.ok(put(table, 'key 0', 9), 'those that are there can be changed');
    drop(table, 'key 0');
    assert.ok(put(table, 'more', 1));
    assert.equal(get(table, 'key 0'), null);
    assert.equal(contentOf(table).length, capacity);
  }
});

test('a full table lets the least recently used leave, idle or not', () => {
  const table = view(tableOf(3), FIRST, { idle: () => false });
  for (const key of ['a', 'b', 'c']) put(table, key, 1);
  put(table, 'a', 2);
  put(table, 'd', 1);
  assert.deepEqual(keysOf(table), ['c', 'a', 'd']);
  assert.equal(table.forced, 1);
  put(table, 'c', 1);
  put(table, 'e', 1);
  assert.deepEqual(keysOf(table), ['d', 'c', 'e']);
});

test('a new key takes up to two idle ones along, from the oldest on, and ends at one that is not idle', () => {
  const idle = (table: SharedTable, entry: number): boolean => table.field(entry, 0) === 0;
  const leaving = (values: readonly number[]): readonly string[] => {
    const table = view(tableOf(9), FIRST, { idle });
    for (const [i, value] of values.entries()) put(table, `${i}`, value || 1);
    // Become idle in the order in which they are.
    for (const [i, value] of values.entries()) put(table, `${i}`, value);
    put(table, 'new', 1);
    assert.equal(table.forced, 0);
    return keysOf(table);
  };
  assert.deepEqual(leaving([1, 0, 0]), ['0', '1', '2', 'new']);
  assert.deepEqual(leaving([0, 1, 0]), ['1', '2', 'new']);
  assert.deepEqual(leaving([0, 0, 1]), ['2', 'new']);
  assert.deepEqual(leaving([0, 0, 0, 0]), ['2', '3', 'new']);
  assert.deepEqual(leaving([]), ['new']);
});

test('where one leaves unasked, up to two idle ones go with it', () => {
  let idleKeys = new Set<string>();
  const table = view(tableOf(4), FIRST, {
    idle: (own, entry) => idleKeys.has(own.keyOf(entry).bytes),
  });
  for (const key of ['a', 'b', 'c', 'd']) put(table, key, 1);
  idleKeys = new Set(['b', 'c', 'd']);
  put(table, 'e', 1);
  assert.deepEqual(keysOf(table), ['d', 'e']);
  assert.equal(table.forced, 1);
});

test('records are new when a place is used again', () => {
  const table = view(tableOf(1, 2, 1), FIRST, { idle: () => true });
  const seen: unknown[] = [];
  for (const key of ['a', 'b']) {
    assert.ok(table.lock(key));
    const entry = table.insert(0);
    seen.push([table.field(entry, 0), table.field(entry, 1), table.time(entry, 0)]);
    table.setField(entry, 0, 1);
    table.setField(entry, 1, -0x8000_0000);
    table.setTime(entry, 0, 5);
    table.commit();
    table.unlock();
  }
  assert.deepEqual(seen, [
    [0, 0, NEVER_SET],
    [0, 0, NEVER_SET],
  ]);
});

test('times are whole milliseconds of any size, before 0, and never', () => {
  const table = view(tableOf(1, 0, 2), FIRST);
  assert.ok(table.lock('a'));
  const entry = table.insert(0);
  table.commit();
  const moments = [0, 1, -1, 0x7fff_ffff, 0x8000_0000, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1];
  for (const time of [...moments, -(2 ** 32) - 1, 1.8e12, Number.MAX_SAFE_INTEGER, NEVER_SET]) {
    table.setTime(entry, 0, 77);
    table.setTime(entry, 1, time);
    table.commit();
    assert.equal(table.time(entry, 1), time);
    assert.equal(table.time(entry, 0), 77);
  }
  table.unlock();
});

test('what was not committed is taken back by unlock, and by the next lock after an exception', () => {
  const table = view(tableOf(4), FIRST);
  put(table, 'a', 1);
  const before = contentOf(table);
  assert.ok(table.lock('b'));
  table.setField(table.insert(0), 0, 9);
  table.unlock();
  assert.deepEqual(contentOf(table), before);
  assert.ok(table.lock('a'));
  table.remove(table.find());
  // No unlock: an exception came. The lock is still this thread's.
  assert.deepEqual(contentOf(table), before);
  assert.ok(put(table, 'b', 2));
});

test('while another thread holds the shard a lock is not had', () => {
  const handle = tableOf(4);
  const first = view(handle, FIRST);
  const second = view(handle, SECOND);
  assert.ok(first.lock('a'));
  assert.ok(!second.lock('a'));
  second.unlock();
  assert.ok(!second.lock('b'), 'unlock without a lock frees nothing of others');
  first.unlock();
  assert.ok(second.lock('a'));
});

test('a table in many shards keeps what a map keeps, and nearly all of its capacity before one is full', () => {
  const handle = createTable({ bytes: 512 * 1024, fields: 1, times: 0, threads: 2 });
  const table = view(handle, FIRST);
  assert.ok(table.shards >= 4);
  let kept = 0;
  while (put(table, `key ${kept}`, kept)) kept++;
  assert.ok(kept > table.capacity * 0.85, `${kept} of ${table.capacity}`);
  assert.equal(table.size, kept);
  for (let i = 0; i < kept; i++) assert.equal(get(table, `key ${i}`), i);
});

test('a table of any history behaves as a map with an order of use', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
  const step = fc.oneof(
    { weight: 3, arbitrary: fc.tuple(fc.constant('put' as const), key, fc.integer()) },
    fc.tuple(fc.constant('drop' as const), key),
  );
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 60 }),
      fc.integer({ min: 1, max: 6 }),
      (steps, room) => {
        const table = view(tableOfKept(room), FIRST, { idle: () => false });
        const model = new Map<string, number>();
        for (const [what, name, value] of steps) {
          if (what === 'put') {
            if (!model.delete(name) && model.size === room)
              model.delete(model.keys().next().value as string);
            model.set(name, value | 0);
            assert.ok(put(table, name, value));
          } else {
            model.delete(name);
            drop(table, name);
          }
        }
        assert.deepEqual(
          contentOf(table).map(([name, [value]]) => [name, value]),
          [...model],
        );
      },
    ),
    { numRuns: 300 },
  );
});

const shapes = new Map<number, TableHandle['shape']>();

function tableOfKept(room: number): TableHandle {
  const shape = shapes.get(room) ?? tableOf(room).shape;
  shapes.set(room, shape);
  return createTable(shape);
}

test('whatever store a thread dies before, a repair leaves the table as before or after a committed step', () => {
  const handle = tableOf(3);
  const watch = new StoreWatch(handle.memory);
  const dead = view(handle, FIRST, { words: watch.words, idle: () => false });
  const steps: (() => unknown)[] = [
    () => put(dead, 'a', 1),
    () => put(dead, 'b', 2),
    () => put(dead, 'c', 3),
    () => put(dead, 'a', 4),
    () => put(dead, 'd', 5), // b leaves
    () => {
      drop(dead, 'a');
    },
    () => put(dead, 'e', 6),
    () => put(dead, 'd', 7),
    () => {
      drop(dead, 'd');
    },
  ];
  let deaths = 0;
  for (const step of steps) {
    const before = contentOf(view(handle, SECOND));
    const images = watch.watch(step);
    const after = contentOf(view(handle, SECOND));
    for (const memory of images) {
      const main = view({ ...handle, memory }, MAIN_SEAT);
      const locked = !main.lockShard(0);
      main.unlock();
      assert.deepEqual(main.repair(FIRST), locked ? [0] : []);
      main.leave(FIRST);
      assert.deepEqual(main.repair(FIRST), []);
      const content = contentOf(main);
      const possible = [before, after, before.slice(1)].map((rows) => JSON.stringify(rows));
      assert.ok(
        possible.includes(JSON.stringify(content)),
        JSON.stringify({ content, before, after }),
      );
      // Nothing is lost either: the rest of the room is there.
      for (let i = content.length; i < 3; i++) assert.ok(put(main, `more ${i}`, i));
      assert.ok(!put(main, 'too much', 1));
      deaths++;
    }
  }
  assert.ok(deaths > 200, `${deaths} deaths`);
});

test('a repair is for a generation that used the table, and its seat is free afterwards', () => {
  const handle = tableOf(2);
  const first = view(handle, FIRST);
  const main = view(handle, MAIN_SEAT);
  assert.ok(!main.isUnused);
  assert.ok(first.lock('a'));
  assert.deepEqual(main.repair({ ...FIRST, generation: 2 }), []);
  assert.ok(!main.lock('a'));
  assert.throws(
    () => view(handle, { ...FIRST, generation: 4 }),
    /before generation 3 was repaired/,
  );
  assert.deepEqual(main.repair(FIRST), [0]);
  main.leave(FIRST);
  assert.ok(main.isUnused);
  assert.ok(view(handle, { ...FIRST, generation: 4 }).lock('a'));
});

test('shapes, seats and keys that cannot be are refused', () => {
  assert.throws(() => createTable({ bytes: 64, fields: 1, times: 0, threads: 1 }), RangeError);
  assert.throws(() => createTable({ bytes: 4096, fields: 1, times: 0, threads: 300 }), RangeError);
  assert.throws(() => view(tableOf(1), { thread: 3, generation: 1 }), RangeError);
  const table = view(tableOf(1), FIRST);
  assert.throws(() => table.lock('\u0100'), RangeError);
  assert.ok(put(table, 'a', 1), 'nothing is locked by it');
});

test('the secrets come from the randomness that is given', () => {
  const shape = { bytes: 4096, fields: 1, times: 0, threads: 1 };
  const asked: number[] = [];
  const handle = createTable(shape, (bytes) => {
    asked.push(bytes);
    return new Uint8Array(bytes).fill(7);
  });
  assert.deepEqual(asked, [40]);
  assert.ok(view(handle, MAIN_SEAT).digestSecret.every((word) => word === 0x07070707));
  const [one, two] = [createTable(shape), createTable(shape)].map((made) =>
    view(made, MAIN_SEAT).digestSecret.join(),
  );
  assert.notEqual(one, two);
});
