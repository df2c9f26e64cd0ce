import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackOff } from './back-off.ts';

test('what fails once is tried again at once, what fails again and again ever later, to a limit', () => {
  let now = 0;
  const backOff = new BackOff(() => now);
  const waits: number[] = [];
  for (let i = 0; i < 12; i++) {
    const wait = backOff.failed();
    waits.push(wait);
    now += wait;
  }
  assert.deepEqual(
    waits,
    [0, 100, 200, 400, 800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000],
  );
});

test('what went well for a while fails as if for the first time', () => {
  let now = 0;
  const backOff = new BackOff(() => now);
  assert.deepEqual([backOff.failed(), backOff.failed(), backOff.failed()], [0, 100, 200]);
  // The wait of the last failure is not time in which it went well.
  now += 10_400;
  assert.equal(backOff.failed(), 400);
  now += 10_801;
  assert.equal(backOff.failed(), 0);
});
