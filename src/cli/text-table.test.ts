import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paint, span } from './styled-text.ts';
import { type Column, tableLines } from './text-table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'name', align: 'left' },
  { title: 'n', align: 'right' },
  { title: 'end', align: 'left' },
];

function text(...rows: Parameters<typeof tableLines>[1]): readonly string[] {
  return tableLines(COLUMNS, rows).map((line) => paint(line, false));
}

test('columns are as wide as their widest cell, numbers at the right, nothing behind the last', () => {
  assert.deepEqual(text(['a', '1,000', 'x'], ['longer', '1', '']), [
    'name        n  end',
    'a       1,000  x',
    'longer      1  ',
  ]);
});

test('a style does not count as width', () => {
  const lines = tableLines(COLUMNS, [
    [span('a', 'good'), [span('1'), span('2', 'bad')], 'x'],
    ['b', '1', 'y'],
  ]).map((line) => paint(line, true));
  assert.equal(lines[1], '\u001b[32ma\u001b[0m     1\u001b[1;31m2\u001b[0m  x');
  assert.equal(lines[2], 'b      1  y');
});

test('without rows the titles are left, and a row may be short', () => {
  assert.deepEqual(text(), ['name  n  end']);
  assert.deepEqual(text(['a']), ['name  n  end', 'a        ']);
});
