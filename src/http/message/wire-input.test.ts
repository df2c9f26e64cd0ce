import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBudget } from '../../base/index.ts';
import { MemoryWire } from '../../../test/conformance/memory-wire.ts';
import { WireInput } from './wire-input.ts';

function open(limit = 100): {
  input: WireInput;
  wire: MemoryWire;
  budget: MemoryBudget;
  owner: { onRelief: () => void };
  told: () => number;
} {
  const wire = new MemoryWire();
  const budget = new MemoryBudget(limit);
  let told = 0;
  const owner = {
    onRelief: (): void => {
      told++;
    },
  };
  return { input: new WireInput(wire, budget), wire, budget, owner, told: () => told };
}

test('the budget is charged with what is held now, and with nothing of what was', () => {
  const { input, budget } = open();
  for (const bytes of [0, 5, 5, 70, 3, 0]) {
    input.hold(bytes);
    assert.equal(budget.held, bytes);
  }
});

test('where memory is used up nothing is read until there is some, which is told once', () => {
  const { input, wire, budget, owner, told } = open();
  budget.take(100);
  input.resumeWithin(owner);
  input.resumeWithin(owner);
  assert.equal(wire.paused, true);
  assert.equal(input.waits, true);
  budget.give(50);
  assert.equal(told(), 1);
  assert.equal(input.waits, false);
  assert.equal(wire.paused, true, 'the owner decides whether to read on');
  input.resumeWithin(owner);
  assert.equal(wire.paused, false);
});

test('a wire that is gone is neither stopped nor started', () => {
  for (const paused of [false, true]) {
    const { input, wire, budget, owner } = open();
    if (paused) input.pause();
    input.hold(9);
    input.close();
    input.resume();
    assert.equal(wire.paused, paused);
    input.pause();
    assert.equal(wire.paused, paused);
    input.resumeWithin(owner);
    assert.equal(wire.paused, paused);
    assert.equal(budget.held, 9, 'what is held may still be read');
  }
});
