import type { TestEvent } from 'node:test/reporters';
import { NOTHING, countEvent } from './tally.ts';

/** A reporter for `--test-reporter` that writes the run's totals as one JSON text when the run has ended. */
// the runner takes a reporter from the default export only
export default async function* tallyReporter(
  events: AsyncIterable<TestEvent>,
): AsyncGenerator<string, void> {
  let tally = NOTHING;
  for await (const event of events) tally = countEvent(tally, event);
  yield JSON.stringify(tally);
}
