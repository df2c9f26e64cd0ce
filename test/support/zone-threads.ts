/** Threads that work on zones, to be counted or to be terminated. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import * as zoneDoor from '../../src/zone/index.ts';
import { zoneScript } from './zone-script.ts';

type Zone = typeof zoneDoor;

/** The place of a thread in its zones, as the part itself has it. */
export type Seat = zoneDoor.Seat;

/** One of each kind of zone, as it goes to a thread. */
export interface Zones {
  readonly counters: zoneDoor.CountersHandle<'done' | 'open'>;
  readonly values: zoneDoor.ExactValuesHandle;
  readonly table: zoneDoor.TableHandle;
  readonly rate: zoneDoor.RateZoneHandle;
  readonly held: zoneDoor.ConcurrencyZoneHandle;
}

/** The zones as one seat sees them. */
export interface Attached {
  readonly counters: zoneDoor.Counters<'done' | 'open'>;
  readonly values: zoneDoor.ExactValues;
  readonly table: zoneDoor.SharedTable;
  readonly rate: zoneDoor.RateZone;
  readonly held: zoneDoor.ConcurrencyZone;
}

/** What a thread of `count` reports. */
export interface Counted {
  readonly passed: number;
  readonly acquired: number;
  readonly held: number;
}

/** Makes zones for so many threads. The tables are small, so that threads meet. */
export function createZones(threads: number): Zones {
  return {
    counters: zoneDoor.createCounters({ totals: ['done'], gauges: ['open'], threads }),
    values: zoneDoor.createExactValues({ count: 1, threads }),
    table: zoneDoor.createTable({ bytes: 4096, fields: 2, times: 0, threads }),
    rate: zoneDoor.createRateZone({ name: 'rate', bytes: 4096, rate: 16, threads }),
    held: zoneDoor.createConcurrencyZone({ name: 'held', bytes: 8192, threads }),
  };
}

/** Attaches zones for a seat; in this thread, or by its text in another. */
function attachZones(zone: Zone, zones: Zones, seat: zoneDoor.Seat): Attached {
  // The time stands still, so that nothing leaks.
  const clock = { monotonic: () => 1e6, wall: () => 0 };
  return {
    counters: new zone.Counters(zones.counters, seat),
    values: new zone.ExactValues(zones.values, seat),
    table: new zone.SharedTable(zones.table, seat, { idle: () => false }),
    rate: new zone.RateZone(zones.rate, seat, { clock }),
    held: new zone.ConcurrencyZone(zones.held, seat),
  };
}

/** All zones for a seat, without starting a thread: for the main thread's checks and repairs. */
export function attachedHere(zones: Zones, seat: zoneDoor.Seat): Attached {
  return attachZones(zoneDoor, zones, seat);
}

/** Endless work in this thread, for somebody who ends it. */
export function workHere(zones: Zones, seat: zoneDoor.Seat): () => void {
  const attached = attachedHere(zones, seat);
  return () => {
    for (let round = seat.generation; ; round++) workOnce(zoneDoor, attached, round);
  };
}

/** Adds one to both fields of a key in one group; `false` while another thread stands still on it. */
function addBoth(table: zoneDoor.SharedTable, key: string): boolean {
  if (!table.lock(key)) return false;
  try {
    let entry = table.find();
    if (entry === 0) entry = table.insert(0);
    table.setField(entry, 0, table.field(entry, 0) + 1);
    table.setField(entry, 1, table.field(entry, 1) + 1);
    table.commit();
    return true;
  } finally {
    table.unlock();
  }
}

/** Does a bit of everything: the work in the middle of which threads are terminated. */
function workOnce(
  zone: Zone,
  { counters, values, table, rate, held }: Attached,
  round: number,
): void {
  const limits = new zone.RateLimits([{ zone: rate, burst: 2_000_000, delay: Infinity }]);
  const keys = [''];
  for (let i = 0; i < 50; i++) {
    const open = counters.id('open');
    counters.add(open, 1);
    const got = values.tryAcquire(0, 5) === 'acquired';
    if (addBoth(table, 'common')) counters.add(counters.id('done'), 1);
    keys[0] = `client ${(round * 50 + i) % 60}`;
    limits.check(keys);
    const token = held.acquire(`key ${i % 3}`, 4);
    if (token > 0) held.release(token);
    if (got) values.release(0);
    counters.add(open, -1);
  }
}

