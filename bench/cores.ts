// Who runs on which core, and how busy a core was with anything else.
import { readFileSync } from 'node:fs';
import type { Command } from './peers/peer.ts';

/** The cores that the benchmark gives out. */
export interface Cores {
  readonly server: number;
  readonly client: number;
  /** Of the back end behind a proxy; the client's where the machine has only two. */
  readonly backend: number;
  /** How many there are to give. */
  readonly count: number;
}

/** A program pinned to one core. taskset becomes the program, so the process id is that of the program itself. */
export function pinned(core: number, { program, args }: Command): Command {
  return { program: 'taskset', args: ['-c', String(core), program, ...args] };
}

/** Clock ticks of one core since the machine started. */
export interface CoreTicks {
  readonly busy: number;
  readonly all: number;
}

/** The numbers of a list such as `0-3,8` (cpuset(7), "List format"). */
export function parseCoreList(list: string): readonly number[] {
  return list.split(',').flatMap((part) => {
    const [first, last = first] = part.split('-').map(Number);
    if (first === undefined || last === undefined || Number.isNaN(first + last)) {
      throw new Error(`Not a list of cores: ${list}`);
    }
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
}

/** Gives out the cores; undefined where there are fewer than two, so that server and client would share one. */
export function assignCores(allowed: readonly number[]): Cores | undefined {
  const [server, client, backend] = allowed;
  if (server === undefined || client === undefined) return undefined;
  return { server, client, backend: backend ?? client, count: allowed.length };
}

/** The cores that this process may use, by /proc/self/status. */
export function allowedCores(): readonly number[] {
  const status = readFileSync('/proc/self/status', 'utf8');
  return parseCoreList(/^Cpus_allowed_list:\s+(\S+)$/m.exec(status)?.[1] ?? '');
}

/**
 * One core's line of /proc/stat (proc_stat(5)); what a guest uses is part of `user` there and is not added.
 * @throws Error where the core has no line.
 */
export function parseCoreTicks(stat: string, core: number): CoreTicks {
  const line = stat.split('\n').find((text) => text.startsWith(`cpu${core} `));
  if (line === undefined) throw new Error(`/proc/stat has no core ${core}`);
  const ticks = line.split(' ').slice(1, 9).map(Number);
  const all = ticks.reduce((sum, count) => sum + count, 0);
  const idle = (ticks[3] ?? 0) + (ticks[4] ?? 0);
  return { busy: all - idle, all };
}

/** Looks at the kernel's account of one core now; see `CoreTicks`. */
export function readCoreTicks(core: number): CoreTicks {
  return parseCoreTicks(readFileSync('/proc/stat', 'utf8'), core);
}

/**
 * The share of a core, 0 to 1, that something else than `ownMicroseconds` of the server used between two readings:
 * it makes the server's caches cold, so its figures are less sure.
 */
export function foreignShare(before: CoreTicks, after: CoreTicks, ownMicroseconds: number): number {
  const all = after.all - before.all;
  if (all <= 0) return 0;
  const ownTicks = ownMicroseconds / 10_000;
  return Math.min(1, Math.max(0, (after.busy - before.busy - ownTicks) / all));
}
