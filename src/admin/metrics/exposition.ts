/**
 * Metrics as text: OpenMetrics 1.0 (openmetrics.io, "Text format") and the text format 0.0.4 of Prometheus. They differ
 * in what a counter is called, in the types that there are, in escapes, and in the end mark.
 */
import type { ExpositionFormat } from './negotiation.ts';

/** Value of `Content-Type` for each format, with the version that collectors look for. */
export const EXPOSITION_TYPES: Readonly<Record<ExpositionFormat, string>> = {
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
};

/** Names and values of labels, in the order in which they are written. */
export type Labels = readonly (readonly [name: string, value: string])[];

/** One line: a number, and which of its family it is. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** Numbers of one meaning. */
export interface MetricFamily {
  /** Of letters, digits and `_`; ends with `_` and the unit where there is one, and not with `_total`. */
  readonly name: string;
  /** A `stateset` has a sample for each state, one of them 1, with a label of the family's name; an `info` has value 1. */
  readonly type: 'counter' | 'gauge' | 'info' | 'stateset';
  /** As in `bytes` and `seconds`; null for a plain number. */
  readonly unit: string | null;
  /** One line for a person. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** The whole text. A family without samples is left out. */
export function exposition(families: readonly MetricFamily[], format: ExpositionFormat): string {
  const isOpen = format === 'openmetrics';
  const write = isOpen ? openFamily : prometheusFamily;
  const texts = families.filter(({ samples }) => samples.length > 0).map(write);
  return texts.join('') + (isOpen ? '# EOF\n' : '');
}

function openFamily({ name, type, unit, help, samples }: MetricFamily): string {
  const lines = [`# TYPE ${name} ${type}`];
  if (unit !== null) lines.push(`# UNIT ${name} ${unit}`);
  lines.push(`# HELP ${name} ${escapeLabel(help)}`);
  lines.push(...sampleLines(sampleName(name, type), samples));
  return ending(lines);
}

// It knows neither infos nor sets of states; a counter's family is called as its samples are.
function prometheusFamily({ name, type, help, samples }: MetricFamily): string {
  const full = sampleName(name, type);
  const known = type === 'counter' ? 'counter' : 'gauge';
  const lines = [`# HELP ${full} ${escapeHelp(help)}`, `# TYPE ${full} ${known}`];
  return ending([...lines, ...sampleLines(full, samples)]);
}

function sampleName(name: string, type: MetricFamily['type']): string {
  if (type === 'counter') return `${name}_total`;
  return type === 'info' ? `${name}_info` : name;
}

function sampleLines(name: string, samples: readonly Sample[]): readonly string[] {
  return samples.map(({ labels, value }) => {
    const written = labels.map(([label, text]) => `${label}="${escapeLabel(text)}"`).join(',');
    return `${name}${written === '' ? '' : `{${written}}`} ${value}`;
  });
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', String.raw`\"`);
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', String.raw`\\`).replaceAll('\n', String.raw`\n`);
}

function ending(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join('');
}
