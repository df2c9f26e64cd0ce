import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  checkSeat,
  checkThreads,
  GENERATION_MAX,
  MAIN_SEAT,
  nextGeneration,
  seatWord,
  THREADS_MAX,
} from './seat.ts';

test('the words of seats differ from each other and from 0, up to the last thread and generation', () => {
  const words = new Set([0, seatWord(MAIN_SEAT)]);
  const threads = [1, 2, THREADS_MAX];
  const generations = [1, 2, 0x7f_ffff, 0x80_0000, GENERATION_MAX];
  for (const thread of threads)
    for (const generation of generations) words.add(seatWord({ thread, generation }));
  assert.equal(words.size, 2 + threads.length * generations.length);
  assert.ok([...words].every((word) => word === (word | 0)));
});

test('after the last generation the first comes again, never 0', () => {
  assert.equal(nextGeneration(1), 2);
  assert.equal(nextGeneration(GENERATION_MAX - 1), GENERATION_MAX);
  assert.equal(nextGeneration(GENERATION_MAX), 1);
});

test('a zone has 1 to 254 threads', () => {
  for (const threads of [1, THREADS_MAX]) checkThreads(threads);
  for (const threads of [0, THREADS_MAX + 1, 1.5, NaN])
    assert.throws(() => {
      checkThreads(threads);
    }, RangeError);
});

test('a seat is one of the threads of the zone and a generation, or the main thread', () => {
  checkSeat(MAIN_SEAT, 2);
  checkSeat({ thread: 2, generation: GENERATION_MAX }, 2);
  for (const [thread, generation] of [
    [3, 1],
    [0, 1],
    [1, 0],
    [1, GENERATION_MAX + 1],
    [-1, 1],
    [1.5, 1],
    [1, NaN],
  ] as const)
    assert.throws(() => {
      checkSeat({ thread, generation }, 2);
    }, RangeError);
});
