import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { chooseCoding, codingWeight, parseQvalue } from './accept-encoding.ts';

test('weights are read as thousandths', () => {
  const rows: readonly (readonly [string, number])[] = [
    ['0', 0],
    ['1', 1000],
    ['0.', 0],
    ['1.', 1000],
    ['0.1', 100],
    ['0.01', 10],
    ['0.001', 1],
    ['0.999', 999],
    ['0.5', 500],
    ['0.50', 500],
    ['0.000', 0],
    ['1.0', 1000],
    ['1.000', 1000],
  ];
  for (const [text, weight] of rows) assert.equal(parseQvalue(text), weight, text);
  for (const bad of [
    '',
    '2',
    '1.001',
    '1.1',
    '0.0001',
    '1.0000',
    '.5',
    '00',
    '01',
    '0,5',
    '+0',
    '-0',
    '0.-1',
    '0. 1',
    ' 0',
    '0 ',
    '0.1a',
    '1e0',
    '0x1',
    '0.\xb2',
    '10',
    '0..1',
  ]) {
    assert.equal(parseQvalue(bad), -1, JSON.stringify(bad));
  }
  assert.equal(parseQvalue('q=0.5;', 2, 5), 500);
  assert.equal(parseQvalue('1', 0, 0), -1);
  assert.equal(parseQvalue('0', 1), -1);
});

test('every thousandth is told from every other', () => {
  for (let weight = 0; weight <= 1000; weight++) {
    assert.equal(parseQvalue((weight / 1000).toFixed(3)), weight);
  }
});

test('a coding is found by its whole name', () => {
  const rows: readonly (readonly [string, number])[] = [
    ['gzip', 1000],
    ['GZip', 1000],
    ['x-gzip', 1000],
    ['br, gzip', 1000],
    ['gzip;q=0.5', 500],
    ['gzip ; \tQ=0.5', 500],
    ['br;q=1 , gzip;q=0.3,', 300],
    ['gzip;q=0', 0],
    ['gzip;q=0, gzip', 0],
    ['', -1],
    ['br', -1],
    ['gzipx', -1],
    ['agzip', -1],
    ['y-gzip', -1],
    ['x-abcd', -1],
    ['x-gzipx', -1],
    ['x-gzip2;q=1', -1],
    ['*', -1],
    ['"gzip"', -1],
    ['gzip br', -1],
    ['gzip;q', -1],
    ['gzip;q=', -1],
    ['gzip;q=2', -1],
    ['gzip;q=0.1234', -1],
    ['gzip;q= 1', -1],
    ['gzip;q =1', -1],
    ['gzip;x=1', -1],
    ['gzip;q=1;x=1', -1],
    ['gzip;', -1],
    ['gzip xq=0.5', -1],
    ['gzip q=0.5', -1],
    ['gzip;q=x, gzip;q=0.2', 200],
  ];
  for (const [value, weight] of rows) assert.equal(codingWeight(value, 'gzip'), weight, value);
  assert.equal(codingWeight('br, *;q=0.1', '*'), 100);
  assert.equal(codingWeight('x-br', 'br'), -1);
  assert.equal(codingWeight('x-compress', 'compress'), 1000);
});

test('the heaviest offer wins and the server decides among equals', () => {
  const offered = ['br', 'zstd', 'gzip'];
  const rows: readonly (readonly [string | null, string | null])[] = [
    [null, 'identity'],
    ['', 'identity'],
    [' ', 'identity'],
    ['gzip', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip, zstd', 'zstd'],
    ['br;q=0.5, gzip', 'gzip'],
    ['br;q=0.999, gzip;q=1.0', 'gzip'],
    ['gzip;q=0.001', 'gzip'],
    ['gzip;q=0', 'identity'],
    ['deflate', 'identity'],
    ['*', 'br'],
    ['*;q=0.5, gzip', 'gzip'],
    ['br;q=0, *', 'zstd'],
    ['br;q=0, *;q=0.1, gzip;q=0.1', 'zstd'],
    ['identity', 'identity'],
    ['identity, gzip', 'gzip'],
    ['identity;q=0.5, gzip;q=0.5', 'gzip'],
    ['identity;q=0.6, gzip;q=0.5', 'identity'],
    ['identity;q=0, gzip;q=0.5', 'gzip'],
    ['identity;q=0', null],
    ['identity;q=0, deflate', null],
    ['*;q=0', null],
    ['deflate, *;q=0', null],
    ['*;q=0, identity', 'identity'],
    ['*;q=0, identity;q=0.001', 'identity'],
    ['*;q=0, gzip', 'gzip'],
    ['gzip;q=0, *;q=0', null],
    ['nonsense;;;', 'identity'],
  ];
  for (const [value, chosen] of rows) {
    assert.equal(chooseCoding(value, offered), chosen, String(value));
  }
});

test('without offers there is identity or nothing', () => {
  assert.equal(chooseCoding('gzip', []), 'identity');
  assert.equal(chooseCoding('*', []), 'identity');
  assert.equal(chooseCoding('identity;q=0', []), null);
});

test('arbitrary bytes choose an offer, identity or nothing, and never a refused one', () => {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    fc.constantFrom('gzip', 'br', 'identity', '*', ';q=', '0', '1', '0.5', ',', ' '),
  );
  fc.assert(
    fc.property(fc.string({ unit }), (value) => {
      const chosen = chooseCoding(value, ['br', 'gzip']);
      assert.ok(chosen === null || ['br', 'gzip', 'identity'].includes(chosen));
      if (chosen !== null) assert.notEqual(codingWeight(value, chosen), 0);
    }),
    { numRuns: 1000 },
  );
});
