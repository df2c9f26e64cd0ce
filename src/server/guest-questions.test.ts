import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { LimitVerdict } from '../web/index.ts';
import { GuestQuestions } from './guest-questions.ts';

const QUESTION = { kind: 'requests', limits: [] } as const;
const REFUSES: LimitVerdict = { wait: -1, limit: 0, excess: 0 };
const [ONE, TWO] = [
  { generation: 1, thread: 1 },
  { generation: 1, thread: 2 },
];

interface Bench {
  readonly questions: GuestQuestions;
  readonly answers: string[];
  /** Whether a thread is in the way. */
  readonly way: { blocked: boolean };
}

function bench(t: TestContext): Bench {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const answers: string[] = [];
  const way = { blocked: true };
  const questions = new GuestQuestions(
    () => (way.blocked ? null : REFUSES),
    ({ thread }, id, { wait }) => answers.push(`${thread} ${id} ${wait}`),
  );
  return { questions, answers, way };
}

test('a question is answered at once, or as soon as nobody is in the way', (t) => {
  const { questions, answers, way } = bench(t);
  questions.ask(ONE, 1, QUESTION);
  for (let i = 0; i < 5; i++) t.mock.timers.tick(2);
  assert.deepEqual(answers, []);
  way.blocked = false;
  questions.ask(ONE, 2, QUESTION);
  t.mock.timers.tick(2);
  t.mock.timers.tick(2);
  assert.deepEqual(answers, ['1 2 -1', '1 1 -1']);
});

test('it passes when whoever asks waits no longer', (t) => {
  const { questions, answers } = bench(t);
  questions.ask(ONE, 1, QUESTION);
  for (let i = 0; i < 999; i++) t.mock.timers.tick(2);
  assert.deepEqual(answers, []);
  t.mock.timers.tick(2);
  assert.deepEqual(answers, ['1 1 0']);
});

test('what is forgotten is not answered, all else is when this process stops deciding', (t) => {
  const { questions, answers, way } = bench(t);
  for (const id of [1, 2]) for (const from of [ONE, TWO]) questions.ask(from, id, QUESTION);
  questions.forget((from, id) => from.thread === 1 && id === 2);
  way.blocked = false;
  questions.close();
  assert.deepEqual(answers, ['1 1 -1', '2 1 -1', '2 2 -1']);
  t.mock.timers.tick(10);
  assert.equal(answers.length, 3);
});
