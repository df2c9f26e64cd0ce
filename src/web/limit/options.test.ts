import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolve } from '../../schema/index.ts';
import { RATE_MAX } from '../../zone/index.ts';
import { inheritLimits, limitOptions, NO_LIMITS } from './options.ts';

const PLACE = { directory: '/' };

test('a burst is at most what a zone can count', () => {
  const read = (burst: number): boolean => {
    const options = { limitRequests: [{ zone: 'a', burst }] };
    const { problems } = resolve(limitOptions, options, PLACE);
    return problems?.every(({ code }) => code !== 'out-of-range') ?? true;
  };
  assert.deepEqual([read(RATE_MAX), read(RATE_MAX + 1)], [true, false]);
});

test('what nothing is said of is inherited whole, and one kind apart from the other', () => {
  const { model: nothing } = resolve(limitOptions, {}, PLACE);
  assert.ok(nothing !== undefined);
  assert.deepEqual(inheritLimits(NO_LIMITS, nothing), NO_LIMITS);
  const { model } = resolve(
    limitOptions,
    { limitStatus: { requests: 429 }, limitDryRun: true },
    PLACE,
  );
  assert.ok(model !== undefined);
  assert.deepEqual(inheritLimits(NO_LIMITS, model), {
    ...NO_LIMITS,
    limitStatus: { requests: 429, connections: 503 },
    limitDryRun: { requests: true, connections: true },
  });
});
