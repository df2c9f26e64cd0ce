import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assignCores, foreignShare, parseCoreList, parseCoreTicks, pinned } from './cores.ts';

test('a list of cores is read with its ranges', () => {
  assert.deepEqual(parseCoreList('0'), [0]);
  assert.deepEqual(parseCoreList('0-1'), [0, 1]);
  assert.deepEqual(parseCoreList('2,4-6,9'), [2, 4, 5, 6, 9]);
  assert.throws(() => parseCoreList('a-b'), /Not a list of cores/);
});

test('server and client never share a core', () => {
  assert.equal(assignCores([3]), undefined);
  assert.equal(assignCores([]), undefined);
  assert.deepEqual(assignCores([2, 5]), { server: 2, client: 5, backend: 5, count: 2 });
  assert.deepEqual(assignCores([2, 5, 7, 9]), { server: 2, client: 5, backend: 7, count: 4 });
});

test('a pinned program keeps its arguments', () => {
  const command = pinned(3, { program: '/usr/bin/wrk', args: ['-c', '64'] });
  assert.deepEqual(command, { program: 'taskset', args: ['-c', '3', '/usr/bin/wrk', '-c', '64'] });
});

test('a line of /proc/stat gives busy and all ticks, without counting guests twice', () => {
  const stat =
    'cpu  9 9 9 9 9 9 9 9 9 9\ncpu0 1 2 3 40 50 6 7 8 100 200\ncpu10 0 0 0 1 0 0 0 0 0 0\n';
  assert.deepEqual(parseCoreTicks(stat, 0), { busy: 27, all: 117 });
  assert.deepEqual(parseCoreTicks(stat, 10), { busy: 0, all: 1 });
  assert.throws(() => parseCoreTicks(stat, 1), /no core 1/);
});

test('what others used is what the server did not use', () => {
  const before = { busy: 100, all: 1000 };
  const after = { busy: 480, all: 1400 };
  assert.equal(foreignShare(before, after, 3_600_000), 0.05);
  assert.equal(foreignShare(before, after, 9_000_000), 0);
  assert.equal(foreignShare(before, before, 0), 0);
});
