import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../base/index.ts';
import { LogTime } from './log-time.ts';

const NOON = Date.UTC(2026, 10, 20, 12, 0, 0);

test('the three forms are those of nginx', () => {
  const time = new LogTime(new ManualClock(NOON), () => 0);
  assert.equal(time.local(), '20/Nov/2026:12:00:00 +0000');
  assert.equal(time.iso(), '2026-11-20T12:00:00+00:00');
  assert.equal(time.stamp(), '2026/11/20 12:00:00');
});

test('local time may be ahead of UTC or behind it, by parts of an hour, over the end of a year', () => {
  const clock = new ManualClock(Date.UTC(2026, 0, 1, 2, 3, 4, 999));
  assert.equal(new LogTime(clock, () => 330).local(), '01/Jan/2026:07:33:04 +0530');
  assert.equal(new LogTime(clock, () => -210).iso(), '2025-12-31T22:33:04-03:30');
});

test('the text changes with the second and is made once for it', () => {
  const clock = new ManualClock(NOON);
  let asked = 0;
  const time = new LogTime(clock, () => {
    asked++;
    return 0;
  });
  time.local();
  clock.advance(999);
  assert.equal(time.local(), '20/Nov/2026:12:00:00 +0000');
  assert.equal(asked, 1);
  clock.advance(1);
  assert.equal(time.stamp(), '2026/11/20 12:00:01');
  assert.equal(time.iso(), '2026-11-20T12:00:01+00:00');
  assert.equal(asked, 2);
});

test('the summer time of a zone is looked at again each second', () => {
  const clock = new ManualClock(NOON);
  const time = new LogTime(clock, (wall) => (wall > NOON ? 120 : 60));
  assert.equal(time.local(), '20/Nov/2026:13:00:00 +0100');
  clock.advance(1000);
  assert.equal(time.local(), '20/Nov/2026:14:00:01 +0200');
});
