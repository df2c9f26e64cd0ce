import { dropTrailingBlanks, skipBlanks } from '../../../http/message/index.ts';

const RANGE = /^[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*$/;
const QUALITY = /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/;

/** Languages beyond this number do not change which one is found. */
const MOST = 100;

/**
 * The language tags of an `Accept-Language` field (RFC 9110 section 12.5.4), the best first and those of equal
 * quality in their order; without `*`, what is refused (`q=0`), and what is malformed.
 */
export function acceptedLanguages(field: string | null): readonly string[] {
  if (field === null) return [];
  const found: { tag: string; quality: number }[] = [];
  for (const item of field.split(',', MOST)) {
    const [range = '', ...parameters] = item.split(';').map(trimmed);
    if (!RANGE.test(range)) continue;
    const quality = qualityOf(parameters);
    if (quality > 0) found.push({ tag: range, quality });
  }
  return found.toSorted((a, b) => b.quality - a.quality).map(({ tag }) => tag);
}

function qualityOf(parameters: readonly string[]): number {
  const written = parameters.find((parameter) => /^q=/i.test(parameter));
  if (written === undefined) return 1;
  const quality = written.slice(2);
  return QUALITY.test(quality) ? Number(quality) : 0;
}

function trimmed(text: string): string {
  const start = skipBlanks(text, 0, text.length);
  return text.slice(start, dropTrailingBlanks(text, start, text.length));
}
