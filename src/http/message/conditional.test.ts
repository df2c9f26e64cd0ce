import assert from 'node:assert/strict';
import { test } from 'node:test';

import { evaluatePreconditions, rangeApplies } from './conditional.ts';
import type { PreconditionOutcome, Validators } from './conditional.ts';
import { formatHttpDate } from './date.ts';

const NOW = 1_800_000_000;
const MODIFIED = 1_700_000_000;
const CURRENT: Validators = { etag: '"v2"', lastModified: MODIFIED };
const WEAK: Validators = { etag: 'W/"v2"', lastModified: MODIFIED };
const BARE: Validators = { etag: null, lastModified: -1 };

interface Given {
  readonly ifMatch?: string;
  readonly ifUnmodifiedSince?: string;
  readonly ifNoneMatch?: string;
  readonly ifModifiedSince?: string;
}

function outcome(
  method: string,
  given: Given,
  current: Validators | null = CURRENT,
  rule?: 'exact' | 'before',
): PreconditionOutcome {
  const fields = {
    ifMatch: given.ifMatch ?? null,
    ifUnmodifiedSince: given.ifUnmodifiedSince ?? null,
    ifNoneMatch: given.ifNoneMatch ?? null,
    ifModifiedSince: given.ifModifiedSince ?? null,
  };
  return rule === undefined
    ? evaluatePreconditions(method, fields, current, NOW)
    : evaluatePreconditions(method, fields, current, NOW, rule);
}

test('the whole matrix of fields, matching or not, and methods follows the order of the RFC', () => {
  // For each field: absent, its condition true, its condition false.
  const states = ['absent', 'true', 'false'] as const;
  const tag = { absent: undefined, true: '"v2"', false: '"v1"' };
  const noneTag = { absent: undefined, true: '"v1"', false: '"v2"' };
  const unmodified = {
    absent: undefined,
    true: formatHttpDate(MODIFIED),
    false: formatHttpDate(MODIFIED - 1),
  };
  const modified = {
    absent: undefined,
    true: formatHttpDate(MODIFIED - 1),
    false: formatHttpDate(MODIFIED),
  };
  let cases = 0;
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'get']) {
    const reads = method === 'GET' || method === 'HEAD';
    for (const match of states) {
      for (const since of states) {
        for (const none of states) {
          for (const changed of states) {
            const given: Record<string, string> = {};
            if (tag[match] !== undefined) given['ifMatch'] = tag[match];
            if (unmodified[since] !== undefined) given['ifUnmodifiedSince'] = unmodified[since];
            if (noneTag[none] !== undefined) given['ifNoneMatch'] = noneTag[none];
            if (modified[changed] !== undefined) given['ifModifiedSince'] = modified[changed];
            let expected: PreconditionOutcome = 'proceed';
            if (match === 'false' || (match === 'absent' && since === 'false')) {
              expected = 'precondition-failed';
            } else if (none === 'false') {
              expected = reads ? 'not-modified' : 'precondition-failed';
            } else if (none === 'absent' && changed === 'false' && reads) {
              expected = 'not-modified';
            }
            const label = `${method} ${match} ${since} ${none} ${changed}`;
            assert.equal(outcome(method, given), expected, label);
            cases++;
          }
        }
      }
    }
  }
  assert.equal(cases, 6 * 81);
});

test('If-Match compares strongly, If-None-Match weakly', () => {
  assert.equal(outcome('PUT', { ifMatch: '"v2"' }, WEAK), 'precondition-failed');
  assert.equal(outcome('PUT', { ifMatch: 'W/"v2"' }, WEAK), 'precondition-failed');
  assert.equal(outcome('PUT', { ifMatch: 'W/"v2"' }, CURRENT), 'precondition-failed');
  assert.equal(outcome('GET', { ifNoneMatch: '"v2"' }, WEAK), 'not-modified');
  assert.equal(outcome('GET', { ifNoneMatch: 'W/"v2"' }, CURRENT), 'not-modified');
  assert.equal(outcome('GET', { ifNoneMatch: 'W/"v2"' }, WEAK), 'not-modified');
});

test('a star matches whatever exists, and nothing before there is a representation', () => {
  for (const current of [CURRENT, WEAK, BARE]) {
    assert.equal(outcome('PUT', { ifMatch: '*' }, current), 'proceed');
    assert.equal(outcome('PUT', { ifNoneMatch: '*' }, current), 'precondition-failed');
    assert.equal(outcome('GET', { ifNoneMatch: '*' }, current), 'not-modified');
  }
  assert.equal(outcome('PUT', { ifMatch: '*' }, null), 'precondition-failed');
  assert.equal(outcome('PUT', { ifMatch: '"v2"' }, null), 'precondition-failed');
  assert.equal(outcome('PUT', { ifNoneMatch: '*' }, null), 'proceed');
  assert.equal(outcome('PUT', { ifNoneMatch: '"v2"' }, null), 'proceed');
  assert.equal(outcome('PUT', { ifUnmodifiedSince: formatHttpDate(0) }, null), 'proceed');
  assert.equal(outcome('GET', { ifModifiedSince: formatHttpDate(NOW) }, null), 'proceed');
});

