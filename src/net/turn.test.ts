import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../base/index.ts';
import { type Flushable, Turn } from './turn.ts';
import { TurnClock } from './turn-clock.ts';

function newTurn(): Turn {
  return new Turn(new TurnClock(new ManualClock(0)), (error) => assert.fail(String(error)));
}

test('a connection that always has more to send does not keep the others waiting', async () => {
  const turn = newTurn();
  let flushes = 0;
  const busy: Flushable = {
    flush: () => {
      if (++flushes < 100_000) turn.add(busy);
    },
  };
  turn.enter();
  turn.add(busy);
  turn.leave();
  assert.ok(flushes < 100, `${flushes} flushes in one turn`);
  const before = flushes;
  await new Promise((resolve) => setImmediate(resolve));
  await new Promise((resolve) => setImmediate(resolve));
  assert.ok(flushes > before, 'it goes on by itself');
  assert.ok(flushes < 1000, 'and lets the event loop go on in between');
  busy.flush = () => {};
});

test('what is put off does not hold back what others have to send in the next turn', async () => {
  const turn = newTurn();
  let more = true;
  const busy: Flushable = {
    flush: () => {
      if (more) turn.add(busy);
    },
  };
  let flushed = false;
  turn.enter();
  turn.add(busy);
  turn.leave();
  turn.enter();
  turn.add({ flush: () => (flushed = true) });
  turn.leave();
  assert.equal(flushed, true);
  more = false;
  await new Promise((resolve) => setImmediate(resolve));
});

test('what a flush adds leaves in the same turn, a few times over', () => {
  const turn = newTurn();
  let flushes = 0;
  const pipelined: Flushable = {
    flush: () => {
      if (++flushes < 4) turn.add(pipelined);
    },
  };
  turn.enter();
  turn.add(pipelined);
  turn.leave();
  assert.equal(flushes, 4);
});

test('what an event throws in its own turn is reported, what was written before leaves, and the next turn flushes', () => {
  const told: unknown[] = [];
  const turn = new Turn(new TurnClock(new ManualClock(0)), (error) => told.push(error));
  let flushes = 0;
  const item: Flushable = { flush: () => flushes++ };
  const thrown = new Error('of a handler');
  turn.run(() => {
    turn.add(item);
    throw thrown;
  });
  assert.deepEqual([told, flushes], [[thrown], 1]);
  turn.run(() => {
    turn.add(item);
    assert.equal(flushes, 1);
  });
  assert.deepEqual([told.length, flushes], [1, 2]);
});
