/** Which of the two text formats a collector gets (RFC 9110 section 12.5.1). */
import {
  dropTrailingBlanks,
  matchesAtIgnoreCaseAscii,
  parseQvalue,
  skipBlanks,
} from '../../http/message/index.ts';

/** OpenMetrics 1.0, or the older text format 0.0.4 of Prometheus. */
export type ExpositionFormat = 'openmetrics' | 'prometheus';

/**
 * The format for an `Accept` value; null where there is none. OpenMetrics unless plain text is accepted with more
 * weight. Only the type and the weight are looked at: the versions of a format do not differ in what is sent here.
 */
export function expositionFormat(accept: string | null): ExpositionFormat {
  if (accept === null) return 'openmetrics';
  const open = weight(accept, ['application/openmetrics-text', 'application/*', '*/*']);
  const plain = weight(accept, ['text/plain', 'text/*', '*/*']);
  return plain > open ? 'prometheus' : 'openmetrics';
}

// The most specific range counts; of several members for it, the heaviest.
function weight(accept: string, ranges: readonly string[]): number {
  const best = ranges.map(() => -1);
  for (let from = 0; from < accept.length;) {
    const comma = accept.indexOf(',', from);
    const to = comma === -1 ? accept.length : comma;
    const [range, parameters] = halves(accept, from, to, ';');
    const at = ranges.findIndex((each) => isSame(range, each));
    if (at !== -1) best[at] = Math.max(best[at] ?? -1, qualityOf(parameters));
    from = to + 1;
  }
  return best.find((each) => each !== -1) ?? 0;
}

function qualityOf(parameters: string): number {
  let rest = parameters;
  while (rest !== '') {
    const [parameter, more] = halves(rest, 0, rest.length, ';');
    // -1 for what is no weight: such a member is passed over, as in Accept-Encoding.
    if (matchesAtIgnoreCaseAscii(parameter, 0, 'q=')) return parseQvalue(parameter, 2);
    rest = more;
  }
  return 1000;
}

function halves(text: string, from: number, to: number, sign: string): [string, string] {
  const found = text.indexOf(sign, from);
  const middle = found === -1 || found > to ? to : found;
  const start = skipBlanks(text, from, middle);
  return [
    text.slice(start, dropTrailingBlanks(text, start, middle)),
    middle < to ? text.slice(middle + 1, to) : '',
  ];
}

function isSame(text: string, range: string): boolean {
  return text.length === range.length && matchesAtIgnoreCaseAscii(text, 0, range);
}
