import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cgroupLimits } from './cgroup.ts';

function limits(files: Readonly<Record<string, string>>): object {
  const known = new Map(Object.entries(files));
  return cgroupLimits((path) => known.get(path) ?? null);
}
const OWN = '/proc/self/cgroup';

test('in the second version the tightest group above counts', () => {
  assert.deepEqual(
    limits({
      [OWN]: '0::/system.slice/daemun.service\n',
      '/sys/fs/cgroup/system.slice/daemun.service/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/system.slice/daemun.service/memory.max': '2147483648\n',
      '/sys/fs/cgroup/system.slice/cpu.max': '150000 100000\n',
      '/sys/fs/cgroup/system.slice/memory.max': '1073741824\n',
    }),
    { cpus: 1.5, memory: 1_073_741_824 },
  );
});

test('in the first version each controller has its own path, and a number near 2^63 is no limit', () => {
  const files = {
    [OWN]: '4:memory:/docker/abc\n1:cpu,cpuacct:/docker/abc\n0::/\n',
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': '536870912\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '25000\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
  };
  assert.deepEqual(limits(files), { cpus: 0.25, memory: 536_870_912 });
  const none = {
    ...files,
    '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
    '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
  };
  assert.deepEqual(limits(none), { cpus: null, memory: null });
});

test('where both versions are mounted the second lies beside the first', () => {
  const files = {
    [OWN]: '1:cpu:/\n0::/a\n',
    '/sys/fs/cgroup/unified/a/cpu.max': '200000 100000\n',
  };
  assert.deepEqual(limits(files), { cpus: 2, memory: null });
});

test('nothing readable, or no cgroups at all, is no limit', () => {
  assert.deepEqual(limits({}), { cpus: null, memory: null });
  assert.deepEqual(limits({ [OWN]: 'nonsense\n0::relative\n' }), { cpus: null, memory: null });
  assert.deepEqual(
    limits({
      [OWN]: '0::/\n',
      '/sys/fs/cgroup/cpu.max': '1 0',
      '/sys/fs/cgroup/memory.max': 'max',
    }),
    { cpus: null, memory: null },
  );
});
