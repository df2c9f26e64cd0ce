import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readToken } from './admin-place.ts';

test('a token may lie behind a link; the rights of the file itself count', (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'daemun-token-'));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  const [file, link] = [join(directory, 'token'), join(directory, 'link')];
  const token = '0123456789abcdef';
  writeFileSync(file, `${token}\n`, { mode: 0o600 });
  symlinkSync(file, link);
  assert.deepEqual([readToken(file), readToken(link)], [token, token]);
  chmodSync(file, 0o640);
  for (const path of [file, link])
    assert.throws(() => readToken(path), /Other users may read the token/);
});
