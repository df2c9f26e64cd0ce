/** Problems as lines for a terminal. */
import { relative, resolve, sep } from 'node:path';
import type { Problem } from '../schema/index.ts';

/** How problems are shown. */
export interface FormatOptions {
  /** Colours by escape sequences; off unless said. */
  readonly color?: boolean;
  /** Columns after which lines are broken between words; 100 unless said, at least 40. */
  readonly width?: number;
  /** Directory to which file names are shortened, if they lie under it. */
  readonly directory?: string;
}

const BOLD = '\u001b[1m';
const RED = '\u001b[31m';
const CYAN = '\u001b[36m';
const RESET = '\u001b[0m';

/**
 * Three parts for each problem: `file:line:column`, the object with what is wrong, and the cure;
 * then how many there are, notes apart. Ends with a line end; empty without problems.
 */
export function formatProblems(problems: readonly Problem[], options: FormatOptions = {}): string {
  if (problems.length === 0) return '';
  const width = Math.max(40, options.width ?? 100);
  const paint = (color: string, text: string): string =>
    options.color === true && text !== '' ? `${color}${text}${RESET}` : text;
  const lines: string[] = [];
  for (const problem of problems) {
    const place = placeText(problem, options.directory);
    if (place !== '') lines.push(paint(BOLD, place));
    const object = visible(problem.object);
    const message = (problem.isNote === true ? 'Note: ' : '') + visible(problem.message);
    const said = wrap(object === '' ? message : `${object}: ${message}`, width - 2);
    lines.push(...said.map((line) => `  ${paint(RED, line)}`));
    const [first = '', ...rest] = wrap(visible(problem.cure), width - 4);
    lines.push(
      `  ${paint(CYAN, `→ ${first}`)}`,
      ...rest.map((line) => `    ${paint(CYAN, line)}`),
      '',
    );
  }
  const notes = problems.filter(({ isNote }) => isNote === true).length;
  const counts = [counted(problems.length - notes, 'problem'), counted(notes, 'note')];
  lines.push(counts.filter((count) => count !== '').join(' and '), '');
  return lines.join('\n');
}

function counted(count: number, noun: string): string {
  return count === 0 ? '' : `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** The path of a file as people are shown it: shortened where it lies under `directory`, else absolute. */
export function shownPath(file: string, directory: string): string {
  const path = resolve(directory, file);
  const inside = relative(directory, path);
  return inside === '' || inside.startsWith(`..${sep}`) || inside === '..' ? path : inside;
}

function placeText({ file, line, column }: Problem, directory: string | undefined): string {
  if (file === undefined) return '';
  const name = directory === undefined ? file : shownPath(file, directory);
  const numbers = [line, column].filter((value) => value !== undefined);
  return [visible(name), ...numbers].join(':');
}

/**
 * Control characters as escapes: a name in a configuration that somebody else wrote must not move
 * the cursor or change the title of the terminal.
 */
function visible(text: string): string {
  let shown = '';
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0);
    shown += isControl ? `\\x${code.toString(16).padStart(2, '0')}` : character;
  }
  return shown;
}

/** Breaks between words; a word longer than the width keeps its line. */
function wrap(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line === '') line = word;
    else if (line.length + 1 + word.length <= width) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}