/** Hammers one key of each zone; the text of this function runs in a thread. */
function hammer(zone: Zone, attached: Attached, add: typeof addBoth, times: number): Counted {
  const { counters, values, table, rate, held } = attached;
  const limits = new zone.RateLimits([{ zone: rate, burst: times * 3, delay: Infinity }], {
    whenBusy: 'reject',
  });
  const report = { passed: 0, acquired: 0, held: 0 };
  for (let i = 0; i < times; i++) {
    while (!add(table, 'common'));
    counters.add(counters.id('done'), 1);
    counters.add(counters.id('open'), i % 2 === 0 ? 1 : -1);
    for (let busy = -1; busy !== limits.busy;) {
      busy = limits.busy;
      if (limits.check(['common']) === zone.PASS) report.passed++;
    }
    let answer = values.tryAcquire(0, times * 3);
    while (answer === 'busy') answer = values.tryAcquire(0, times * 3);
    if (answer === 'acquired') report.acquired++;
    let token = held.acquire('common', times * 3);
    while (token === zone.UNCOUNTED) token = held.acquire('common', times * 3);
    if (token > 0) report.held++;
    // Given back and taken again, so that the ways down are hammered as well.
    if (answer === 'acquired' && values.release(0)) report.acquired--;
    if (token > 0 && held.release(token)) report.held--;
    while ((answer = values.tryAcquire(0, times * 3)) === 'busy');
    if (answer === 'acquired') report.acquired++;
    while ((token = held.acquire('common', times * 3)) === zone.UNCOUNTED);
    if (token > 0) report.held++;
  }
  while (!values.settle() || !held.settle());
  return report;
}

let script: string | undefined;

function threadOf(zones: Zones, seat: zoneDoor.Seat, times: number): Worker {
  script ??= `${zoneScript()}
const { parentPort, workerData } = require('node:worker_threads');
const { zones, seat, times } = workerData;
const attachZones = ${attachZones.toString()};
const addBoth = ${addBoth.toString()};
const attached = attachZones(zone, zones, seat);
if (times > 0) {
  parentPort.postMessage('ready');
  parentPort.once('message', () => {
    parentPort.postMessage((${hammer.toString()})(zone, attached, addBoth, times));
  });
} else {
  const workOnce = ${workOnce.toString()};
  parentPort.postMessage('at work');
  for (let round = seat.generation; ; round++) workOnce(zone, attached, round);
}`;
  return new Worker(script, { eval: true, workerData: { zones, seat, times } });
}

/** Has `threads` threads hammer the same keys at once, each so many times; what they report, added up. */
export async function hammerZones(zones: Zones, threads: number, times: number): Promise<Counted> {
  const workers = Array.from({ length: threads }, (_, i) =>
    threadOf(zones, { thread: i + 1, generation: 1 }, times),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  const reports = workers.map(async (worker) => {
    const over = once(worker, 'exit');
    worker.postMessage('go');
    const [report] = (await once(worker, 'message')) as [Counted];
    await over;
    return report;
  });
  const sum = { passed: 0, acquired: 0, held: 0 };
  for (const report of await Promise.all(reports)) {
    sum.passed += report.passed;
    sum.acquired += report.acquired;
    sum.held += report.held;
  }
  return sum;
}

/** A thread that works until it is terminated; it is at work when this answers. */
export async function startWork(zones: Zones, seat: zoneDoor.Seat): Promise<Worker> {
  const worker = threadOf(zones, seat, 0);
  await once(worker, 'message');
  return worker;
}

/** What the main thread does when a thread is over; how many locks it still held. */
export async function repairAll(main: Attached, seat: zoneDoor.Seat): Promise<number> {
  const tables = [main.table, main.rate.table, main.held.table];
  let freed = 0;
  for (const table of tables) freed += table.repair(seat).length;
  main.table.leave(seat);
  assert.ok(main.rate.repair(seat));
  assert.ok(main.counters.settle(seat));
  // What is in the way may be held by another that is over, whose `exit` event has yet to be taken.
  for (let tries = 0; !main.values.repair(seat) || !main.held.repair(seat); tries++) {
    assert.ok(tries < 1000, 'a repair never ends');
    // oxlint-disable-next-line no-await-in-loop -- see above
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return freed;
}

/**
 * Checks what remains when all threads are over and repaired: nothing is held, nothing locked, and every
 * count is what was counted, but for at most one a death that was not yet counted a second time.
 */
export function checkRemains(main: Attached, deaths: number): void {
  assert.equal(main.values.value(0), 0);
  assert.equal(main.held.table.size, 0);
  for (const table of [main.table, main.rate.table, main.held.table])
    for (let shard = 0; shard < table.shards; shard++) {
      assert.ok(table.lockShard(shard), 'a lock is stuck');
      table.unlock();
    }
  assert.equal(main.counters.value('open'), 0);
  const done = main.counters.value('done');
  assert.ok(main.table.lock('common'));
  const entry = main.table.find();
  const fields = [main.table.field(entry, 0), main.table.field(entry, 1)];
  main.table.unlock();
  assert.equal(fields[0], fields[1], 'a group was torn');
  const more = (fields[0] as number) - done;
  assert.ok(more >= 0 && more <= deaths, `${fields[0]} for ${done} with ${deaths} deaths`);
}
