import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutLine, lineWidth, paint, span } from './styled-text.ts';

test('colours are there when they are wanted, around text that has one', () => {
  const line = [span('a'), span('b', 'good'), span('', 'bad')];
  assert.equal(paint(line, true), 'a\u001b[32mb\u001b[0m');
  assert.equal(paint(line, false), 'ab');
});

test('text cannot act upon the terminal', () => {
  assert.equal(span('a\u001b[31mb\u009bc\r\n\u202ed').text, 'a?[31mb?c???d');
  assert.equal(span('b\u00fccher \u{1f600}').text, 'b\u00fccher \u{1f600}');
});

test('a line that is too long ends with a mark', () => {
  const line = [span('abc', 'good'), span('def')];
  const cut = (columns: number): string => paint(cutLine(line, columns), false);
  assert.equal(cut(7), 'abcdef');
  assert.equal(cut(6), 'abcdef');
  assert.equal(cut(5), 'abcd…');
  assert.equal(cut(4), 'abc…');
  assert.equal(cut(3), 'ab…');
  assert.equal(cut(1), '…');
  assert.equal(cut(0), '');
  assert.equal(paint(cutLine(line, 4, '~'), false), 'abc~');
});

test('a character beyond 16 bits has one column', () => {
  assert.equal(lineWidth([span('\u{1f600}a'), span('b')]), 3);
  assert.equal(paint(cutLine([span('\u{1f600}\u{1f600}\u{1f600}')], 2), false), '\u{1f600}…');
});
