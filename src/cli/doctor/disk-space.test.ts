import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDiskSpace } from './disk-space.ts';
import type { Space } from './machine.ts';

const MIB = 2 ** 20;
const ROOMY: Space = { free: 50 * 1024 * MIB, total: 100 * 1024 * MIB, freeFiles: 1e6, files: 1e6 };

function levels(space: Partial<Space> | null, need: number | null = null): readonly string[] {
  return checkDiskSpace(
    { space: () => (space === null ? null : { ...ROOMY, ...space }) },
    need === null
      ? { logs: ['/log/a', '/log/b'], spools: new Map() }
      : { logs: [], spools: new Map([['/spool', need]]) },
  ).map(({ level }) => level);
}

test('under 100 MiB it is full soon, under 5 percent or 1 GiB of a smaller disk it fills up', () => {
  assert.deepEqual(levels({}), ['ok']);
  assert.deepEqual(
    [levels({ free: 100 * MIB }), levels({ free: 100 * MIB - 1 })],
    [['note'], ['problem']],
  );
  const small = { total: 4000 * MIB };
  assert.deepEqual(
    [levels({ ...small, free: 200 * MIB }), levels({ ...small, free: 200 * MIB - 1 })],
    [['ok'], ['note']],
  );
  assert.deepEqual(
    [levels({ free: 1024 * MIB }), levels({ free: 1024 * MIB - 1 })],
    [['ok'], ['note']],
  );
});

test('names run out as bytes do, where the file system counts them', () => {
  assert.deepEqual(
    [levels({ freeFiles: 50_000 }), levels({ freeFiles: 49_999 })],
    [['ok'], ['note']],
  );
  assert.deepEqual(
    [levels({ freeFiles: 100 }), levels({ freeFiles: 99 })],
    [['note'], ['problem']],
  );
  assert.deepEqual(levels({ freeFiles: 0, files: 0 }), ['ok']);
});

test('one body that may take all that is left is a note', () => {
  assert.deepEqual([levels({}, ROOMY.free), levels({}, ROOMY.free + 1)], [['ok'], ['note']]);
});

test('a directory that does not tell is passed over', () => {
  assert.deepEqual(levels(null), []);
});
