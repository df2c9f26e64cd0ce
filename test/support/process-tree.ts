import { existsSync, readFileSync } from 'node:fs';

/** The processes that a process started and that still run; none where the system does not tell them below /proc. */
export function childrenOf(parent: number): readonly number[] {
  const file = `/proc/${parent}/task/${parent}/children`;
  if (!existsSync(file)) return [];
  const numbers = readFileSync(file, 'latin1').split(' ');
  return numbers.filter((number) => number !== '').map(Number);
}

/**
 * Whether a process runs; one that has ended and was not asked for yet does not. Its first thread may end before the
 * others, and until the last one has, the process has its children and its open files.
 */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    return !/^State:\tZ/m.test(status) || !/^Threads:\t[01]$/m.test(status);
  } catch {
    return false;
  }
}
