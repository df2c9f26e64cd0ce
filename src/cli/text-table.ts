import { type Line, lineWidth, type Span, span } from './styled-text.ts';

/** What stands above the cells, and at which side they are flush. */
export interface Column {
  readonly title: string;
  /** Numbers stand at the right, under each other. */
  readonly align: 'left' | 'right';
}

/** A cell: text, or text in a style. */
export type Cell = string | Span | Line;

const GAP = '  ';

/**
 * Lines with the cells of each row below the titles, in columns as wide as need be, two spaces apart. Nothing but the
 * titles where there are no rows.
 */
export function tableLines(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
): readonly Line[] {
  const titles = columns.map(({ title }) => [span(title, 'accent')]);
  const lines = [titles, ...rows.map((row) => row.map(lineOf))];
  const widths = columns.map((_, at) =>
    Math.max(...lines.map((line) => lineWidth(line[at] ?? []))),
  );
  return lines.map((cells) =>
    columns.flatMap(({ align }, at): Line => {
      const cell = cells[at] ?? [];
      const isLast = at === columns.length - 1;
      const space = ' '.repeat((widths[at] ?? 0) - lineWidth(cell));
      if (align === 'right') return [span(space), ...cell, span(isLast ? '' : GAP)];
      // No spaces at the end of a line.
      return isLast ? cell : [...cell, span(space + GAP)];
    }),
  );
}

function lineOf(cell: Cell): Line {
  if (typeof cell === 'string') return [span(cell)];
  return 'text' in cell ? [cell] : cell;
}
