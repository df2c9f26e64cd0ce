import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineIndex } from './text-position.ts';

test('lines and columns count from 1, and a line end belongs to its line', () => {
  const lines = new LineIndex('ab\n\nc');
  const at = [0, 1, 2, 3, 4, 5].map((offset) => lines.at(offset));
  assert.deepEqual(
    at.map(({ line, column }) => `${line}:${column}`),
    ['1:1', '1:2', '1:3', '2:1', '3:1', '3:2'],
  );
});

test('an empty text has one place', () => {
  assert.deepEqual(new LineIndex('').at(0), { line: 1, column: 1 });
});
