/** Bars made of characters. */
import { type Line, type Span, span, type Style } from './styled-text.ts';

/** The characters that a terminal can show. */
export interface Glyphs {
  /** From the lowest bar to the full one; the space, for none, is not among them. */
  readonly heights: readonly string[];
  readonly full: string;
  readonly empty: string;
  /** For the parts of a divided bar, in turn; they differ where colours do not tell them apart. */
  readonly parts: readonly string[];
  readonly separator: string;
  readonly more: string;
}

const UNICODE: Glyphs = {
  heights: ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'],
  full: '█',
  empty: '░',
  parts: ['█', '▓', '▒', '░'],
  separator: '·',
  more: '…',
};
const ASCII: Glyphs = {
  heights: ['.', ':', '|', '#'],
  full: '#',
  empty: '.',
  parts: ['#', '=', '+', '!'],
  separator: '|',
  more: '~',
};

/** The characters for a terminal that shows UTF-8 or not, and colours or not. */
export function glyphsFor(utf8: boolean, colour: boolean): Glyphs {
  const glyphs = utf8 ? UNICODE : ASCII;
  return colour ? { ...glyphs, parts: [glyphs.full] } : glyphs;
}

/**
 * Values over time, the newest at the right, as bars of `height` lines; one column a value, and as many as fit into
 * `width`. The highest that is shown reaches the top; every value above zero is seen; one that is null is a gap.
 */
export function columnChart(
  values: readonly (number | null)[],
  width: number,
  height: number,
  { heights }: Glyphs,
): readonly string[] {
  const shown = width > 0 ? values.slice(-width) : [];
  const highest = Math.max(0, ...shown.map((value) => value ?? 0));
  const steps = heights.length;
  const levels = shown.map((value) =>
    value === null || value <= 0 ? 0 : Math.max(1, Math.round((value / highest) * steps * height)),
  );
  return Array.from({ length: height }, (_, row) => {
    const below = (height - 1 - row) * steps;
    const bars = levels.map((level) =>
      level <= below ? ' ' : (heights[Math.min(level - below, steps) - 1] ?? ' '),
    );
    return ' '.repeat(Math.max(0, width - shown.length)) + bars.join('');
  });
}

/** A bar of `width` columns, filled to `share` (0 to 1); what is above nothing fills a column. */
export function shareBar(share: number, width: number, style: Style, glyphs: Glyphs): Line {
  const wanted = Math.round(Math.min(1, Math.max(0, share)) * width);
  const filled = share > 0 ? Math.max(1, wanted) : 0;
  return [
    span(glyphs.full.repeat(filled), style),
    span(glyphs.empty.repeat(Math.max(0, width - filled)), 'faint'),
  ];
}

/**
 * A bar of `width` columns that is divided as the parts are. A part above zero has a column at least, as long as there
 * are enough; without any the bar is empty.
 */
export function dividedBar(
  parts: readonly { readonly value: number; readonly style: Style }[],
  width: number,
  glyphs: Glyphs,
): Line {
  const seen = parts
    .map(({ value, style }, at) => ({
      value,
      style,
      glyph: glyphs.parts[at % glyphs.parts.length] ?? glyphs.full,
    }))
    .filter(({ value }) => value > 0);
  const total = seen.reduce((sum, { value }) => sum + value, 0);
  if (total === 0) return [span(glyphs.empty.repeat(width), 'faint')];
  const columns = seen.map(({ value }) => Math.max(1, Math.round((value / total) * width)));
  // What rounding gave too much or too little is the largest part's.
  const largest = columns.indexOf(Math.max(...columns));
  const excess = columns.reduce((sum, count) => sum + count, 0) - width;
  columns[largest] = Math.max(0, (columns[largest] ?? 0) - excess);
  return seen.map(({ style, glyph }, at): Span => span(glyph.repeat(columns[at] ?? 0), style));
}
