import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkMemory } from './memory.ts';

const MIB = 2 ** 20;
// 51 for the supervisor, and for a process 54 and twice (26 + 10).
const [ONE, TWO] = [51 + 54 + 72, 51 + 2 * (54 + 72)];

function told(memory: number, cgroup: number | null = null, hot = 10, threads = 2): string {
  const [found] = checkMemory(
    { memory: memory * MIB, cgroup: { cpus: null, memory: cgroup === null ? null : cgroup * MIB } },
    { threads, hotFileMemory: hot * MIB },
  );
  assert.ok(found);
  return found.level === 'ok'
    ? 'ok'
    : `${found.level} ${/'(.*)'/.exec(found.cure)?.[1] ?? 'fewer'}`;
}

test('two processes at a time have to fit: less is a note, less than one is a problem', () => {
  assert.equal(told(TWO), 'ok');
  assert.equal(told(TWO - 1), 'note 9MiB');
  assert.equal(told(ONE), 'note fewer');
  assert.equal(told(ONE - 1), 'problem fewer');
});

test('the tighter of machine and cgroup counts', () => {
  assert.equal(told(10_000, TWO), 'ok');
  assert.equal(told(10_000, TWO - 1), 'note 9MiB');
  assert.equal(told(TWO - 1, 10_000), 'note 9MiB');
});

test('the hot files that the cure proposes fit, and a MiB more would not', () => {
  assert.equal(told(2000, null, 900), 'note 434MiB');
  assert.deepEqual([told(2000, null, 434), told(2000, null, 435)], ['ok', 'note 434MiB']);
});
