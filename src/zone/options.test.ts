import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseRate } from './options.ts';

test('rates are thousandths of a request a second, cut to whole ones as in nginx', () => {
  for (const [text, value] of [
    ['1r/s', 1000],
    ['10r/s', 10_000],
    ['60r/m', 1000],
    ['30r/m', 500],
    ['1r/m', 16],
    ['2000000r/s', 2_000_000_000],
    ['120000000r/m', 2_000_000_000],
  ] as const)
    assert.deepEqual(parseRate(text), { value });
});

test('what is no rate, or too much, is told with a cure', () => {
  for (const text of ['', '10', 'r/s', '10r/h', '-1r/s', '1.5r/s', ' 1r/s', '1r/s ', '1e3r/s']) {
    const result = parseRate(text);
    assert.ok(!('value' in result), text);
    assert.match(result.message, /Expected a rate/);
  }
  for (const text of ['0r/s', '0r/m', '2000001r/s', '120000060r/m', '999999999r/s']) {
    const result = parseRate(text);
    assert.ok(!('value' in result), text);
    assert.match(result.message, /no rate between/);
  }
});
