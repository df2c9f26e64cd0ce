/**
 * Content coding negotiation (RFC 9110 §12.5.3).
 *
 * The field is scanned once for each coding the server offers, which is two or three, instead of
 * being made into a table. Weights are whole thousandths. A member that does not fit the grammar
 * (`gzip;q=2`, `br;x=1`, `gzip;q=0.1234`) is passed over as if it were not there.
 */

import {
  dropTrailingBlanks,
  isBlankByte,
  isDigitByte,
  isToken,
  matchesAtIgnoreCaseAscii,
  skipBlanks,
} from './token.ts';

/** The weight in thousandths of the qvalue in `text[from, to)`, or -1 (RFC 9110 §12.4.2). */
export function parseQvalue(text: string, from = 0, to = text.length): number {
  const length = to - from;
  const first = text.charCodeAt(from);
  if (length < 1 || length > 5 || (first !== 0x30 && first !== 0x31)) return -1;
  if (length > 1 && text.charCodeAt(from + 1) !== 0x2e) return -1;
  let thousandths = first === 0x31 ? 1000 : 0;
  let unit = 100;
  for (let at = from + 2; at < to; at++) {
    const code = text.charCodeAt(at);
    if (!isDigitByte(code)) return -1;
    thousandths += (code - 0x30) * unit;
    unit /= 10;
  }
  return thousandths <= 1000 ? thousandths : -1;
}

/** The weight of the member `value[from, to)`, whose coding ends at `codingEnd`, or -1. */
function memberWeight(value: string, codingEnd: number, to: number): number {
  let at = skipBlanks(value, codingEnd, to);
  if (at === to) return 1000;
  if (value.charCodeAt(at) !== 0x3b) return -1;
  at = skipBlanks(value, at + 1, to);
  // `q` has no case (RFC 9110 §5.6.6).
  if (!matchesAtIgnoreCaseAscii(value, at, 'q=')) return -1;
  return parseQvalue(value, at + 2, to);
}

/** The text before `;` or a blank. */
function endOfCoding(value: string, from: number, to: number): number {
  let at = from;
  while (at < to && value.charCodeAt(at) !== 0x3b && !isBlankByte(value.charCodeAt(at))) at++;
  return at;
}

function isCoding(value: string, from: number, to: number, coding: string): boolean {
  // Recipients ought to take `x-gzip` for `gzip` and `x-compress` for `compress` (§8.4.1).
  const extra = to - from - coding.length;
  if (extra === 0) return matchesAtIgnoreCaseAscii(value, from, coding);
  return (
    extra === 2 &&
    (coding === 'gzip' || coding === 'compress') &&
    matchesAtIgnoreCaseAscii(value, from, 'x-') &&
    matchesAtIgnoreCaseAscii(value, from + 2, coding)
  );
}

/**
 * The weight in thousandths, 0–1000, that an Accept-Encoding value gives a coding by name (`*` is
 * a name like any other here), or -1 when it does not name it. The first mention counts.
 */
export function codingWeight(value: string, coding: string): number {
  const length = value.length;
  let from = 0;
  while (from < length) {
    let comma = value.indexOf(',', from);
    if (comma === -1) comma = length;
    const start = skipBlanks(value, from, comma);
    const end = dropTrailingBlanks(value, start, comma);
    const codingEnd = endOfCoding(value, start, end);
    if (isToken(value, start, codingEnd) && isCoding(value, start, codingEnd, coding)) {
      const weight = memberWeight(value, codingEnd, end);
      if (weight !== -1) return weight;
    }
    from = comma + 1;
  }
  return -1;
}

/**
 * Chooses the coding of a response among those the server offers, in its order of preference and
 * in lower case, without `identity`.
 *
 * The heaviest acceptable one wins, the server's order among equals. `identity` is the answer
 * where no offer is acceptable, where the client names it with a greater weight, and where there
 * is no field at all or an empty one. Null says that even identity is refused (`identity;q=0`,
 * or `*;q=0` without naming it): 406, or identity all the same.
 */
export function chooseCoding(value: string | null, offered: readonly string[]): string | null {
  if (value === null || value === '') return 'identity';
  const others = codingWeight(value, '*');
  let chosen: string | null = null;
  let chosenWeight = 0;
  for (const coding of offered) {
    const named = codingWeight(value, coding);
    const weight = named === -1 ? others : named;
    if (weight > chosenWeight) {
      chosen = coding;
      chosenWeight = weight;
    }
  }
  const identity = codingWeight(value, 'identity');
  if (chosen !== null) return identity > chosenWeight ? 'identity' : chosen;
  return identity === 0 || (identity === -1 && others === 0) ? null : 'identity';
}
