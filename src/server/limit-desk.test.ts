import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { resolveConfig } from '../config/index.ts';
import { ConcurrencyZone } from '../zone/index.ts';
import { LimitDesk } from './limit-desk.ts';
import type { LimitGrants } from './limit-grants.ts';
import type { ToThread } from './messages.ts';
import type { FromServer, LimitState } from './port.ts';
import { seatOf } from './zone-book.ts';

const ZONES = {
  rateZones: { a: { key: 'x', rate: '1r/m', size: '1MiB' } },
  connectionZones: { c: { key: 'x', size: '1MiB' } },
};
const identity = JSON.stringify(['x', 1_048_576]);

interface Bench {
  readonly desk: LimitDesk;
  readonly said: FromServer[];
  readonly told: (readonly [number, ToThread])[];
  readonly state: () => LimitState | undefined;
  readonly grants: LimitGrants;
}

function bench(zones: object = ZONES, generation = 1): Bench {
  const said: FromServer[] = [];
  const told: (readonly [number, ToThread])[] = [];
  const threads = [1, 2].map((number) => ({
    number,
    say: (message: ToThread) => void told.push([number, message]),
  }));
  const desk = new LimitDesk({
    generation,
    say: (message) => void said.push(message),
    threads: () => threads,
  });
  const sites = { '*': { listen: [80], routes: { '/': { respond: 200 } } } };
  const { model } = resolveConfig({ ...zones, sites }, { directory: '/' });
  assert.ok(model !== undefined);
  desk.begin(2);
  const grants = desk.offer(model);
  return {
    desk,
    said,
    told,
    grants,
    state: () => said.find((message) => message.type === 'limits-left')?.state,
  };
}

async function turn(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

const HELD = { id: 1, shares: [{ zone: 'c', identity, key: 'k' }] };

test('a process has left when every thread has, with what their requests hold', async () => {
  const { desk, told, state } = bench();
  desk.commit();
  const leaving = desk.take({ type: 'limits-leave' });
  assert.deepEqual(
    told.map(([number, { type }]) => [number, type]),
    [
      [1, 'leave-limits'],
      [2, 'leave-limits'],
    ],
  );
  desk.hear(1, { type: 'limits-left', held: [HELD] });
  await turn();
  assert.equal(state(), undefined);
  desk.hear(2, { type: 'limits-left', held: [] });
  await leaving;
  assert.deepEqual(
    state()?.rates.map(({ zone }) => zone),
    ['a'],
  );
  assert.deepEqual(state()?.guests, [
    { from: { generation: 1, thread: 1 }, held: [HELD] },
    { from: { generation: 1, thread: 2 }, held: [] },
  ]);
});

test('a thread that ends is waited for no more, and that it is over is told', async () => {
  const { desk, said, state } = bench();
  desk.commit();
  const leaving = desk.take({ type: 'limits-leave' });
  desk.hear(1, { type: 'limits-left', held: [] });
  desk.lost(2);
  await leaving;
  assert.ok(state() !== undefined);
  assert.deepEqual(said[0], { type: 'limit-thread-over', thread: 2 });
});

test('a thread that stands still is waited for no longer than a second, and heard when it comes', async (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { desk, said, state } = bench();
  desk.commit();
  const leaving = desk.take({ type: 'limits-leave' });
  desk.hear(1, { type: 'limits-left', held: [] });
  t.mock.timers.tick(1000);
  await leaving;
  assert.ok(state() !== undefined);
  desk.hear(2, { type: 'limits-left', held: [HELD] });
  assert.deepEqual(said.at(-1), {
    type: 'limit-held',
    from: { generation: 1, thread: 2 },
    held: [HELD],
  });
});

test('without zones nobody is waited for', async () => {
  const { desk, state } = bench({});
  desk.commit();
  await desk.take({ type: 'limits-leave' });
  assert.deepEqual(state(), { rates: [], guests: [] });
});

test('questions of threads go out under the name of the thread, and the answers come back to it', async () => {
  const { desk, said, told } = bench();
  const question = { kind: 'requests', limits: [] } as const;
  desk.hear(2, { type: 'limit-asked', id: 7, question });
  desk.hear(2, { type: 'limit-given-back', id: 7 });
  const from = { generation: 1, thread: 2 };
  assert.deepEqual(said, [
    { type: 'limit-asked', from, id: 7, question },
    { type: 'limit-given-back', from, id: 7 },
  ]);
  const verdict = { wait: 0, limit: -1, excess: 0 };
  await desk.take({ type: 'limit-verdict', thread: 2, id: 7, verdict });
  await desk.take({ type: 'limit-verdict', thread: 3, id: 7, verdict });
  assert.deepEqual(told, [[2, { type: 'limit-verdict', id: 7, verdict }]]);
});

test('what came before goes on: guests are counted, asked, and free when they are over', async () => {
  const { desk, said } = bench(ZONES, 2);
  const from = { generation: 1, thread: 1 };
  const verdicts = (): readonly number[] =>
    said.flatMap((message) => (message.type === 'limit-verdict' ? [message.verdict.wait] : []));
  const asks = (id: number): Promise<void> => {
    const limits = [{ zone: 'c', identity, key: 'k', max: 1 }];
    return desk.take({ type: 'limit-asked', from, id, question: { kind: 'connections', limits } });
  };
  await desk.take({ type: 'limits-take', state: { rates: [], guests: [{ from, held: [HELD] }] } });
  assert.equal(said[0]?.type, 'limits-taken');
  await asks(2);
  await desk.take({ type: 'limit-given-back', from, id: 1 });
  await asks(3);
  await asks(4);
  await desk.take({ type: 'limit-left', generation: 1, thread: null });
  await asks(5);
  await desk.take({ type: 'limit-held', from, held: [{ ...HELD, id: 6 }] });
  await desk.take({ type: 'limit-given-back', from, id: 5 });
  await asks(7);
  assert.deepEqual(verdicts(), [-1, 0, -1, 0, -1]);
});

test('a process that stays says so to its threads', async () => {
  const { desk, told } = bench({});
  await desk.take({ type: 'limits-leave' });
  await desk.take({ type: 'limits-stay' });
  assert.deepEqual(
    told.slice(2).map(([number, { type }]) => [number, type]),
    [
      [1, 'stay-limits'],
      [2, 'stay-limits'],
    ],
  );
});

test('a question that waits for a thread is decided before the process leaves', async (t: TestContext) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { desk, said, state, grants } = bench();
  desk.commit();
  const [grant] = grants.connections;
  assert.ok(grant !== undefined);
  const still = new ConcurrencyZone(grant.handle, seatOf(1));
  assert.ok(still.table.lock('k'));
  const from = { generation: 0, thread: 1 };
  const limits = [{ zone: 'c', identity, key: 'k', max: 1 }];
  await desk.take({ type: 'limit-asked', from, id: 1, question: { kind: 'connections', limits } });
  assert.deepEqual(
    said.map(({ type }) => type),
    [],
  );
  const leaving = desk.take({ type: 'limits-leave' });
  still.table.unlock();
  for (const thread of [1, 2]) desk.hear(thread, { type: 'limits-left', held: [] });
  await leaving;
  assert.equal(said[0]?.type, 'limit-verdict');
  assert.deepEqual(state()?.guests[0], { from, held: [{ id: 1, shares: limits }] });
});
