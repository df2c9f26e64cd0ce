import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock, MemoryBudget } from '../../base/index.ts';
import { h1TestSettings } from '../../../test/conformance/h1-front.ts';
import { ServerWatch } from './server-watch.ts';

function watchOf(minimumSendRate: number): { clock: ManualClock; watch: ServerWatch } {
  const clock = new ManualClock(0);
  const settings = h1TestSettings({ onExchange: () => {} }, clock, new MemoryBudget(1), []);
  const watch = new ServerWatch({ ...settings, sendTimeout: 1000, minimumSendRate });
  return { clock, watch };
}

// The system takes the next piece as soon as the one before has gone, and is full again: a client that takes one
// small piece at the end of each wait would otherwise have a new wait every time.
test('a client that never takes all is waited for once, in however many pieces it gets it', () => {
  const { clock, watch } = watchOf(100);
  watch.blockedWith(10);
  watch.added(500);
  clock.advance(999);
  watch.blockedWith(500);
  assert.equal(watch.deadline, 1000);
  watch.added(100);
  clock.advance(1);
  assert.equal(watch.stillBlocked(511, 1000), '99 bytes taken in 1000 ms, 511 queued');
  assert.equal(watch.stillBlocked(510, 1000), null);
  assert.equal(watch.deadline, 2000);
});

test('what was taken before does not count for the next wait', () => {
  const { clock, watch } = watchOf(100);
  watch.blockedWith(1000);
  clock.advance(1000);
  assert.equal(watch.stillBlocked(100, 1000), null);
  assert.equal(watch.stillBlocked(1, 2000), '99 bytes taken in 1000 ms, 1 queued');
});

test('a client that took all is waited for anew', () => {
  const { clock, watch } = watchOf(100);
  watch.blockedWith(10);
  clock.advance(999);
  watch.flushed();
  assert.equal(watch.deadline, Number.POSITIVE_INFINITY);
  watch.added(50);
  watch.blockedWith(50);
  assert.equal(watch.deadline, 1999);
});
