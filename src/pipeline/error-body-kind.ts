/** In which form a client wants to read about an error (RFC 9110 section 12.5.1). */
import { dropTrailingBlanks, equalsIgnoreCaseAscii, skipBlanks } from '../http/message/index.ts';

/** The forms of the built-in error page. */
export type BodyKind = 'html' | 'json' | 'text';

const LONGEST = 1000;

/** In the order of our own preference, with the media ranges that take each, the most specific first. */
const OFFERS: readonly { readonly kind: BodyKind; readonly ranges: readonly string[] }[] = [
  { kind: 'html', ranges: ['text/html', 'text/*', '*/*'] },
  { kind: 'json', ranges: ['application/json', 'application/*', '*/*'] },
  { kind: 'text', ranges: ['text/plain', 'text/*', '*/*'] },
];

/** The weight in thousandths of one element of Accept; 0 for one that cannot be read. */
function weightOf(parameters: string): number {
  let from = 0;
  while (from < parameters.length) {
    let end = parameters.indexOf(';', from);
    if (end === -1) end = parameters.length;
    const start = skipBlanks(parameters, from, end);
    const text = parameters.slice(start, dropTrailingBlanks(parameters, start, end));
    if (text.startsWith('q=') || text.startsWith('Q=')) return readWeight(text.slice(2));
    from = end + 1;
  }
  return 1000;
}

function readWeight(text: string): number {
  if (text.length > 5 || (text.length > 1 && text.charAt(1) !== '.')) return 0;
  let weight = 0;
  let unit = 1000;
  for (let at = 0; at < text.length; at++) {
    if (at === 1) continue;
    const digit = text.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return 0;
    weight += digit * unit;
    unit /= 10;
  }
  return weight > 1000 ? 0 : weight;
}

/**
 * The form that an Accept value prefers; HTML where it says nothing, prefers none, or takes none of them:
 * an answer in the wrong form is better than none (RFC 9110 section 15.5.7).
 */
export function preferredKind(accept: string | null): BodyKind {
  if (accept === null || accept === '*/*' || accept.length > LONGEST) return 'html';
  const weights = new Map<string, number>();
  for (const element of accept.split(',')) {
    const semicolon = element.indexOf(';');
    const end = semicolon === -1 ? element.length : semicolon;
    const start = skipBlanks(element, 0, end);
    const range = element.slice(start, dropTrailingBlanks(element, start, end));
    const parameters = semicolon === -1 ? '' : element.slice(semicolon + 1);
    for (const { ranges } of OFFERS) {
      for (const known of ranges) {
        if (!weights.has(known) && equalsIgnoreCaseAscii(range, known)) {
          weights.set(known, weightOf(parameters));
        }
      }
    }
  }
  let best: BodyKind = 'html';
  let heaviest = 0;
  let closest = Infinity;
  for (const { kind, ranges } of OFFERS) {
    const at = ranges.findIndex((known) => weights.has(known));
    const weight = weights.get(ranges[at] ?? '') ?? 0;
    // Of two that weigh the same, the one that was named rather than implied by a star.
    if (weight === 0 || weight < heaviest || (weight === heaviest && at >= closest)) continue;
    heaviest = weight;
    closest = at;
    best = kind;
  }
  return best;
}
