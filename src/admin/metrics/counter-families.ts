/** From the server's counters, which are numbers by name, to families with units, labels and explanations. */
import type { KnownCounter, StatusReport } from '../contract.ts';
import type { MetricFamily, Sample } from './exposition.ts';

const HELP: Readonly<Record<Exclude<KnownCounter, `responses_${string}`>, string>> = {
  connections: 'Client connections that were accepted.',
  connections_refused: 'Client connections that were turned away, as by a limit.',
  requests: 'Requests of clients.',
  requests_unanswered: 'Requests that ended without a response, as when the client left.',
  received_bytes: 'Bytes that came from clients.',
  sent_bytes: 'Bytes that went to clients.',
  dropped_log_lines: 'Lines that were not written because a log was too slow or its disk full.',
};
const RESPONSES_HELP = 'Responses to clients by the first digit of their status.';

/** What a name ends with that says what is counted; another name counts things. */
const UNITS = ['bytes', 'seconds'];
const CLASS = /^(.+)_([1-5]xx)$/;

/**
 * A family for each counter. `requestCount`, `request-count` and `request_count` are one name; `responses_2xx` and its
 * kind are one family with a label. Counters whose family is in `taken` are left out: somebody else tells them.
 */
export function counterFamilies(
  counters: StatusReport['counters'],
  taken: ReadonlySet<string>,
): readonly MetricFamily[] {
  const samples = new Map<string, Sample[]>();
  for (const [written, value] of Object.entries(counters)) {
    const plain = snakeCase(written);
    const [, kind, statusClass] = CLASS.exec(plain) ?? [];
    const name = `daemun_${kind ?? plain}`;
    if (taken.has(name)) continue;
    const labels = statusClass === undefined ? [] : ([['class', statusClass]] as const);
    samples.set(name, [...(samples.get(name) ?? []), { labels, value }]);
  }
  return [...samples].map(([name, values]) => ({
    name,
    type: 'counter',
    unit: UNITS.find((unit) => name.endsWith(`_${unit}`)) ?? null,
    help: helpOf(name.slice('daemun_'.length)),
    samples: values,
  }));
}

// Also takes off an ending that says again that it is a counter.
function snakeCase(name: string): string {
  return name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replace(/_total$/, '');
}

function helpOf(name: string): string {
  if (name === 'responses') return RESPONSES_HELP;
  const known = Object.entries(HELP).find(([each]) => each === name);
  return known?.[1] ?? `Counter ${name.replaceAll('_', ' ')} of the server.`;
}
