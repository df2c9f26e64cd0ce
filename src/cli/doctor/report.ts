/** What `daemun doctor` prints. */
import type { Finding, Level } from './finding.ts';

/** What was looked at, and what was found. */
export interface Examination {
  readonly version: string;
  /** The configuration; null where only the machine was looked at. */
  readonly file: string | null;
  readonly findings: readonly Finding[];
}

/** What the terminal of the reader is like. */
export interface ReportOptions {
  /** Columns after which sentences are broken; commands never are. 80 unless said, at least 50, at most 100. */
  readonly width?: number;
  /** Colours by escape sequences; off unless said. */
  readonly color?: boolean;
}

const COLORS: Readonly<Record<Level, string>> = { ok: '32', note: '33', problem: '31' };
const MARGIN = 2;
const LEVEL_WIDTH = 'problem'.length + 2;

/** What a program reads: the counts, and every finding with its words unbroken. */
export function reportJson({ version, file, findings }: Examination): string {
  const { problem, note } = countOf(findings);
  return `${JSON.stringify({ version, file, problems: problem, notes: note, findings }, null, 2)}\n`;
}

/** Findings as aligned lines for a person, and how many there are. */
export function reportText(
  { version, file, findings }: Examination,
  { width: columns = 80, color = false }: ReportOptions = {},
): string {
  const width = Math.min(100, Math.max(50, columns));
  const names = Math.max(0, ...findings.map(({ check }) => check.length)) + 2;
  const indent = ' '.repeat(MARGIN + LEVEL_WIDTH + names);
  const text = (words: string): readonly string[] =>
    wrap(visible(words), width - indent.length).map((line) => `${indent}${line}`);
  const lines = [
    file === null
      ? `Daemun ${version}: this machine, without a configuration`
      : `Daemun ${version}: this machine and ${visible(file)}`,
    '',
  ];
  for (const finding of findings) {
    const { level, check, what } = finding;
    const label = color ? `\u001b[${COLORS[level]}m${level}\u001b[0m` : level;
    const gap = ' '.repeat(LEVEL_WIDTH - level.length);
    const head = `${' '.repeat(MARGIN)}${label}${gap}${check.padEnd(names)}`;
    const [first = '', ...rest] = text(what);
    lines.push(head + first.slice(indent.length), ...rest);
    if (level === 'ok') continue;
    lines.push(...text(finding.why));
    for (const command of finding.cure.split('\n')) {
      const shown = visible(command);
      lines.push(`${indent}${shown.startsWith('#') ? shown : `$ ${shown}`}`);
    }
  }
  return `${lines.join('\n')}\n\n${summary(findings)}\n`;
}

function summary(findings: readonly Finding[]): string {
  const { problem, note } = countOf(findings);
  if (problem + note === 0) return 'Nothing to mend';
  return [counted(problem, 'problem'), counted(note, 'note')]
    .filter((each) => each !== '')
    .join(', ');
}

function counted(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}

function countOf(findings: readonly Finding[]): Readonly<Record<Level, number>> {
  const count = { ok: 0, note: 0, problem: 0 };
  for (const { level } of findings) count[level]++;
  return count;
}

// Control characters as escapes: names of files and processes are other people's texts.
function visible(text: string): string {
  return text.replaceAll(
    /[\u0000-\u001f\u007f-\u009f]/g,
    (character) => `\\x${(character.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`,
  );
}

function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
