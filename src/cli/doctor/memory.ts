import type { Demand } from './demand.ts';
import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';

const CHECK = 'memory';
const MIB = 2 ** 20;
/** Private memory without connections and files, measured: the supervisor, a server process, and each thread of it. */
const SUPERVISOR = 51 * MIB;
const PROCESS = 54 * MIB;
const THREAD = 26 * MIB;

/** Threads and their hot files against what the machine and the cgroup have; connections and bodies come on top. */
export function checkMemory(
  { memory, cgroup }: Pick<Machine, 'memory' | 'cgroup'>,
  { threads, hotFileMemory }: Pick<Demand, 'threads' | 'hotFileMemory'>,
): readonly Finding[] {
  const limit = Math.min(memory, cgroup.memory ?? Infinity);
  const whose = limit < memory ? 'the cgroup allows' : 'the machine has';
  const server = PROCESS + threads * (THREAD + hotFileMemory);
  const [one, two] = [SUPERVISOR + server, SUPERVISOR + 2 * server];
  const what =
    `About ${mib(one)} with hotFileMemory ${mib(hotFileMemory)} x ${threads} filled, ` +
    `${mib(two)} during a hand-over; ${whose} ${mib(limit)}`;
  if (two <= limit) return [{ check: CHECK, level: 'ok', what }];
  const spare = (limit - SUPERVISOR) / 2 - PROCESS - threads * THREAD;
  const room = Math.floor(spare / threads / MIB);
  return [
    {
      check: CHECK,
      level: one > limit ? 'problem' : 'note',
      what,
      why:
        one > limit
          ? 'The system kills the server when the hot files have filled up.'
          : 'A reload that changes addresses, and an upgrade, run two processes for a while: the system may kill one.',
      cure:
        room >= 1
          ? `# in the configuration: hotFileMemory: '${room}MiB'`
          : '# in the configuration: fewer threads; or give it more memory',
    },
  ];
}

function mib(bytes: number): string {
  return `${Math.round(bytes / MIB)} MiB`;
}
