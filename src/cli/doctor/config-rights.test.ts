import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Standing, Who } from './access.ts';
import { checkConfigRights } from './config-rights.ts';

function level(self: Who, uid: number, mode: number): string | undefined {
  const look = (path: string): Standing =>
    path === '/c.ts'
      ? { uid, gid: uid, mode, kind: 'file' }
      : { uid: 0, gid: 0, mode: 0o755, kind: 'directory' };
  return checkConfigRights({ configFile: '/c.ts', self, look })[0]?.level;
}
const ROOT = { name: 'root', uid: 0, gids: [0] };
const WEB = { name: 'web', uid: 33, gids: [33] };

test('a file that others may change is a problem where root evaluates it, a note where a user does', () => {
  assert.deepEqual(
    [level(ROOT, 0, 0o644), level(ROOT, 0, 0o646), level(ROOT, 33, 0o600)],
    ['ok', 'problem', 'problem'],
  );
  assert.deepEqual(
    [level(WEB, 33, 0o664), level(WEB, 33, 0o646), level(WEB, 34, 0o600)],
    ['ok', 'note', 'note'],
  );
});

test('without a configuration there is nothing to change', () => {
  assert.deepEqual(checkConfigRights({ configFile: null, self: ROOT, look: () => null }), []);
});
