import assert from 'node:assert/strict';
import { hrtime } from 'node:process';
import { test } from 'node:test';
import { machineClock } from './machine-clock.ts';

test('it is the monotonic clock of the machine, whenever it was made', () => {
  const before = Number(hrtime.bigint()) / 1e6;
  const first = machineClock();
  const second = machineClock();
  const readings = [first.monotonic(), second.monotonic()];
  const after = Number(hrtime.bigint()) / 1e6;
  // The reading at its making is not at one instant with the other clock's.
  for (const reading of readings) assert.ok(reading >= before - 5 && reading <= after + 5);
});
