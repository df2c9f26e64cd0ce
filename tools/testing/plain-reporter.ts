import { relative } from 'node:path';
import { inspect } from 'node:util';
import type { TestEvent } from 'node:test/reporters';

/**
 * A reporter for `--test-reporter` where nobody watches: failures as they happen, what tests print, and the runner's
 * closing lines (`# tests 12`, `# pass 12`, …); a test that passes takes no line.
 */
// the runner takes a reporter from the default export only
export default async function* plainReporter(
  events: AsyncIterable<TestEvent>,
): AsyncGenerator<string, void> {
  for await (const event of events) {
    const text = lineOf(event);
    if (text !== '') yield text;
  }
}

function lineOf(event: TestEvent): string {
  switch (event.type) {
    case 'test:fail': {
      const { name, file, line, details } = event.data;
      const place = file === undefined ? '' : ` (${relative(process.cwd(), file)}:${line ?? 1})`;
      const cause: unknown = details.error.cause ?? details.error;
      return `not ok: ${name}${place}\n${inspect(cause).replaceAll(/^/gm, '    ')}\n`;
    }
    case 'test:diagnostic':
      // the closing totals come as diagnostics outside all tests
      return event.data.nesting === 0 ? `# ${event.data.message}\n` : '';
    case 'test:stdout':
    case 'test:stderr':
      return event.data.message;
    default:
      return '';
  }
}
