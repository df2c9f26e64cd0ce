import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { keepRecord, withoutPaths } from './history.ts';

test('records are appended, each on a line of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'daemun-bench-test-'));
  try {
    const file = join(folder, 'results/history.jsonl');
    keepRecord(file, { a: 1 });
    keepRecord(file, { b: 'x\ny' });
    assert.equal(readFileSync(file, 'utf8'), '{"a":1}\n{"b":"x\\ny"}\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a folder inside another one gets its own name', () => {
  assert.equal(
    withoutPaths('file:///a/b/c.ts: no /a/b/run/x, /a/bin', { all: '/a/b', run: '/a/b/run' }),
    'file://<all>/c.ts: no <run>/x, <all>in',
  );
});
