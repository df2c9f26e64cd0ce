import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines, NEVER, type Deadlined } from './deadlines.ts';

class Waiter implements Deadlined {
  deadline: number;
  readonly fired: number[] = [];
  constructor(deadline: number) {
    this.deadline = deadline;
  }
  onDeadline(now: number): void {
    this.fired.push(now);
  }
}

test('a deadline fires at its time and not a millisecond before', () => {
  const deadlines = new Deadlines();
  const waiter = new Waiter(100);
  deadlines.add(waiter);
  deadlines.sweep(99);
  assert.deepEqual(waiter.fired, []);
  deadlines.sweep(100);
  assert.deepEqual(waiter.fired, [100]);
});

test('a deadline that fired does not fire again until it is set again', () => {
  const deadlines = new Deadlines();
  const waiter = new Waiter(100);
  deadlines.add(waiter);
  deadlines.sweep(100);
  deadlines.sweep(1e9);
  assert.deepEqual(waiter.fired, [100]);
  assert.equal(waiter.deadline, NEVER);
  waiter.deadline = 2e9;
  deadlines.sweep(2e9);
  assert.deepEqual(waiter.fired, [100, 2e9]);
});

test('a removed waiter is not swept, also when another removes it during the sweep', () => {
  const deadlines = new Deadlines();
  const second = new Waiter(1);
  const first: Deadlined = {
    deadline: 1,
    onDeadline: () => {
      deadlines.remove(second);
    },
  };
  deadlines.add(first);
  deadlines.add(second);
  deadlines.sweep(5);
  assert.deepEqual(second.fired, []);
  assert.equal(deadlines.size, 1);
});

test('one waiter that throws does not keep the others from their deadline', () => {
  const deadlines = new Deadlines();
  deadlines.add({
    deadline: 1,
    onDeadline: () => {
      throw new Error('broken');
    },
  });
  const other = new Waiter(1);
  deadlines.add(other);
  assert.throws(() => {
    deadlines.sweep(2);
  }, AggregateError);
  assert.deepEqual(other.fired, [2]);
});
