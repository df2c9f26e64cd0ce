import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createConcurrencyZone } from './concurrency-limit.ts';
import { parseRate } from './options.ts';
import { createRateZone } from './rate-limit.ts';
import { MAIN_SEAT } from './seat.ts';
import { SharedTable, type TableHandle } from './shared-table.ts';

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

test('a MiB has room for as many keys as the options say', () => {
  const keys = ({ table }: { readonly table: TableHandle }): number =>
    Math.round(new SharedTable(table, MAIN_SEAT).capacity / 1000);
  const bytes = 1024 ** 2;
  assert.equal(keys(createRateZone({ name: 'a', bytes, rate: 1, threads: 4 })), 12);
  // One seat more, for requests of other processes.
  assert.equal(keys(createConcurrencyZone({ name: 'a', bytes, threads: 5 })), 11);
});
