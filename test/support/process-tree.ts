import { existsSync, readFileSync } from 'node:fs';

/** The processes that a process started and that still run; none where the system does not tell them below /proc. */
export function childrenOf(parent: number): readonly number[] {
  const file = `/proc/${parent}/task/${parent}/children`;
  if (!existsSync(file)) return [];
  const numbers = readFileSync(file, 'latin1').split(' ');
  return numbers.filter((number) => number !== '').map(Number);
}
