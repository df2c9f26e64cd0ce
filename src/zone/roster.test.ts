import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Roster } from './roster.ts';
import { MAIN_SEAT } from './seat.ts';

function rosterOf(): Roster {
  return new Roster(new Int32Array(new SharedArrayBuffer(16)), 1);
}

test('a seat is for one generation until that one left', () => {
  const roster = rosterOf();
  roster.take({ thread: 1, generation: 7 });
  roster.take({ thread: 1, generation: 7 });
  assert.throws(() => {
    roster.take({ thread: 1, generation: 8 });
  }, /generation 8 comes before generation 7 was repaired/);
  assert.ok(roster.has(1, 7));
  roster.leave(1, 6);
  assert.ok(roster.has(1, 7));
  roster.leave(1, 7);
  assert.ok(!roster.has(1, 7));
  roster.take({ thread: 1, generation: 8 });
  assert.ok(roster.has(1, 8));
});

test('the main thread is never entered, and an empty seat is nobody', () => {
  const roster = rosterOf();
  roster.take(MAIN_SEAT);
  assert.ok(roster.isEmpty(2));
  assert.ok(!roster.has(1, 0));
  assert.ok(!roster.has(0, 0));
  roster.take({ thread: 2, generation: 1 });
  assert.ok(!roster.isEmpty(2));
});
