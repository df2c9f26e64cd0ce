// The result of a run as text and as the record that is kept.
import { REFERENCE, SUBJECT, UNITS } from './rows.ts';
import type { Bar, Row, RowKind } from './rows.ts';
import type { RowResult } from './run-row.ts';
import type { Column } from './setting.ts';
import { median, spread } from './statistics.ts';

/** Above this share of the server's core a reader is told that something else used it. */
const NOTABLE_FOREIGN = 0.05;
/** Below this share the load generator, not the server, was the limit. */
const SATURATED = 0.85;

/** How a bar came out. */
export interface BarResult {
  readonly most: number;
  readonly of?: string;
  /** The ratio, or without `of` the figure, that was found; absent where an entrant has none. */
  readonly found?: number;
  readonly outcome: 'ok' | 'missed' | 'not measured';
}

/** What the machine and its programs were. */
export interface Circumstances {
  /** ISO 8601. */
  readonly date: string;
  readonly commit: string | undefined;
  readonly node: string;
  readonly peers: Readonly<Record<string, string>>;
  readonly cpu: { readonly model: string; readonly cores: number };
  readonly kernel: string;
  readonly flags: {
    readonly rounds: number;
    readonly seconds: number;
    readonly rows: readonly string[];
    readonly peers: readonly string[];
  };
}

/** Holds a row's figures against its bars. */
export function judgeBars({ row, columns }: RowResult): readonly BarResult[] {
  const subject = figureOf(columns, SUBJECT);
  return row.bars.map((bar): BarResult => {
    const measure = bar.of === undefined ? 1 : figureOf(columns, bar.of);
    if (subject === undefined || measure === undefined) return { ...bar, outcome: 'not measured' };
    const found = subject / measure;
    return { ...bar, found, outcome: found <= bar.most ? 'ok' : 'missed' };
  });
}

/** Prints a row as text: aligned figures, then faults, bars and notes, after an empty line. */
export function rowLines(result: RowResult): readonly string[] {
  const { row, columns, notes } = result;
  const reference = figureOf(columns, row.reference ?? REFERENCE);
  const cells = [
    headings(row),
    ...columns
      .filter(({ fault }) => fault === undefined)
      .map((column) => cellsOf(row, column, reference)),
  ];
  return [
    '',
    row.title,
    ...(cells.length > 1 ? aligned(cells) : []),
    ...columns.flatMap(({ label, fault }) => (fault === undefined ? [] : [`  ${label} ${fault}`])),
    ...judgeBars(result).map((bar) => `  bar: ${barText(row.kind, bar)}`),
    ...[...notes, ...columns.flatMap(noiseOf)].map((note) => `  note: ${note}`),
  ];
}

/** The record of a run, ready for JSON. */
export function recordOf(
  circumstances: Circumstances,
  results: readonly RowResult[],
): Readonly<Record<string, unknown>> {
  return { ...circumstances, rows: results.map(rowRecord) };
}

/** A bar as the listing of the rows names it, such as `≤ 0.9 × nginx`. */
export function barName(kind: RowKind, { most, of }: Bar): string {
  return of === undefined ? `≤ ${figure(kind, most)}` : `≤ ${most} × ${of}`;
}

/** A figure in its row's unit, with the digits that mean something. */
export function figure(kind: RowKind, value: number): string {
  if (kind !== 'requests') {
    if (Math.abs(value) < 1024 * 1024) return `${(value / 1024).toFixed(1)} KiB`;
    return `${(value / 1024 / 1024).toFixed(1)} MiB`;
  }
  return value < 1000 ? `${value.toFixed(1)} µs` : `${thousands(value)} µs`;
}

function rowRecord(result: RowResult): Readonly<Record<string, unknown>> {
  const { row, columns, notes } = result;
  const reference = figureOf(columns, row.reference ?? REFERENCE);
  return {
    name: row.name,
    unit: UNITS[row.kind],
    columns: columns.map(({ label, version, values, load, fault }) => {
      if (fault !== undefined) return { label, version, fault };
      const middle = median(values);
      return {
        label,
        version,
        median: rounded(middle),
        spread: rounded(spread(values)),
        ...(reference === undefined ? {} : { ratio: rounded(middle / reference) }),
        values: values.map(rounded),
        ...(load === undefined
          ? {}
          : {
              requestsPerSecond: Math.round(load.requestsPerSecond),
              p50: rounded(load.p50),
              p99: rounded(load.p99),
              serverShare: rounded(load.serverShare),
              foreignShare: rounded(load.foreignShare),
            }),
      };
    }),
    bars: judgeBars(result).map(({ found, ...bar }) =>
      found === undefined ? bar : { ...bar, found: rounded(found) },
    ),
    ...(notes.length === 0 ? {} : { notes }),
  };
}

function headings(row: Row): readonly string[] {
  const common = [
    '',
    UNITS[row.kind].replace('bytes', 'memory'),
    'spread',
    `× ${row.reference ?? REFERENCE}`,
  ];
  return row.kind === 'requests' ? [...common, 'requests/s', 'p50', 'p99', 'core'] : common;
}

function cellsOf(row: Row, column: Column, reference: number | undefined): readonly string[] {
  const { label, version, values, load } = column;
  const middle = median(values);
  const common = [
    `${label} (${version})`,
    figure(row.kind, middle),
    percent(spread(values)),
    reference === undefined ? '-' : (middle / reference).toFixed(2),
  ];
  if (load === undefined) return common;
  return [
    ...common,
    thousands(load.requestsPerSecond),
    milliseconds(load.p50),
    milliseconds(load.p99),
    percent(load.serverShare),
  ];
}

function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, at) =>
    Math.max(...rows.map((cells) => cells[at]?.length ?? 0)),
  );
  return rows.map((cells) => {
    const padded = cells.map((cell, at) =>
      at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
    );
    return `  ${padded.join('  ')}`.trimEnd();
  });
}

function barText(kind: RowKind, { found, outcome, ...bar }: BarResult): string {
  const name = `${SUBJECT} ${barName(kind, bar)}`;
  if (found === undefined) return `${name}: ${outcome}`;
  return `${name}: ${outcome} (${bar.of === undefined ? figure(kind, found) : found.toFixed(2)})`;
}

function noiseOf({ label, load }: Column): readonly string[] {
  if (load === undefined) return [];
  const notes: string[] = [];
  if (load.foreignShare > NOTABLE_FOREIGN) {
    notes.push(`${label}: others used ${percent(load.foreignShare)} of the server's core`);
  } else if (load.serverShare < SATURATED) {
    notes.push(
      `${label}: its core was busy ${percent(load.serverShare)}; the client was the limit`,
    );
  }
  return notes;
}

function figureOf(columns: readonly Column[], label: string): number | undefined {
  const column = columns.find((one) => one.label === label);
  if (column === undefined || column.values.length === 0) return undefined;
  return median(column.values);
}

function rounded(value: number): number {
  return Number(value.toPrecision(4));
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}

function milliseconds(microseconds: number): string {
  return `${(microseconds / 1000).toFixed(2)} ms`;
}

function thousands(value: number): string {
  return Math.round(value).toLocaleString('en');
}
