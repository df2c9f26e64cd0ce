import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  DEFAULT_MAX_RANGES,
  contentRange,
  multipartRangeBoundary,
  multipartRangeEnd,
  multipartRangeHead,
  multipartRangeLength,
  parseRange,
  unsatisfiedContentRange,
} from './range.ts';

type Pairs = 'none' | 'unsatisfiable' | readonly (readonly [number, number])[];

function select(set: string, length = 100, maxRanges?: number): Pairs {
  const selection =
    maxRanges === undefined
      ? parseRange(`bytes=${set}`, length)
      : parseRange(`bytes=${set}`, length, maxRanges);
  if (typeof selection === 'string') return selection;
  return selection.map((range) => [range.start, range.end] as const);
}

function check(rows: readonly (readonly [string, Pairs])[], length = 100): void {
  for (const [set, expected] of rows) {
    assert.deepEqual(select(set, length), expected, `${JSON.stringify(set)} of ${length}`);
  }
}

test('one range is cut to the representation', () => {
  check([
    ['0-0', [[0, 1]]],
    ['0-', [[0, 100]]],
    ['1-', [[1, 100]]],
    ['0-98', [[0, 99]]],
    ['0-99', [[0, 100]]],
    ['0-100', [[0, 100]]],
    ['99-99', [[99, 100]]],
    ['99-100', [[99, 100]]],
    ['99-', [[99, 100]]],
    ['50-50', [[50, 51]]],
    ['007-0009', [[7, 10]]],
  ]);
});

test('a suffix counts from the end and is at most everything', () => {
  check([
    ['-1', [[99, 100]]],
    ['-99', [[1, 100]]],
    ['-100', [[0, 100]]],
    ['-101', [[0, 100]]],
    ['-0', 'unsatisfiable'],
    ['-00', 'unsatisfiable'],
  ]);
});

test('ranges that begin past the end are unsatisfiable, unless another is not', () => {
  check([
    ['100-', 'unsatisfiable'],
    ['100-100', 'unsatisfiable'],
    ['101-200', 'unsatisfiable'],
    ['200-,300-', 'unsatisfiable'],
    ['200-,-0', 'unsatisfiable'],
    ['0-0,200-', [[0, 1]]],
    ['200-,-1', [[99, 100]]],
  ]);
});

test('numbers of any size are taken without loss of order', () => {
  const huge = '9'.repeat(400);
  check([
    ['9007199254740991-', 'unsatisfiable'],
    ['9007199254740992-', 'unsatisfiable'],
    ['9007199254740993-9007199254740992', 'unsatisfiable'],
    [`${huge}-`, 'unsatisfiable'],
    [`${huge}-${huge}`, 'unsatisfiable'],
    [`5-${huge}`, [[5, 100]]],
    [`-${huge}`, [[0, 100]]],
    [`${huge}-5`, 'none'],
    ['18446744073709551616-', 'unsatisfiable'],
    ['4294967296-4294967297', 'unsatisfiable'],
  ]);
  const big = Number.MAX_SAFE_INTEGER;
  assert.deepEqual(select('-1', big), [[big - 1, big]]);
  assert.deepEqual(select(`0-${huge}`, big), [[0, big]]);
});

test('an empty representation is sent whole where a range would begin at its first byte', () => {
  check(
    [
      ['0-', 'none'],
      ['0-0', 'none'],
      ['-1', 'none'],
      ['-0', 'none'],
      ['0-0,5-', 'none'],
      ['1-', 'unsatisfiable'],
      ['99-100', 'unsatisfiable'],
    ],
    0,
  );
  check(
    [
      ['0-', [[0, 1]]],
      ['-5', [[0, 1]]],
      ['1-', 'unsatisfiable'],
    ],
    1,
  );
});