test('malformed tags match nothing', () => {
  for (const bad of ['', 'v2', '"v2', 'w/"v2"', '"v2"x', "'v2'"]) {
    assert.equal(outcome('PUT', { ifMatch: bad }), 'precondition-failed', bad);
    assert.equal(outcome('GET', { ifNoneMatch: bad }), 'proceed', bad);
  }
  // The field is there all the same, so its date partner is not looked at.
  const since = formatHttpDate(MODIFIED);
  assert.equal(outcome('GET', { ifNoneMatch: 'v2', ifModifiedSince: since }), 'proceed');
});

test('unreadable dates and unknown modification dates switch the date fields off', () => {
  for (const bad of ['', 'yesterday', '0', formatHttpDate(MODIFIED).toLowerCase()]) {
    assert.equal(outcome('GET', { ifModifiedSince: bad }), 'proceed', bad);
    assert.equal(outcome('PUT', { ifUnmodifiedSince: bad }), 'proceed', bad);
  }
  assert.equal(outcome('GET', { ifModifiedSince: formatHttpDate(NOW) }, BARE), 'proceed');
  assert.equal(outcome('PUT', { ifUnmodifiedSince: formatHttpDate(0) }, BARE), 'proceed');
  assert.equal(
    outcome('PUT', { ifUnmodifiedSince: 'Fri, 01 Jan 1960 00:00:00 GMT' }),
    'precondition-failed',
  );
});

test('a file from before 1970 is no exception', () => {
  const old: Validators = { etag: null, lastModified: -86_400 };
  const date = 'Wed, 31 Dec 1969 00:00:00 GMT';
  assert.equal(outcome('GET', { ifModifiedSince: date }, old), 'not-modified');
  assert.equal(outcome('GET', { ifModifiedSince: 'yesterday' }, old), 'proceed');
  assert.equal(outcome('PUT', { ifUnmodifiedSince: date }, old), 'proceed');
  assert.equal(rangeApplies('yesterday', old, NOW), false);
});

test('If-Modified-Since is by default any date from the modification on, or exact', () => {
  const rows: readonly (readonly [number, PreconditionOutcome, PreconditionOutcome])[] = [
    [MODIFIED - 1, 'proceed', 'proceed'],
    [MODIFIED, 'not-modified', 'not-modified'],
    [MODIFIED + 1, 'not-modified', 'proceed'],
    [NOW + 1, 'not-modified', 'proceed'],
  ];
  for (const method of ['GET', 'HEAD']) {
    for (const [date, before, exact] of rows) {
      const given = { ifModifiedSince: formatHttpDate(date) };
      assert.equal(outcome(method, given), before);
      assert.equal(outcome(method, given, CURRENT, 'before'), before);
      assert.equal(outcome(method, given, CURRENT, 'exact'), exact);
    }
  }
});

test('If-Unmodified-Since holds from the modification on', () => {
  const at = (date: number): PreconditionOutcome =>
    outcome('DELETE', { ifUnmodifiedSince: formatHttpDate(date) });
  assert.equal(at(MODIFIED - 1), 'precondition-failed');
  assert.equal(at(MODIFIED), 'proceed');
  assert.equal(at(MODIFIED + 1), 'proceed');
});

test('If-Range lets a range through for the same strong tag or the very date', () => {
  assert.equal(rangeApplies(null, CURRENT, NOW), true);
  assert.equal(rangeApplies(null, BARE, NOW), true);
  assert.equal(rangeApplies('"v2"', CURRENT, NOW), true);
  assert.equal(rangeApplies(formatHttpDate(MODIFIED), CURRENT, NOW), true);
  assert.equal(rangeApplies(formatHttpDate(MODIFIED), WEAK, NOW), true);
  for (const value of [
    '"v1"',
    'W/"v2"',
    '"v2", "v3"',
    '"v2',
    '"v2" ',
    '*',
    '',
    'v2',
    formatHttpDate(MODIFIED - 1),
    formatHttpDate(MODIFIED + 1),
    'yesterday',
  ]) {
    assert.equal(rangeApplies(value, CURRENT, NOW), false, value);
  }
  for (const value of ['"v2"', 'W/"v2"']) assert.equal(rangeApplies(value, WEAK, NOW), false);
  for (const value of ['"v2"', 'W/"v2"', formatHttpDate(MODIFIED), 'yesterday', '']) {
    assert.equal(rangeApplies(value, BARE, NOW), false, value);
  }
});
