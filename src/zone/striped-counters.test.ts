import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAIN_SEAT } from './seat.ts';
import { Counters, type CountersHandle, createCounters } from './striped-counters.ts';

const DECLARED = {
  totals: ['requests', 'bytes'],
  gauges: ['open', 'waiting'],
  threads: 3,
} as const;
type Name = 'requests' | 'bytes' | 'open' | 'waiting';

function counters(): CountersHandle<Name> {
  return createCounters(DECLARED);
}

function attach(handle: CountersHandle<Name>, thread: number, generation = 1): Counters<Name> {
  return new Counters(handle, { thread, generation });
}

test('what each thread adds is in the sum, whoever asks', () => {
  const handle = structuredClone(counters());
  const main = new Counters(handle, MAIN_SEAT);
  main.add(main.id('requests'), 1);
  for (const thread of [1, 2, 3]) {
    const own = attach(handle, thread);
    own.add(own.id('requests'), 10 ** thread);
    own.add(own.id('open'), 2);
    own.add(own.id('open'), -1);
  }
  assert.equal(main.value('requests'), 1111);
  assert.deepEqual(
    [...attach(handle, 2).values()],
    [
      ['requests', 1111],
      ['bytes', 0],
      ['open', 3],
      ['waiting', 0],
    ],
  );
});

test('threads write no cache line of each other', () => {
  const handle = counters();
  const words = new Uint8Array(handle.memory);
  let before = words.slice();
  const touched: Set<number>[] = [];
  for (const thread of [1, 2, 3]) {
    const own = attach(handle, thread);
    before = words.slice();
    for (const name of handle.names) own.add(own.id(name), 0x1234567);
    touched.push(
      new Set([...words.keys()].filter((i) => words[i] !== before[i]).map((i) => i >> 7)),
    );
  }
  const all = touched.flatMap((lines) => [...lines]);
  assert.equal(new Set(all).size, all.length);
  assert.equal(all.length, 3);
});

test('counts are exact up to 2^53', () => {
  const handle = counters();
  const own = attach(handle, 1);
  own.add(own.id('bytes'), 2 ** 53 - 2);
  own.add(own.id('bytes'), 1);
  assert.equal(own.value('bytes'), Number.MAX_SAFE_INTEGER);
});

test('a thread that is over leaves its totals and takes its gauges along, once', () => {
  const handle = counters();
  const main = new Counters(handle, MAIN_SEAT);
  const dead = attach(handle, 1, 4);
  const other = attach(handle, 2);
  for (const own of [dead, other]) for (const name of handle.names) own.add(own.id(name), 5);
  assert.throws(() => attach(handle, 1, 5), /before generation 4 was repaired/);
  assert.equal(main.settle({ thread: 1, generation: 3 }), false);
  assert.deepEqual([...main.values().values()], [10, 10, 10, 10]);
  assert.equal(main.settle({ thread: 1, generation: 4 }), true);
  assert.deepEqual([...main.values().values()], [10, 10, 5, 5]);
  const replacement = attach(handle, 1, 5);
  for (const name of handle.names) replacement.add(replacement.id(name), 1);
  assert.equal(main.settle({ thread: 1, generation: 4 }), false, 'a second exit event is harmless');
  assert.deepEqual([...main.values().values()], [11, 11, 6, 6]);
});

test('unknown and double names, threads and seats that cannot be, are refused', () => {
  const own = attach(counters(), 1);
  assert.throws(() => own.id('nothing' as Name), RangeError);
  assert.throws(() => own.value('nothing' as Name), RangeError);
  assert.throws(
    () => createCounters({ totals: ['a'], gauges: ['a'], threads: 1 }),
    /have the same name/,
  );
  assert.throws(() => createCounters({ totals: ['a'], gauges: [], threads: 255 }), RangeError);
  assert.throws(() => attach(counters(), 4), RangeError);
});

test('totals go on in another process, gauges do not, and names decide', () => {
  const handle = counters();
  const own = attach(handle, 1);
  for (const name of handle.names) own.add(own.id(name), 7);
  const bytes = own.snapshot();
  const next = createCounters({ totals: ['bytes', 'errors'], gauges: ['open'], threads: 1 });
  const main = new Counters(next, MAIN_SEAT);
  main.add(main.id('bytes'), 1);
  assert.equal(main.restore(bytes), null);
  assert.deepEqual([...main.values().values()], [8, 0, 0]);
  assert.equal(main.restore(bytes), null);
  assert.deepEqual([...main.values().values()], [8, 0, 0], 'the same totals twice are the same');
  const third = new Counters(counters(), MAIN_SEAT);
  assert.equal(third.restore(main.snapshot()), null);
  assert.equal(third.value('bytes'), 8, 'what was restored travels on');
});

test('a snapshot with any byte changed, cut or longer is refused and changes nothing', () => {
  const handle = counters();
  const own = attach(handle, 1);
  own.add(own.id('requests'), 3);
  const bytes = own.snapshot();
  const main = new Counters(counters(), MAIN_SEAT);
  assert.equal(main.restore(bytes), null);
  const before = [...main.values()];
  for (let i = 0; i < bytes.length; i++) {
    for (const bit of [1, 0x80]) {
      const broken = bytes.slice();
      (broken[i] as number) ^= bit;
      assert.equal(typeof main.restore(broken), 'string', `byte ${i}`);
    }
    assert.equal(typeof main.restore(bytes.subarray(0, i)), 'string', `${i} bytes`);
  }
  assert.equal(typeof main.restore(new Uint8Array([...bytes, 0])), 'string');
  assert.deepEqual([...main.values()], before);
});
