import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cpuBetween,
  parseProcessStat,
  parseResident,
  parseSchedstat,
  processTree,
  readCpu,
  residentBytes,
} from './measure.ts';
import type { CpuReading } from './measure.ts';

test('a stat line gives parent and times, whatever the name of the program is', () => {
  const rest = 'S 7 1 1 0 -1 4194560 10 20 30 40 150 50 8 4 20 0 1 0 100 0 0';
  for (const name of ['nginx', 'a b', 'x) R 9 (y']) {
    assert.deepEqual(parseProcessStat(`42 (${name}) ${rest}`), {
      parent: 7,
      ownTicks: 200,
      childTicks: 12,
    });
  }
});

test('a text that is no stat line is an error', () => {
  assert.throws(() => parseProcessStat('42 (x) S 7'), /Not a line/);
  assert.throws(() => parseProcessStat(''), /Not a line/);
});

test('a schedstat line gives the time on a core', () => {
  assert.equal(parseSchedstat('700093 1009025 1\n'), 700093);
});

test('resident memory is read from both kinds of file', () => {
  assert.equal(parseResident('55 [rollup]\nRss:                1024 kB\nPss: 7 kB\n'), 1048576);
  assert.equal(parseResident('VmHWM:\t  900 kB\nVmRSS:\t     12 kB\n'), 12288);
  assert.equal(parseResident('Name:\tzombie\n'), 0);
});

test('the time between two readings is that of all threads and processes', () => {
  const before = reading([1, { 1: 1_000, 2: 5_000 }], [2, { 2: 500 }]);
  const after = reading([1, { 1: 4_000, 2: 6_000 }], [2, { 2: 2_500 }]);
  assert.equal(cpuBetween(before, after), 6);
});

test('threads and processes that came in between count whole', () => {
  const before = reading([1, { 1: 1_000 }]);
  const after = reading([1, { 1: 2_000, 9: 3_000 }], [8, { 8: 5_000 }]);
  assert.equal(cpuBetween(before, after), 9);
});

test('where a thread ended, the account of its process in ticks is taken', () => {
  const before = reading([1, { 1: 1_000, 2: 9_000_000 }, 10]);
  const after = reading([1, { 1: 2_000 }, 13]);
  assert.equal(cpuBetween(before, after), 30_000);
});

test('a child that ended counts from the first reading on, through its parent', () => {
  const before = reading([1, { 1: 0 }], [2, { 2: 40_000_000 }, 4]);
  const after = reading([1, { 1: 0 }, 0, 10]);
  assert.equal(cpuBetween(before, after), 60_000);
});

test('a child that ended without being waited for takes nothing away', () => {
  const before = reading([1, { 1: 0 }], [2, { 2: 40_000_000 }, 4]);
  assert.equal(cpuBetween(before, reading([1, { 1: 1_000 }])), 1);
});

test('the work of this process is seen, and its memory', () => {
  const before = readCpu(process.pid);
  const began = process.cpuUsage();
  let used = 0;
  let sum = 0;
  while (used < 30_000) {
    for (let step = 0; step < 100_000; step++) sum += step;
    const { user, system } = process.cpuUsage(began);
    used = user + system;
  }
  assert.ok(sum > 0);
  // the running thread's account may lag behind by a scheduler's tick
  assert.ok(cpuBetween(before, readCpu(process.pid)) > 20_000);
  assert.ok(residentBytes(process.pid) > 20 * 1024 * 1024);
  assert.equal(processTree(process.pid)[0], process.pid);
});

function reading(
  ...processes: readonly (readonly [
    pid: number,
    threads: Readonly<Record<string, number>>,
    ownTicks?: number,
    childTicks?: number,
  ])[]
): CpuReading {
  return new Map(
    processes.map(([pid, threads, ownTicks = 0, childTicks = 0]) => [
      pid,
      { threads: new Map(Object.entries(threads)), ownTicks, childTicks },
    ]),
  );
}
