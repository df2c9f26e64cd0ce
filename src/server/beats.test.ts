import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BEAT_MS, createBeats, Heart, pulseOf } from './beats.ts';

test('a thread that has not begun has no pulse, and others do not disturb it', () => {
  const beats = createBeats(2);
  new Heart(beats, 1, 1000).beat(1250);
  assert.equal(pulseOf(beats, 2, 9000), null);
  assert.deepEqual(pulseOf(beats, 1, 1250), { stall: 0, longest: 0 });
});

for (const [late, stall] of [
  [0, 0],
  [BEAT_MS, 0],
  [BEAT_MS + 1, BEAT_MS + 1],
  [10_000, 10_000],
] as const)
  test(`a beat that is ${late} ms late is a stall of ${stall} ms`, () => {
    const beats = createBeats(1);
    assert.ok(new Heart(beats, 1, 1000));
    assert.deepEqual(pulseOf(beats, 1, 1000 + BEAT_MS + late), { stall, longest: stall });
  });

test('the longest stall is remembered for a while after the thread goes on', () => {
  const beats = createBeats(1);
  const heart = new Heart(beats, 1, 0);
  heart.beat(BEAT_MS + 700);
  heart.beat(2 * BEAT_MS + 700);
  assert.deepEqual(pulseOf(beats, 1, 2 * BEAT_MS + 700), { stall: 0, longest: 700 });
  let now = 2 * BEAT_MS + 700;
  const seen: number[] = [];
  for (let i = 0; i < 60; i++) {
    now += BEAT_MS;
    heart.beat(now);
    seen.push(pulseOf(beats, 1, now)?.longest ?? -1);
  }
  assert.equal(seen[20], 700);
  assert.equal(seen.at(-1), 0);
});

test('a replacement begins with a pulse of its own', () => {
  const beats = createBeats(1);
  new Heart(beats, 1, 0).beat(20_000);
  assert.ok(new Heart(beats, 1, 21_000));
  assert.deepEqual(pulseOf(beats, 1, 21_000), { stall: 0, longest: 0 });
});
