import type { Demand } from './demand.ts';
import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';

const CHECK = 'processors';

/** Web threads against processor cores, and against the time that the cgroup may take of them. */
export function checkCores(
  { cores, cgroup: { cpus } }: Pick<Machine, 'cores' | 'cgroup'>,
  { threads }: Pick<Demand, 'threads'>,
): readonly Finding[] {
  const quota = cpus === null ? '' : `, cgroup limit ${round(cpus)}`;
  const what = `${threads} web thread${threads === 1 ? '' : 's'} on ${cores} core${cores === 1 ? '' : 's'}${quota}`;
  // A part of a core is worth a thread: with one less it would stay unused.
  const most = Math.max(1, Math.min(cores, cpus === null ? cores : Math.ceil(cpus)));
  if (threads <= most) return [{ check: CHECK, level: 'ok', what }];
  return [
    {
      check: CHECK,
      level: 'note',
      what,
      why:
        cpus !== null && Math.ceil(cpus) < cores
          ? 'When the limit is reached all threads stand still together, up to a tenth of a second each time.'
          : 'Threads wait for one another, and each takes about 26 MiB and its own hot files.',
      cure: `# in the configuration: threads: ${most}`,
    },
  ];
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}
