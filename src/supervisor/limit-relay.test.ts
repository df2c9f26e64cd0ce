import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LimitState, ToServer } from '../server/port.ts';
import { type Decider, type LimitNews, LimitRelay } from './limit-relay.ts';

const STATE: LimitState = { rates: [], guests: [] };
const VERDICT = { wait: 0, limit: -1, excess: 0 };

/** A process that notes what it is told. */
class Process implements Decider {
  readonly number: number;
  over = false;
  readonly heard: string[] = [];
  taken: LimitState | null = null;
  state: Promise<LimitState> = Promise.resolve(STATE);

  constructor(number: number) {
    this.number = number;
  }

  say(message: ToServer): void {
    const id = 'id' in message ? ` ${message.id}` : '';
    const left = message.type === 'limit-left' ? ` ${message.generation} ${message.thread}` : '';
    this.heard.push(message.type + id + left);
  }

  leaveLimits(): Promise<LimitState> {
    this.heard.push('leave');
    return this.state;
  }

  takeLimits(state: LimitState): Promise<void> {
    this.taken = state;
    return Promise.resolve();
  }
}

function asks(id: number, { number }: Process): LimitNews {
  const from = { generation: number, thread: 1 };
  return { type: 'limit-asked', from, id, question: { kind: 'requests', limits: [] } };
}

test('during a move nobody decides; then the new one, and who asked hears the verdict', async () => {
  const relay = new LimitRelay();
  const [before, after] = [new Process(1), new Process(2)];
  await relay.move(before, after);
  assert.equal(after.taken, STATE);
  relay.hear(before, asks(1, before));
  relay.hear(before, { type: 'limit-given-back', from: { generation: 1, thread: 1 }, id: 9 });
  assert.deepEqual([before.heard, after.heard], [['leave'], []]);
  relay.moved();
  assert.deepEqual(after.heard, ['limit-asked 1', 'limit-given-back 9']);
  relay.hear(before, asks(2, before));
  assert.equal(after.heard.at(-1), 'limit-asked 2');
  relay.hear(after, {
    type: 'limit-verdict',
    to: { generation: 1, thread: 1 },
    id: 2,
    verdict: VERDICT,
  });
  assert.deepEqual(before.heard, ['leave', 'limit-verdict 2']);
});

test('where the new one does not serve, the one before decides again, and forgets what it asked', async () => {
  const relay = new LimitRelay();
  const [first, second, third] = [new Process(1), new Process(2), new Process(3)];
  await relay.move(first, second);
  relay.moved();
  await relay.move(second, third);
  relay.hear(second, asks(1, second));
  relay.hear(first, asks(2, first));
  third.over = true;
  relay.undo();
  assert.deepEqual(second.heard, ['leave', 'limits-stay', 'limit-asked 2']);
  assert.deepEqual(third.heard, []);
  relay.hear(first, asks(3, first));
  assert.equal(second.heard.at(-1), 'limit-asked 3');
});

test('all processes of before ask the one that serves now', async () => {
  const relay = new LimitRelay();
  const [first, second, third] = [new Process(1), new Process(2), new Process(3)];
  await relay.move(first, second);
  relay.moved();
  await relay.move(second, third);
  relay.moved();
  relay.hear(first, asks(1, first));
  relay.hear(second, asks(2, second));
  assert.deepEqual(third.heard, ['limit-asked 1', 'limit-asked 2']);
});

test('what a process or a thread held that is over is free, behind all that it asked', async () => {
  const relay = new LimitRelay();
  const [first, second, third] = [new Process(1), new Process(2), new Process(3)];
  await relay.move(first, second);
  relay.hear(first, asks(1, first));
  relay.hear(first, { type: 'limit-thread-over', thread: 4 });
  relay.moved();
  assert.deepEqual(second.heard, ['limit-asked 1', 'limit-left 1 4']);
  await relay.move(second, third);
  relay.hear(first, asks(2, first));
  first.over = true;
  relay.ended(first);
  // What still comes out of its channel counts no more.
  relay.hear(first, asks(3, first));
  relay.moved();
  assert.deepEqual(third.heard, ['limit-left 1 null']);
});

test('a process that ends during a move to another holds nothing there', async () => {
  const relay = new LimitRelay();
  const [first, second] = [new Process(1), new Process(2)];
  await relay.move(first, second);
  first.over = true;
  relay.ended(first);
  relay.moved();
  assert.deepEqual(second.heard, ['limit-left 1 null']);
});

test('where nothing can be had of the one before, the new one begins anew', async () => {
  const relay = new LimitRelay();
  const [dead, mute, next, last] = [new Process(1), new Process(2), new Process(3), new Process(4)];
  dead.over = true;
  await relay.move(dead, next);
  relay.moved();
  assert.deepEqual([dead.heard, next.taken], [[], null]);
  mute.state = Promise.reject(new Error('it failed'));
  await relay.move(mute, last);
  relay.moved();
  assert.equal(last.taken, null);
  const alone = new LimitRelay();
  await alone.move(null, next);
  alone.moved();
  alone.undo();
  alone.hear(next, { type: 'limit-thread-over', thread: 1 });
  assert.deepEqual(next.heard, ['limit-left 3 1']);
});

test('a process that does not answer in time is waited for no more', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const relay = new LimitRelay();
  const [before, after] = [new Process(1), new Process(2)];
  before.state = new Promise(() => {});
  const moving = relay.move(before, after);
  t.mock.timers.tick(2000);
  await moving;
  assert.equal(after.taken, null);
});
