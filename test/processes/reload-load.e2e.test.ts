import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reloadUnderLoad } from '../support/reload-load.ts';

test('reload after reload under load drops nothing, and a bad one changes nothing', async () => {
  const report = await reloadUnderLoad({ seconds: 6, every: 300, threads: 2 });
  assert.deepEqual(report.failures, []);
  assert.equal(report.reloads, 20);
  assert.equal(report.refused, 10);
  assert.equal(report.logged, report.requests);
});
