/**
 * How many descriptors a process may have, and which of them are for whom. The system gives out the lowest number that
 * is free, so the number of a new descriptor tells how many there are.
 *
 * Where none is left, libuv accepts connections and closes them, on every listener and without a word. So clients are
 * turned away before it comes to that: those that are connected can have their files and back ends, and an
 * administrator can ask what is going on.
 */
import { readFileSync } from 'node:fs';

/** Numbers of descriptors from which on there are none left for a purpose. */
export interface DescriptorRoom {
  /** For clients. */
  readonly clients: number;
  /** For connections to back ends; what is left behind it is for files and the administration. */
  readonly backEnds: number;
}

const KEPT_FROM_CLIENTS = 64;
const KEPT_FROM_BACK_ENDS = 16;
/** Of a low limit no more than this part is kept. */
const LARGEST_PART = 1 / 4;

/** The room of this process; endless where the system does not tell its limit. `limits` is the text of /proc/self/limits. */
export function descriptorRoom(limits: string = ownLimits()): DescriptorRoom {
  const most = Number(/^Max open files +([0-9]+) /m.exec(limits)?.[1] ?? Infinity);
  if (most === Infinity) return { clients: Infinity, backEnds: Infinity };
  const without = (kept: number): number => most - Math.min(kept, Math.floor(most * LARGEST_PART));
  return { clients: without(KEPT_FROM_CLIENTS), backEnds: without(KEPT_FROM_BACK_ENDS) };
}

function ownLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'latin1');
  } catch {
    return '';
  }
}
