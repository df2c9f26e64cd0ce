/** Text with colours and widths, before it is decided whether the terminal has colours. */

/** What a piece of text means; how it looks is `paint`'s to say. */
export type Style = 'plain' | 'strong' | 'faint' | 'good' | 'warning' | 'bad' | 'accent' | 'bar';

/** A piece of a line in one style. */
export interface Span {
  readonly text: string;
  readonly style: Style;
}

/** Pieces from left to right. */
export type Line = readonly Span[];

// The eight colours that every terminal has, in whatever shade its user likes them.
const SGR: Readonly<Record<Style, string>> = {
  plain: '',
  strong: '1',
  faint: '2',
  good: '32',
  warning: '33',
  bad: '1;31',
  accent: '36',
  bar: '7',
};

/** A piece of text; plain unless said. What a terminal would act upon becomes `?`, so that no name can draw or colour. */
export function span(text: string, style: Style = 'plain'): Span {
  return { text: printableText(text), style };
}

/** The text with each control character, and what turns the direction of writing, as `?`. */
export function printableText(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, '?');
}

// Characters of two columns count as one: nothing but a terminal knows which those are.
function widthOf(text: string): number {
  return Array.from(text).length;
}

/** Columns that the pieces take side by side; every character takes one. */
export function lineWidth(line: Line): number {
  return line.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** The first `columns` of a line; where something is cut off, `…` or `~` (`mark`) is the last of them. */
export function cutLine(line: Line, columns: number, mark = '…'): Line {
  if (lineWidth(line) <= columns) return line;
  const kept: Span[] = [];
  let left = columns - widthOf(mark);
  for (const { text, style } of line) {
    const part = Array.from(text).slice(0, Math.max(0, left)).join('');
    if (part !== '') kept.push({ text: part, style });
    left -= widthOf(text);
    if (left <= 0) break;
  }
  return columns < widthOf(mark) ? [] : [...kept, { text: mark, style: 'faint' }];
}

/** The line as it is written to a terminal; without `colour` nothing but its text. */
export function paint(line: Line, colour: boolean): string {
  return line
    .map(({ text, style }) => {
      const sgr = SGR[style];
      return colour && sgr !== '' && text !== '' ? `\u001b[${sgr}m${text}\u001b[0m` : text;
    })
    .join('');
}
