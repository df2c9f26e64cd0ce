import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnChart, dividedBar, glyphsFor, shareBar } from './bar-chart.ts';
import { paint } from './styled-text.ts';

const UNICODE = glyphsFor(true, true);

test('a chart stands at the right, its highest bar at the top, and the oldest values fall out', () => {
  assert.deepEqual(columnChart([0, 1, 4, 8], 6, 1, UNICODE), ['   ▁▄█']);
  assert.deepEqual(columnChart([8, 4, 2, 1], 3, 1, UNICODE), ['█▄▂']);
  assert.deepEqual(columnChart([5], 0, 1, UNICODE), ['']);
  assert.deepEqual(columnChart([5], -3, 1, UNICODE), ['']);
  assert.deepEqual(columnChart([], 2, 2, UNICODE), ['  ', '  ']);
});

test('a chart of several lines has a finer scale', () => {
  assert.deepEqual(columnChart([0, 1, 8, 12, 16], 5, 2, UNICODE), ['   ▄█', ' ▁███']);
});

test('whatever is above zero is seen, nothing and the unknown are not', () => {
  assert.deepEqual(columnChart([0.001, 1000, 0, null], 4, 1, UNICODE), ['▁█  ']);
  assert.deepEqual(columnChart([0, 0], 2, 1, UNICODE), ['  ']);
  assert.deepEqual(columnChart([null], 1, 1, UNICODE), [' ']);
});

test('a share is as long as it is large, and has a column if it is anything', () => {
  const bar = (share: number): string => paint(shareBar(share, 4, 'good', UNICODE), false);
  assert.deepEqual([0, 0.01, 0.25, 0.5, 1, 2, -1].map(bar), [
    '░░░░',
    '█░░░',
    '█░░░',
    '██░░',
    '████',
    '████',
    '░░░░',
  ]);
});

test('a divided bar fills its width exactly, each part with a column at least', () => {
  const plain = glyphsFor(true, false);
  const bar = (...values: number[]): string =>
    paint(
      dividedBar(
        values.map((value) => ({ value, style: 'good' })),
        10,
        plain,
      ),
      false,
    );
  assert.equal(bar(1, 1), '█████▓▓▓▓▓');
  assert.equal(bar(1, 0, 1), '█████▒▒▒▒▒');
  assert.equal(bar(9999, 1, 1, 1), '███████▓▒░');
  assert.equal(bar(1, 1, 1).length, 10);
  assert.equal(bar(2, 3, 3, 7).length, 10);
  assert.equal(bar(0, 0), '░░░░░░░░░░');
});

test('colours tell the parts apart where there are colours, characters elsewhere', () => {
  const parts = [
    { value: 1, style: 'good' },
    { value: 1, style: 'bad' },
  ] as const;
  const coloured = paint(dividedBar(parts, 2, UNICODE), true);
  assert.equal(coloured, '\u001b[32m█\u001b[0m\u001b[1;31m█\u001b[0m');
  assert.equal(paint(dividedBar(parts, 2, glyphsFor(false, false)), false), '#=');
});
