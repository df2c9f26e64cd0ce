// What a test run amounts to, read from the runner's events. The runner's own counts do not say why a test was
// skipped, leave skipped suites out, and count a file without any test as one that passed.
import { basename } from 'node:path';
import type { EventData } from 'node:test';
import type { TestEvent } from 'node:test/reporters';

/** Totals of one run, or of several added up. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** Tests and suites left out, by the reason given; `''` where none was given, `todo` for unfinished ones. */
  readonly skipped: Readonly<Record<string, number>>;
  /** Test files in which no test was found. */
  readonly empty: readonly string[];
}

/** The totals of no run at all, to add others to. */
export const NOTHING: Tally = { passed: 0, failed: 0, skipped: {}, empty: [] };

/** Sums totals up, field by field and reason by reason. */
export function addTallies(tallies: readonly Tally[]): Tally {
  const skipped = new Map<string, number>();
  for (const tally of tallies) {
    for (const [reason, count] of Object.entries(tally.skipped)) {
      skipped.set(reason, (skipped.get(reason) ?? 0) + count);
    }
  }
  return {
    passed: tallies.reduce((sum, { passed }) => sum + passed, 0),
    failed: tallies.reduce((sum, { failed }) => sum + failed, 0),
    skipped: Object.fromEntries(skipped),
    empty: tallies.flatMap(({ empty }) => empty),
  };
}

/** The totals with one more of the runner's events taken in; events that end no test change nothing. */
export function countEvent(tally: Tally, event: TestEvent): Tally {
  if (event.type === 'test:fail') {
    // a suite fails with its tests, which are counted; alone it fails by a hook or by what stands outside tests
    const { details } = event.data;
    const error: unknown = details.error;
    const byTests =
      error instanceof Error && 'failureType' in error && error.failureType === 'subtestsFailed';
    return byTests ? tally : { ...tally, failed: tally.failed + 1 };
  }
  if (event.type !== 'test:pass') return tally;
  const reason = skipReason(event.data);
  if (reason !== undefined) return addTallies([tally, { ...NOTHING, skipped: { [reason]: 1 } }]);
  if (event.data.details.type === 'suite') return tally;
  if (isEmptyFile(event.data)) {
    return { ...tally, empty: [...tally.empty, event.data.file ?? event.data.name] };
  }
  return { ...tally, passed: tally.passed + 1 };
}

function skipReason(data: EventData.TestPass): string | undefined {
  if (data.todo !== undefined && data.todo !== false) return 'todo';
  if (data.skip === undefined || data.skip === false) return undefined;
  return typeof data.skip === 'string' ? data.skip : '';
}

function isEmptyFile({ nesting, name, file }: EventData.TestPass): boolean {
  // the runner reports a file that registered no test as a test of the file's own name
  return nesting === 0 && file !== undefined && basename(name) === basename(file);
}
