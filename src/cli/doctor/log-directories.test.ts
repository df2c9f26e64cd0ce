import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Standing, Who } from './access.ts';
import { checkLogDirectories } from './log-directories.ts';

const ROOT: Who = { name: 'root', uid: 0, gids: [0] };
const WEB: Who = { name: 'web', uid: 33, gids: [33] };
type Owned = readonly [uid: number, mode: number];

function told(directory: Owned | null, file: Owned | null, self = ROOT): readonly string[] {
  const tree = new Map<string, Standing>([
    ['/', { uid: 0, gid: 0, mode: 0o755, kind: 'directory' }],
  ]);
  if (directory !== null)
    tree.set('/log', { uid: directory[0], gid: 0, mode: directory[1], kind: 'directory' });
  if (file !== null) tree.set('/log/a', { uid: file[0], gid: 0, mode: file[1], kind: 'file' });
  const look = (path: string): Standing | null => tree.get(path) ?? null;
  return checkLogDirectories({ serving: WEB, self, look }, { logs: ['/log/a', '/log/b'] }).map(
    ({ level, what }) => `${level}: ${what}`,
  );
}
const FINE = ['ok: 2 log files can be written'];

test("in a directory that is root's alone root makes the logs, whoever has them now", () => {
  assert.deepEqual(told([0, 0o755], null), FINE);
  assert.deepEqual(told([0, 0o755], [0, 0o600]), FINE);
  // It opens them by name again after USR1.
  assert.deepEqual(told([0, 0o750], null), ['problem: web may not write /log']);
});

test('in any other directory who serves has to make them, and to write those that are there', () => {
  assert.deepEqual(told([33, 0o755], null), FINE);
  assert.deepEqual(told([34, 0o755], null), ['problem: web may not write /log']);
  assert.deepEqual(told([33, 0o755], [33, 0o640]), FINE);
  assert.deepEqual(told([33, 0o755], [0, 0o644]), ['problem: web may not write /log/a']);
});

test('who is not root makes nothing with the rights of root', () => {
  assert.deepEqual(told([0, 0o755], null, WEB), ['problem: web may not write /log']);
  assert.deepEqual(told([33, 0o700], null, WEB), FINE);
});

test('a directory that everybody may write is a note, unless it is sticky', () => {
  assert.deepEqual(told([0, 0o777], null), ['note: Everybody may write in /log, where logs are']);
  assert.deepEqual(told([0, 0o1777], null), FINE);
});

test('a directory that is not there is told once', () => {
  assert.deepEqual(told(null, null), ['problem: There is no directory /log for logs']);
});
