// CPU time and memory of a server: all its processes, their threads, and the children that ended meanwhile, out of
// /proc. The scheduler's own account (schedstat) is in nanoseconds; that of /proc/<pid>/stat, in hundredths of a
// second, stands in where the threads of a process changed between two looks, because it keeps those that ended.
import { readdirSync, readFileSync } from 'node:fs';

/** The clock ticks of a second in /proc/<pid>/stat: `sysconf(_SC_CLK_TCK)`, 100 wherever Linux runs Node. */
const TICKS_PER_SECOND = 100;
const NS_PER_TICK = 1e9 / TICKS_PER_SECOND;

/** What one line of /proc/<pid>/stat says; times in clock ticks, those of children only of ended ones. */
export interface ProcessStat {
  readonly parent: number;
  readonly ownTicks: number;
  readonly childTicks: number;
}

interface ProcessTime {
  /** Nanoseconds on a core, by thread. */
  readonly threads: ReadonlyMap<string, number>;
  readonly ownTicks: number;
  readonly childTicks: number;
}

/** The CPU time that every process of a tree has used so far, by process id. */
export type CpuReading = ReadonlyMap<number, ProcessTime>;

/**
 * Reads /proc/<pid>/stat (proc_pid_stat(5)): fields 4, 14 and 15, 16 and 17.
 * @throws Error for a text that is not such a line.
 */
export function parseProcessStat(text: string): ProcessStat {
  // the name of the program may hold blanks and parentheses: count from the last one
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const field = (number: number): number => Number(fields[number - 3]);
  const stat = {
    parent: field(4),
    ownTicks: field(14) + field(15),
    childTicks: field(16) + field(17),
  };
  if (!Object.values(stat).every(Number.isSafeInteger)) {
    throw new Error(`Not a line of /proc/<pid>/stat: ${text}`);
  }
  return stat;
}

/** The process and everything below it, itself first; those that end while it looks are left out. */
export function processTree(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    if (!Number.isSafeInteger(pid)) continue;
    const text = readIfThere(`/proc/${pid}/stat`);
    if (text === undefined) continue;
    const { parent } = parseProcessStat(text);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [pid]);
    else siblings.push(pid);
  }
  const tree = [root];
  // the list grows while it is walked, until the last one has no children
  for (const pid of tree) tree.push(...(children.get(pid) ?? []));
  return tree;
}

/** Looks at the account of every process below `root`, itself included. */
export function readCpu(root: number): CpuReading {
  const reading = new Map<number, ProcessTime>();
  for (const pid of processTree(root)) {
    const stat = readIfThere(`/proc/${pid}/stat`);
    if (stat === undefined) continue;
    const { ownTicks, childTicks } = parseProcessStat(stat);
    reading.set(pid, { threads: readThreads(pid), ownTicks, childTicks });
  }
  return reading;
}

/**
 * Microseconds of CPU, user and system, that the tree used between two readings. A process that came in between
 * counts whole; one that ended counts through its parent, if that waited for it.
 */
export function cpuBetween(before: CpuReading, after: CpuReading): number {
  let ns = 0;
  let endedTicks = 0;
  for (const [pid, now] of after) {
    const then = before.get(pid) ?? { threads: new Map(), ownTicks: 0, childTicks: 0 };
    const lost = [...then.threads.keys()].some((thread) => !now.threads.has(thread));
    if (lost || now.threads.size === 0) ns += (now.ownTicks - then.ownTicks) * NS_PER_TICK;
    else for (const [thread, time] of now.threads) ns += time - (then.threads.get(thread) ?? 0);
    endedTicks += now.childTicks - then.childTicks;
  }
  // the parent's account of a child that ended holds also what it had used before
  for (const [pid, then] of before) {
    if (!after.has(pid)) endedTicks -= then.ownTicks + then.childTicks;
  }
  return (ns + Math.max(0, endedTicks) * NS_PER_TICK) / 1000;
}

/** Resident bytes of the tree; pages that two of its processes share count twice. */
export function residentBytes(root: number): number {
  let bytes = 0;
  for (const pid of processTree(root)) {
    // the roll-up counts pages; the figure in `status` may lag by some hundred KiB
    const text = readIfThere(`/proc/${pid}/smaps_rollup`) ?? readIfThere(`/proc/${pid}/status`);
    if (text !== undefined) bytes += parseResident(text);
  }
  return bytes;
}

/** Bytes that `Rss:` (smaps_rollup) or `VmRSS:` (status) names in KiB; 0 for a process that has no memory left. */
export function parseResident(text: string): number {
  const kib = /^(?:Rss|VmRSS):\s+(\d+) kB$/m.exec(text)?.[1];
  return kib === undefined ? 0 : Number(kib) * 1024;
}

/** Nanoseconds on a core: the first figure of a schedstat file. */
export function parseSchedstat(text: string): number {
  return Number(text.slice(0, text.indexOf(' ')));
}

function readThreads(pid: number): ReadonlyMap<string, number> {
  const threads = new Map<string, number>();
  let names: readonly string[];
  try {
    names = readdirSync(`/proc/${pid}/task`);
  } catch {
    return threads;
  }
  for (const name of names) {
    const text = readIfThere(`/proc/${pid}/task/${name}/schedstat`);
    if (text !== undefined) threads.set(name, parseSchedstat(text));
  }
  return threads;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    // it ended, or the kernel has no such file
    return undefined;
  }
}
