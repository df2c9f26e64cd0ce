import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkCores } from './cores.ts';

function told(threads: number, cores: number, cpus: number | null): string {
  const [found] = checkCores({ cores, cgroup: { cpus, memory: null } }, { threads });
  assert.ok(found);
  return found.level === 'ok' ? 'ok' : `${found.level} ${found.cure.replace(/^.*: /, '')}`;
}

test('a thread for each core is fine, and one more is a note', () => {
  assert.deepEqual([told(1, 2, null), told(2, 2, null), told(3, 2, null)], ['ok', 'ok', 'note 2']);
});

test('a part of a core that the cgroup allows is worth a thread', () => {
  assert.deepEqual(
    [told(2, 8, 1.5), told(3, 8, 1.5), told(1, 8, 0.1), told(2, 8, 1)],
    ['ok', 'note 2', 'ok', 'note 1'],
  );
  assert.equal(told(2, 2, 16), 'ok');
});