test('several ranges keep their order, and lists may have blanks and empty members', () => {
  check([
    [
      '0-0,2-2',
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [
      '50-59,0-9',
      [
        [50, 60],
        [0, 10],
      ],
    ],
    [
      '0-0, 2-2',
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [
      '0-0\t,\t2-2 ',
      [
        [0, 1],
        [2, 3],
      ],
    ],
    [' 0-0', [[0, 1]]],
    ['0-0,', [[0, 1]]],
    [',0-0', [[0, 1]]],
    [
      '0-0,, ,1-1',
      [
        [0, 1],
        [1, 2],
      ],
    ],
    [
      '0-4,-5',
      [
        [0, 5],
        [95, 100],
      ],
    ],
  ]);
});

test('what is outside the grammar is ignored', () => {
  for (const bad of [
    '',
    ' ',
    ',',
    '-',
    '--1',
    '-1-2',
    'a',
    'abc',
    '+1-2',
    '-+1',
    '1',
    '1-2-3',
    '1 -2',
    '1- 2',
    '0 - 0',
    '0-0 1-1',
    '0-0;1-1',
    '0x0-1',
    '1e1-',
    '0x4',
    '0:4',
    '0 4',
    ':-',
    '0-:',
    '0-/',
    '1.0-2',
    '0-0,a',
    'a,0-0',
    '0-0,-',
    '5-2',
    '0-0,5-2',
    '1-0',
    '0-1\0',
    '\xa00-1',
    '0-1\v',
    '²-3',
    '0_0-1',
    '0-0,bytes=1-1',
    '=0-1',
  ]) {
    assert.equal(select(bad), 'none', JSON.stringify(bad));
  }
});

test('only the unit bytes is known, in any letter case', () => {
  for (const value of ['bytes=0-0', 'Bytes=0-0', 'BYTES=0-0']) {
    assert.deepEqual(parseRange(value, 100), [{ start: 0, end: 1 }], value);
  }
  for (const value of [
    '',
    'bytes',
    'bytes 0-0',
    'bytes =0-0',
    ' bytes=0-0',
    'byte=0-0',
    'items=0-0',
    'bytes:0-0',
    'none=0-0',
    '0-0',
  ]) {
    assert.equal(parseRange(value, 100), 'none', value);
  }
});

test('ranges that add up to more than the representation are ignored', () => {
  check([
    [
      '0-49,50-99',
      [
        [0, 50],
        [50, 100],
      ],
    ],
    [
      '0-49,49-98',
      [
        [0, 50],
        [49, 99],
      ],
    ],
    ['0-50,50-99', 'none'],
    ['0-99,0-0', 'none'],
    ['0-0,0-99', 'none'],
    [
      '0-0,0-0',
      [
        [0, 1],
        [0, 1],
      ],
    ],
    ['0-99,100-', [[0, 100]]],
    ['0-,0-,0-', 'none'],
  ]);
});

test('the number of ranges is limited, and a limit of 0 switches them off', () => {
  const ones = (count: number): string =>
    Array.from({ length: count }, (_, at) => `${at}-${at}`).join(',');
  const countOf = (count: number, limit?: number): number => {
    const selection = select(ones(count), 1_000_000, limit);
    return typeof selection === 'string' ? -1 : selection.length;
  };
  assert.equal(countOf(1, 0), -1);
  assert.equal(select('200-', 100, 0), 'none');
  assert.equal(countOf(1, 1), 1);
  assert.equal(countOf(2, 1), -1);
  assert.equal(countOf(2, 2), 2);
  assert.equal(countOf(3, 2), -1);
  assert.equal(countOf(DEFAULT_MAX_RANGES), DEFAULT_MAX_RANGES);
  assert.equal(countOf(DEFAULT_MAX_RANGES + 1), -1);
  assert.equal(countOf(DEFAULT_MAX_RANGES * 1000), -1);
  assert.equal(countOf(500, Infinity), 500);
  // Unsatisfiable ranges cost nothing and do not count.
  assert.deepEqual(select('200-,300-,0-0', 100, 1), [[0, 1]]);
  assert.deepEqual(select('0-0,200-', 100, 1), [[0, 1]]);
});

test('a malformed member spoils the set even after the limit is passed', () => {
  assert.equal(select('0-0,1-1,x', 100, 1), 'none');
  assert.equal(select('200-,x'), 'none');
});

test('arbitrary sets give ranges inside the representation, in total no longer than it', () => {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    fc.constantFrom('0', '1', '9', '-', ',', ' '),
    fc.constantFrom('0-', '5-9', '-3', ',', ', ', '99999999999999999999'),
  );
  fc.assert(
    fc.property(fc.string({ unit }), fc.nat(300), fc.nat(5), (set, length, limit) => {
      const selection = parseRange(`bytes=${set}`, length, limit);
      if (typeof selection === 'string') {
        if (limit === 0) assert.equal(selection, 'none');
        return;
      }
      let total = 0;
      assert.ok(selection.length > 0 && selection.length <= limit);
      for (const { start, end } of selection) {
        assert.ok(start >= 0 && start < end && end <= length);
        total += end - start;
      }
      assert.ok(total <= length);
    }),
    { numRuns: 500 },
  );
});

test('valid sets are read as they were meant', () => {
  const range = fc
    .tuple(fc.nat(120), fc.nat(120))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 4 }), (ranges) => {
      const wanted = ranges
        .filter(([first]) => first < 100)
        .map(([first, last]) => [first, Math.min(100, last + 1)] as const);
      const total = wanted.reduce((sum, [start, end]) => sum + end - start, 0);
      const expected = total > 100 ? 'none' : wanted.length === 0 ? 'unsatisfiable' : wanted;
      assert.deepEqual(select(ranges.map(([a, b]) => `${a}-${b}`).join(', ')), expected);
    }),
  );
});

test('Content-Range names the last byte and the length', () => {
  assert.equal(contentRange({ start: 0, end: 1 }, 1), 'bytes 0-0/1');
  assert.equal(contentRange({ start: 5, end: 100 }, 100), 'bytes 5-99/100');
  assert.equal(unsatisfiedContentRange(0), 'bytes */0');
  assert.equal(unsatisfiedContentRange(Number.MAX_SAFE_INTEGER), 'bytes */9007199254740991');
});

test('a multipart body has the length that is announced', () => {
  const content = '0123456789';
  const ranges = [
    { start: 0, end: 1 },
    { start: 3, end: 10 },
  ];
  for (const type of ['text/plain; charset=utf-8', null]) {
    let body = '';
    for (const range of ranges) {
      body += multipartRangeHead('b0', type, range, 10) + content.slice(range.start, range.end);
    }
    body += multipartRangeEnd('b0');
    assert.equal(multipartRangeLength('b0', type, ranges, 10), body.length);
    const header = type === null ? '' : `Content-Type: ${type}\r\n`;
    assert.equal(
      body,
      `\r\n--b0\r\n${header}Content-Range: bytes 0-0/10\r\n\r\n0` +
        `\r\n--b0\r\n${header}Content-Range: bytes 3-9/10\r\n\r\n3456789\r\n--b0--\r\n`,
    );
  }
});

test('a boundary has 20 digits whatever was drawn', () => {
  for (const drawn of [0, 0.5, 1 - Number.EPSILON / 2]) {
    assert.match(
      multipartRangeBoundary(() => drawn),
      /^\d{20}$/,
    );
  }
  assert.notEqual(
    multipartRangeBoundary(() => 0.1),
    multipartRangeBoundary(() => 0.2),
  );
});
