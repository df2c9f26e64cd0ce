import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualAlarm } from '../../test/support/limit-zones.ts';
import type { LimitVerdict } from '../web/index.ts';
import type { FromThread } from './messages.ts';
import { ThreadAway } from './thread-away.ts';

const QUESTION = { kind: 'requests', limits: [] } as const;
const VERDICT: LimitVerdict = { wait: 7, limit: 0, excess: 1 };

function bench(): {
  readonly away: ThreadAway;
  readonly timers: ManualAlarm;
  readonly said: FromThread[];
  readonly heard: unknown[];
  readonly silences: () => number;
  readonly ask: () => number;
} {
  const timers = new ManualAlarm();
  const said: FromThread[] = [];
  const heard: unknown[] = [];
  let silences = 0;
  const away = new ThreadAway({
    say: (message) => said.push(message),
    alarm: timers.alarm,
    onSilence: () => silences++,
  });
  const ask = (): number => away.ask(QUESTION, (verdict) => heard.push(verdict));
  return { away, timers, said, heard, silences: () => silences, ask };
}

test('a verdict goes to whoever asked, once', () => {
  const { away, timers, said, heard, ask } = bench();
  const [first, second] = [ask(), ask()];
  assert.notEqual(first, second);
  assert.deepEqual(said[0], { type: 'limit-asked', id: first, question: QUESTION });
  away.hear(first, VERDICT);
  away.hear(first, VERDICT);
  assert.deepEqual(heard, [VERDICT]);
  assert.deepEqual(timers.times, [2000]);
});

test('nobody answers in time: requests pass, which is said once until somebody does', () => {
  const { away, timers, said, heard, silences, ask } = bench();
  const first = ask();
  ask();
  timers.ring();
  assert.deepEqual(heard, [null, null]);
  assert.equal(silences(), 1);
  // What it may still get is not wanted any more.
  assert.deepEqual(said[2], { type: 'limit-given-back', id: first });
  away.hear(first, VERDICT);
  assert.equal(heard.length, 2);
  away.hear(ask(), VERDICT);
  ask();
  timers.ring();
  assert.equal(silences(), 2);
});

test('a question that was taken back is answered to nobody', () => {
  const { away, timers, said, heard, ask } = bench();
  const id = ask();
  away.giveBack(id);
  assert.deepEqual(timers.times, []);
  assert.deepEqual(said.at(-1), { type: 'limit-given-back', id });
  away.hear(id, VERDICT);
  away.stay();
  assert.deepEqual(heard, []);
});

test('when this process decides again, all that wait hear so', () => {
  const { away, timers, heard, ask } = bench();
  const id = ask();
  ask();
  away.stay();
  assert.deepEqual([heard, timers.times], [['here', 'here'], []]);
  away.hear(id, VERDICT);
  assert.equal(heard.length, 2);
});

test('it goes by the word that the main thread writes', () => {
  const { away } = bench();
  assert.equal(away.decides, false);
  const gate = new SharedArrayBuffer(4);
  away.gate = gate;
  assert.equal(away.decides, false);
  new Int32Array(gate)[0] = 1;
  assert.equal(away.decides, true);
});
