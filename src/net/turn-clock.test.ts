import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../base/index.ts';
import { Turn } from './turn.ts';
import { TurnClock } from './turn-clock.ts';

test('time stands still within a turn and goes on between turns', () => {
  const source = new ManualClock(5000);
  const clock = new TurnClock(source);
  const turn = new Turn(clock, assert.ifError);
  turn.enter();
  assert.deepEqual([clock.monotonic(), clock.wall()], [0, 5000]);
  source.advance(10);
  assert.deepEqual([clock.monotonic(), clock.wall()], [0, 5000]);
  turn.enter();
  assert.equal(clock.monotonic(), 0, 'a nested turn is the same turn');
  turn.leave();
  assert.equal(clock.monotonic(), 0);
  turn.leave();
  assert.deepEqual([clock.monotonic(), clock.wall()], [10, 5010]);
  source.advance(1);
  assert.equal(clock.monotonic(), 11);
  turn.enter();
  assert.equal(clock.monotonic(), 11);
  turn.leave();
});

test('what is flushed at the end of a turn sees the time of the turn', () => {
  const source = new ManualClock();
  const clock = new TurnClock(source);
  const turn = new Turn(clock, assert.ifError);
  const seen: number[] = [];
  turn.enter();
  clock.monotonic();
  source.advance(7);
  turn.add({ flush: () => seen.push(clock.monotonic()) });
  turn.leave();
  assert.deepEqual(seen, [0]);
});

test('an error while flushing is reported, and the others are flushed all the same', () => {
  const errors: unknown[] = [];
  const turn = new Turn(new TurnClock(new ManualClock()), (error) => errors.push(error));
  const flushed: string[] = [];
  turn.enter();
  turn.add({
    flush: () => {
      throw new Error('broken');
    },
  });
  turn.add({
    flush: () => {
      flushed.push('second');
      if (flushed.length < 3) turn.add({ flush: () => flushed.push('added while flushing') });
    },
  });
  turn.leave();
  assert.equal(errors.length, 1);
  assert.deepEqual(flushed, ['second', 'added while flushing']);
});
