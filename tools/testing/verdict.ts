import { NEEDS } from '../../test/support/needs.ts';
import type { Tally } from './tally.ts';

/** The closing lines of a test command, and whether it passed. */
export interface Verdict {
  readonly lines: readonly string[];
  readonly ok: boolean;
}

/**
 * Judges the totals of all runs. Besides failed tests these are failures: a run that died, no test executed at all,
 * a test file without a test, and a skip for any reason but a missing peer.
 */
export function verdictOf(
  tally: Tally,
  missingPeers: readonly string[],
  crashed: boolean,
): Verdict {
  const lines: string[] = [];
  let faults = 0;
  for (const file of tally.empty) {
    lines.push(`no test in ${file}`);
    faults++;
  }
  let skipped = 0;
  for (const [reason, count] of Object.entries(tally.skipped)) {
    skipped += count;
    if (reason.startsWith(NEEDS)) continue;
    lines.push(`${count} skipped without a missing peer: ${reason === '' ? 'no reason' : reason}`);
    faults++;
  }
  for (const peer of missingPeers) {
    lines.push(`missing peer ${peer}: ${skippedFor(peer, tally)} skipped`);
  }
  if (missingPeers.length > 0) lines.push('a run that skipped a peer is no evidence for it');
  if (tally.passed + tally.failed === 0) {
    lines.push('no test was executed');
    faults++;
  }
  if (crashed && tally.failed === 0 && faults === 0) {
    lines.push('a run ended badly outside its tests');
    faults++;
  }
  lines.push(`${tally.passed} passed, ${tally.failed} failed, ${skipped} skipped`);
  return { lines, ok: faults === 0 && tally.failed === 0 && !crashed };
}

function skippedFor(peer: string, tally: Tally): number {
  let count = 0;
  for (const [reason, tests] of Object.entries(tally.skipped)) {
    if (!reason.startsWith(NEEDS)) continue;
    if (reason.slice(NEEDS.length).split(', ').includes(peer)) count += tests;
  }
  return count;
}
