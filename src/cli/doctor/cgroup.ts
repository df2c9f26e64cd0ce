/** Limits that the system sets a group of processes (cgroups(7)), both versions, the tightest of all groups above. */
import { posix } from 'node:path';

/** Processors' worth of time, and bytes; null where there is no limit. */
export interface CgroupLimits {
  readonly cpus: number | null;
  readonly memory: number | null;
}

/** Text of a file; null where it cannot be read. */
export type ReadText = (path: string) => string | null;

const MOUNT = '/sys/fs/cgroup';
/** The first version writes about 2^63 where there is no limit. */
const NO_LIMIT = 2 ** 60;

/** Reads `CgroupLimits` of this process. */
export function cgroupLimits(read: ReadText): CgroupLimits {
  let cpus: number | null = null;
  let memory: number | null = null;
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers, path] = /^[0-9]+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    // In a container the path may be that of the machine outside: the mount is then where it begins.
    for (const step of upFrom(path)) {
      if (controllers === '') {
        for (const mount of [MOUNT, `${MOUNT}/unified`]) {
          const of = (name: string): string | null => read(posix.join(mount, step, name));
          cpus = tighter(cpus, share(of('cpu.max')));
          memory = tighter(memory, bytes(of('memory.max')));
        }
      }
      for (const controller of controllers.split(',')) {
        const of = (name: string): string | null => read(posix.join(MOUNT, controller, step, name));
        if (controller === 'cpu')
          cpus = tighter(cpus, share(`${of('cpu.cfs_quota_us')} ${of('cpu.cfs_period_us')}`));
        if (controller === 'memory') memory = tighter(memory, bytes(of('memory.limit_in_bytes')));
      }
    }
  }
  return { cpus, memory };
}

function upFrom(path: string): readonly string[] {
  return path === '/' ? ['/'] : [path, ...upFrom(posix.dirname(path))];
}

function tighter(a: number | null, b: number | null): number | null {
  if (a === null || b === null) return a ?? b;
  return Math.min(a, b);
}

// Microseconds of work in so many of time.
function share(text: string | null): number | null {
  const [, quota, period] = /^([0-9]+)\s+([0-9]+)\s*$/.exec(text ?? '') ?? [];
  return quota === undefined || Number(period) === 0 ? null : Number(quota) / Number(period);
}

function bytes(text: string | null): number | null {
  if (!/^[0-9]+\s*$/.test(text ?? '')) return null;
  const limit = Number(text);
  return limit >= NO_LIMIT ? null : limit;
}
