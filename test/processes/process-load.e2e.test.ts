import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { processesUnderLoad } from '../support/process-load.ts';

const HARMLESS = [
  ['swap', 300],
  ['hand-over', 500],
  ['upgrade', 700],
] as const;
const COSTLY = [
  ['kill', 500],
  ['stuck thread', 500],
] as const;

// Each waits most of its time.
suite('processes come and go under load', { concurrency: 3 }, () => {
  for (const [action, every] of COSTLY)
    test(`${action}: noticed by those alone who were connected to what is gone`, async () => {
      const report = await processesUnderLoad({ action, times: 2, every });
      assert.deepEqual(report.failures, []);
      assert.equal(report.refused, 0);
      assert.ok(report.lost > 0, 'it fell where somebody was');
    });

  for (const [action, every] of HARMLESS)
    test(`${action}: noticed by nobody`, async () => {
      const report = await processesUnderLoad({ action, times: 2, every });
      assert.deepEqual(report.failures, []);
      assert.deepEqual([report.lost, report.refused], [0, 0]);
    });
});
