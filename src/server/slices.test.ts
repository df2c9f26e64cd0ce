import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inSlices } from './slices.ts';

/** Does `count` steps that each take `cost` ms; tells how many of them were done at each turn of the loop. */
async function turnsOf(count: number, cost: number): Promise<readonly number[]> {
  let time = 1000;
  let done = 0;
  let pending = true;
  const seen: number[] = [];
  const work = inSlices(
    Array.from({ length: count }, (_, index) => index),
    (item) => {
      assert.equal(item, done, 'items come in order, each once');
      done++;
      time += cost;
    },
    () => time,
  ).finally(() => {
    pending = false;
  });
  await new Promise<void>((resolve) => {
    const look = (): void => {
      seen.push(done);
      setImmediate(() => {
        if (pending) look();
        else resolve();
      });
    };
    look();
  });
  await work;
  assert.equal(done, count);
  return seen;
}

test('no items need no turn', async () => {
  assert.deepEqual(await turnsOf(0, 1), [0]);
});

test('work below one slice is done at once', async () => {
  assert.deepEqual(await turnsOf(4, 1), [4]);
});

test('the loop turns after each 5 ms of work', async () => {
  const seen = await turnsOf(12, 1);
  assert.deepEqual([...new Set(seen)], [5, 10]);
});

test('a step that alone takes longer than a slice is followed by a turn', async () => {
  assert.deepEqual([...new Set(await turnsOf(3, 6))], [1, 2, 3]);
});

test('an error of a step ends the work and reaches the caller', async () => {
  let steps = 0;
  await assert.rejects(
    inSlices(
      [1, 2, 3],
      () => {
        if (++steps === 2) throw new RangeError('no');
      },
      () => 0,
    ),
    RangeError,
  );
  assert.equal(steps, 2);
});
