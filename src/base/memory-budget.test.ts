import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBudget } from './memory-budget.ts';

test('the budget is exhausted at its limit, not one byte before', () => {
  const budget = new MemoryBudget(100);
  budget.take(99);
  assert.equal(budget.exhausted, false);
  budget.take(1);
  assert.equal(budget.exhausted, true);
  assert.equal(budget.held, 100);
});

test('those that wait are woken once, when an eighth of the budget is free', () => {
  const budget = new MemoryBudget(80);
  let woken = 0;
  budget.take(100);
  budget.onRelief(() => woken++);
  budget.give(29);
  assert.equal(woken, 0);
  budget.give(1);
  assert.equal(woken, 1);
  budget.give(70);
  assert.equal(woken, 1);
});

test('one that takes again and waits again while being woken is not lost', () => {
  const budget = new MemoryBudget(8);
  let woken = 0;
  budget.take(8);
  budget.onRelief(() => {
    woken++;
    budget.take(8);
    budget.onRelief(() => woken++);
  });
  budget.give(8);
  assert.equal(woken, 1);
  budget.give(8);
  assert.equal(woken, 2);
});
