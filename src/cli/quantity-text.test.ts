import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ageText,
  countedText,
  countText,
  shortCountText,
  shortTimeText,
  sizeText,
} from './quantity-text.ts';

function eachReads(read: (value: number) => string, cases: Readonly<Record<string, number>>): void {
  for (const [text, value] of Object.entries(cases)) assert.equal(read(value), text);
}

test('counts have a comma between thousands', () => {
  eachReads(countText, {
    '0': 0,
    '999': 999,
    '1,000': 1000,
    '12,345': 12_345,
    '1,234,568': 1_234_567.6,
  });
});

test('counts get short from 10,000 on', () => {
  eachReads(shortCountText, {
    '9,999': 9999.4,
    '10.0k': 10_000,
    '99.9k': 99_940,
    '100k': 99_960,
    '999k': 999_000,
    '1.0M': 999_999,
    '1.2M': 1_234_567,
    '12.3G': 12_300_000_000,
  });
});

test('sizes have the unit in which they have at most four digits', () => {
  eachReads(sizeText, {
    '0 B': 0,
    '1023 B': 1023,
    '1.0 KiB': 1024,
    '1.5 KiB': 1536,
    '99.9 KiB': 99.94 * 1024,
    '100 KiB': 99.96 * 1024,
    '1023 KiB': 1023.4 * 1024,
    '1.0 MiB': 1023.6 * 1024,
    '11.5 GiB': 12_345_678_901,
    '8.0 EiB': 2 ** 63,
  });
});

test('ages are their two largest units, and the second only where it is not zero', () => {
  eachReads(ageText, {
    '0s': 0,
    '59s': 59_999,
    '1m': 60_000,
    '1m 1s': 61_000,
    '59m 59s': 3_599_999,
    '1h': 3_659_000,
    '1h 1m': 3_660_000,
    '1d': 86_400_000,
    '4d 2h': 353_000_000,
    '1000d': 86_400_000_000,
  });
  assert.equal(ageText(-5), '0s');
});

test('short times are milliseconds below a second', () => {
  eachReads(shortTimeText, {
    '0 ms': 0.4,
    '999 ms': 999.4,
    '1.0 s': 999.5,
    '2.3 s': 2250.1,
    '100 s': 99_950,
  });
});

test('one thing is one thing', () => {
  assert.equal(countedText(1, 'thing'), '1 thing');
  assert.equal(countedText(0, 'thing'), '0 things');
  assert.equal(countedText(1000, 'thing'), '1,000 things');
  assert.equal(countedText(2, 'crash', 'crashes'), '2 crashes');
});
