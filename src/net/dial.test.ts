import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines, type Fault, ManualClock, MemoryBudget } from '../base/index.ts';
import { Dial } from './dial.ts';
import { TurnClock } from './turn-clock.ts';
import { Turn } from './turn.ts';

// What happens before the event loop comes round needs no peer: nothing listens on this path.
const NOWHERE = { kind: 'unix', path: '/nowhere/daemun.sock' } as const;

function bench() {
  const clock = new ManualClock();
  const deadlines = new Deadlines();
  const defects: unknown[] = [];
  const faults: Fault[] = [];
  const turn = new Turn(new TurnClock(clock), (error) => defects.push(error));
  const thread = { turn, clock, deadlines, budget: new MemoryBudget(1000) };
  const dial = new Dial(NOWHERE, 1000, thread, {
    onConnected: () => assert.fail('connected to nothing'),
    onDialFailed: (fault) => faults.push(fault),
  });
  return { clock, deadlines, defects, faults, dial };
}

test('a dial that takes longer than its timeout is given up with 504, once, and not a moment before', async () => {
  const { clock, deadlines, faults } = bench();
  clock.advance(999);
  deadlines.sweep(clock.monotonic());
  assert.equal(faults.length, 0);
  clock.advance(1);
  deadlines.sweep(clock.monotonic());
  assert.equal(faults[0]?.kind.code, 'dial-timeout');
  assert.equal(faults[0].kind.status, 504);
  assert.equal(faults[0].stage, 'connect');
  assert.equal(faults[0].detail, '1000 ms');
  assert.equal(deadlines.size, 0);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(faults.length, 1);
});

test('a dial to nobody is refused with 502', async () => {
  const { deadlines, faults, defects } = bench();
  while (faults.length === 0) await new Promise((resolve) => setImmediate(resolve)); // oxlint-disable-line no-await-in-loop -- it waits
  assert.equal(faults[0]?.kind.code, 'dial-refused');
  assert.equal(faults[0].kind.status, 502);
  assert.equal(faults[0].detail, 'ENOENT');
  assert.equal(deadlines.size, 0);
  assert.deepEqual(defects, []);
});

test('a dial that nobody wants any more tells nothing', async () => {
  const { deadlines, faults, dial } = bench();
  dial.cancel();
  dial.cancel();
  assert.equal(deadlines.size, 0);
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(faults.length, 0);
});
