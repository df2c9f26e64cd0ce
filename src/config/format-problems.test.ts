import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Problem } from '../schema/index.ts';
import { formatProblems } from './format-problems.ts';

const PROBLEM: Problem = {
  path: ['sites', '*'],
  object: 'sites["*"]',
  message: 'There is no upstream "shpo"',
  cure: 'Did you mean "shop"?',
  code: 'unknown-reference',
  file: '/etc/daemun/c.ts',
  line: 3,
  column: 7,
};

test('a problem is its place, its object with the message, and the cure', () => {
  assert.equal(
    formatProblems([PROBLEM]),
    `/etc/daemun/c.ts:3:7
  sites["*"]: There is no upstream "shpo"
  → Did you mean "shop"?

1 problem
`,
  );
});

test('what is not known is left out', () => {
  const { file, line, column, ...bare } = PROBLEM;
  assert.equal(
    formatProblems([
      { ...bare, object: '' },
      { ...bare, file: file ?? '' },
    ]),
    `  There is no upstream "shpo"
  → Did you mean "shop"?

/etc/daemun/c.ts
  sites["*"]: There is no upstream "shpo"
  → Did you mean "shop"?

2 problems
`,
  );
  assert.deepEqual([line, column], [3, 7]);
});

test('no problems are no text', () => {
  assert.equal(formatProblems([]), '');
});

test('files under the directory are shown from there, others in full', () => {
  const first = (directory: string): unknown =>
    formatProblems([PROBLEM], { directory }).split('\n')[0];
  assert.equal(first('/etc'), 'daemun/c.ts:3:7');
  assert.equal(first('/etc/daemun'), 'c.ts:3:7');
  assert.equal(first('/home'), '/etc/daemun/c.ts:3:7');
  assert.equal(first('/etc/dae'), '/etc/daemun/c.ts:3:7');
});

test('lines are broken between words, and no word is', () => {
  const long = {
    ...PROBLEM,
    message: `${'word '.repeat(30)}${'x'.repeat(80)}`,
    cure: 'do '.repeat(40),
  };
  const lines = formatProblems([long], { width: 60 }).split('\n');
  for (const line of lines) assert.ok(line.length <= 60 || line.trim() === 'x'.repeat(80), line);
  assert.ok(lines.length > 6);
});

test('colours surround the text and are off unless asked for', () => {
  const colored = formatProblems([PROBLEM], { color: true });
  assert.ok(colored.includes('\u001b[1m/etc/daemun/c.ts:3:7\u001b[0m'));
  assert.equal(colored.replaceAll(/\u001b\[[0-9]+m/g, ''), formatProblems([PROBLEM]));
});

test('control characters of a configuration do not reach the terminal', () => {
  const hostile = '\u001b]0;title\u0007\u009b2J\r\n';
  const shown = formatProblems([
    { ...PROBLEM, object: hostile, message: hostile, cure: hostile, file: hostile },
  ]);
  assert.ok(!/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/.test(shown));
  assert.ok(shown.includes('\\x1b]0;title\\x07'));
});

test('notes are told apart from problems, and counted apart', () => {
  const note: Problem = { ...PROBLEM, isNote: true };
  assert.match(formatProblems([note]), /\n {2}sites\["\*"\]: Note: There is no upstream/);
  const counts = [[note], [note, note], [PROBLEM, note], [note, PROBLEM, note, PROBLEM]].map(
    (problems) => formatProblems(problems).trimEnd().split('\n').at(-1),
  );
  assert.deepEqual(counts, ['1 note', '2 notes', '1 problem and 1 note', '2 problems and 2 notes']);
});
