import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LogLoss } from './log-loss.ts';

/** At which of so many intervals something is told, and how many lines, where one is lost in each. */
function tellings(loss: LogLoss, intervals: number): readonly [number, number][] {
  const told: [number, number][] = [];
  for (let interval = 1; interval <= intervals; interval++) {
    loss.lose(1, 'full');
    const lines = loss.pass()?.lines;
    if (lines !== undefined) told.push([interval, lines]);
  }
  return told;
}

test('the first loss is told at once, those that follow less and less often, and all of them', () => {
  assert.deepEqual(tellings(new LogLoss(), 31), [
    [1, 1],
    [3, 2],
    [7, 4],
    [15, 8],
    [31, 16],
  ]);
});

test('the pauses grow up to 511 intervals', () => {
  const told = tellings(new LogLoss(), 3000);
  assert.deepEqual(
    told.slice(-3),
    [
      [1023, 512],
      [1535, 512],
      [2047, 512],
      [2559, 512],
    ].slice(-3),
  );
});

test('nothing is told where nothing was lost', () => {
  const loss = new LogLoss();
  loss.took();
  assert.deepEqual([loss.pass(), loss.take(), loss.waits], [null, null, false]);
});

test('a log that is well again tells the rest at once, and its next loss is a first one', () => {
  const loss = new LogLoss();
  tellings(loss, 5);
  loss.took();
  assert.deepEqual(loss.pass(), { lines: 2, cause: 'full' });
  assert.equal(loss.waits, false);
  assert.deepEqual(tellings(loss, 3), [
    [1, 1],
    [3, 2],
  ]);
});

test('a log that takes some lines and loses others is not well', () => {
  const loss = new LogLoss();
  tellings(loss, 1);
  loss.took();
  loss.lose(1, 'slow');
  assert.equal(loss.pass(), null);
});

test('a pause goes on while no line comes', () => {
  const loss = new LogLoss();
  tellings(loss, 3);
  loss.lose(5, 'full');
  assert.deepEqual(
    [1, 2, 3, 4].map(() => loss.pass()?.lines),
    [undefined, undefined, undefined, 5],
  );
});

test('at the end all is told, whatever the pause, with the last cause', () => {
  const loss = new LogLoss();
  tellings(loss, 1);
  loss.lose(2, 'full');
  loss.lose(0, 'gone');
  assert.deepEqual(loss.take(), { lines: 2, cause: 'gone' });
  assert.equal(loss.take(), null);
});
