import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Generation } from './generation.ts';

const START = { user: null, serverName: 'x', version: '1', generation: 1 };

// A server process has less rights than the supervisor: what it says may be anything.
const NONSENSE = [
  '{ "type": "order", "id": 1 }',
  '{ "type": "order", "id": 1, "order": { "kind": "nothing" } }',
  '{ "type": "order", "id": 1, "order": null }',
  '{ "type": "census" }',
  '{ "type": "census", "connections": 1 }',
  '{ "type": "census", "connections": "1", "totals": {} }',
  '{ "type": "census", "connections": 1, "totals": { "requests": "many" } }',
  '{ "type": "census", "connections": 1, "totals": { "requests": null } }',
  'null',
  '1',
];
for (const message of NONSENSE)
  test(`a server process that says ${message} is ended, and its end can be counted`, async () => {
    const directory = mkdtempSync(join(tmpdir(), 'daemun-generation-'));
    const entry = join(directory, 'nonsense.cjs');
    writeFileSync(entry, `process.send(${message}); setInterval(() => {}, 1000);`);
    const ends: unknown[] = [];
    try {
      const generation = new Generation(
        { entry, flags: [] },
        START,
        [],
        {
          onThreadLost: () => {},
          onLimits: () => {},
          onOrder: ({ kind }) => Promise.reject(new TypeError(kind)),
          onEnd: (status) => ends.push(status),
        },
        () => 0,
      );
      await generation.ended;
      assert.deepEqual(ends, ['SIGKILL']);
      assert.deepEqual(Object.values(generation.totals), []);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
