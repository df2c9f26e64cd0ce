import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { threadAlarm } from './alarm.ts';

test('an alarm rings at its time, not before, and not once it was taken back', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => {
    mock.timers.reset();
  });
  const rung: string[] = [];
  threadAlarm(10, () => rung.push('first'));
  const stop = threadAlarm(10, () => rung.push('second'));
  stop();
  mock.timers.tick(9);
  assert.deepEqual(rung, []);
  mock.timers.tick(1);
  assert.deepEqual(rung, ['first']);
});

test('a time that is longer than what a timer takes is waited for in parts', (t) => {
  mock.timers.enable({ apis: ['setTimeout'] });
  t.after(() => {
    mock.timers.reset();
  });
  const longest = 2 ** 31 - 1;
  let rung = 0;
  threadAlarm(longest + 5, () => rung++);
  const stop = threadAlarm(longest + 5, () => rung++);
  mock.timers.tick(longest);
  mock.timers.tick(4);
  assert.equal(rung, 0);
  stop();
  mock.timers.tick(1);
  assert.equal(rung, 1);
});
