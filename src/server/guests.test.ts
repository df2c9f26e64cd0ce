import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AskedShare, type LimitVerdict, zoneIdentity } from '../web/index.ts';
import {
  ConcurrencyZone,
  createConcurrencyZone,
  createRateZone,
  MAIN_SEAT,
  RateZone,
} from '../zone/index.ts';
import { Guests } from './guests.ts';

const BYTES = 32 * 1024;
const identity = zoneIdentity({ key: 'x', size: BYTES });
const [ONE, TWO] = [
  { generation: 1, thread: 1 },
  { generation: 1, thread: 2 },
];

interface Bench {
  readonly guests: Guests;
  readonly own: ConcurrencyZone;
  readonly ask: (id: number, from?: typeof ONE, more?: Partial<AskedShare>) => LimitVerdict;
  /** Null where somebody is in the way. */
  readonly tries: (id: number) => LimitVerdict | null;
  readonly askRate: (zone: string, key?: string) => LimitVerdict;
}

function decided(verdict: LimitVerdict | null): LimitVerdict {
  assert.ok(verdict !== null);
  return verdict;
}

function bench(): Bench {
  const handle = createConcurrencyZone({ name: 'c', bytes: BYTES, threads: 2 });
  const own = new ConcurrencyZone(handle, { thread: 1, generation: 1 });
  const attached = new ConcurrencyZone(handle, { thread: 2, generation: 1 }, { whenBusy: 'tell' });
  const rate = new RateZone(
    createRateZone({ name: 'r', bytes: BYTES, rate: 16, threads: 1 }),
    MAIN_SEAT,
  );
  const zones = {
    rateZone: (name: { zone: string; identity: string }) =>
      name.zone === 'r' && name.identity === identity ? rate : undefined,
    guestsOf: (name: { zone: string; identity: string }) =>
      name.zone === 'c' && name.identity === identity ? attached : undefined,
  };
  const guests = new Guests(() => zones);
  return {
    guests,
    own,
    ask: (id, from = ONE, more = {}) => {
      const limits = [{ zone: 'c', identity, key: 'k', max: 2, ...more }];
      return decided(guests.decide(from, id, { kind: 'connections', limits }));
    },
    tries: (id) => {
      const limits = [{ zone: 'c', identity, key: 'k', max: 2 }];
      return guests.decide(ONE, id, { kind: 'connections', limits });
    },
    askRate: (zone, key = 'k') => {
      const limit = { identity, key, burst: 0, delay: 0, noDelay: false };
      const limits = [
        { ...limit, zone },
        { ...limit, zone: 'r' },
      ];
      return decided(guests.decide(ONE, 1, { kind: 'requests', limits }));
    },
  };
}

test('guests count with those of this process, and what they give back is free', () => {
  const { guests, own, ask } = bench();
  own.acquire('k', 2);
  assert.equal(ask(1).wait, 0);
  assert.deepEqual(ask(2), { wait: -1, limit: 0, excess: 0 });
  assert.equal(own.value('k'), 2);
  guests.giveBack(ONE, 2);
  guests.giveBack(TWO, 1);
  assert.equal(own.value('k'), 2, 'neither held anything');
  guests.giveBack(ONE, 1);
  guests.giveBack(ONE, 1);
  assert.equal(own.value('k'), 1);
});

test('a thread or a process that is over holds nothing any more', () => {
  const { guests, own, ask } = bench();
  const later = { generation: 2, thread: 1 };
  for (const [id, from] of [ONE, TWO, TWO, later].entries()) ask(id, from, { max: 9 });
  assert.equal(own.value('k'), 4);
  guests.leave(1, 2);
  assert.equal(own.value('k'), 2);
  guests.leave(1, null);
  assert.equal(own.value('k'), 1);
  guests.leave(1, null);
  guests.leave(2, null);
  assert.equal(own.value('k'), 0);
  assert.deepEqual(guests.shares(), []);
});

test('what was under way before is taken over whatever the limit is, and handed on', () => {
  const { guests, own, ask } = bench();
  const shares = [
    { zone: 'c', identity, key: 'k' },
    { zone: 'gone', identity, key: 'k' },
  ];
  const held = [1, 2, 3].map((id) => ({ id, shares }));
  guests.take({ from: ONE, held });
  assert.equal(own.value('k'), 3);
  assert.equal(ask(4, TWO).wait, -1);
  guests.giveBack(ONE, 2);
  guests.giveBack(ONE, 3);
  assert.equal(ask(5, TWO).wait, 0);
  const told = guests.shares();
  assert.deepEqual(
    told.map(({ from, held: each }) => [from, each.map(({ id }) => id)]),
    [
      [ONE, [1]],
      [TWO, [5]],
    ],
  );
  const next = bench();
  for (const guest of told) next.guests.take(guest);
  assert.equal(next.own.value('k'), 2);
});

test('a limit whose zone is not there, or counts something else, does not apply', () => {
  const { own, ask } = bench();
  assert.equal(ask(1, ONE, { zone: 'other', max: 0 }).wait, 0);
  assert.equal(ask(2, ONE, { identity: 'other', max: 0 }).wait, 0);
  assert.equal(ask(3, ONE, { key: '', max: 0 }).wait, 0);
  assert.equal(own.value('k'), 0);
});

test('the verdict about a rate names the limit by its place in the question', () => {
  const { askRate } = bench();
  assert.deepEqual(askRate('gone'), { wait: 0, limit: -1, excess: 0 });
  const { wait, limit, excess } = askRate('gone');
  assert.deepEqual([wait, limit], [-1, 1]);
  assert.ok(excess > 900 && excess <= 1000, String(excess));
  assert.equal(askRate('gone', 'other').wait, 0);
});

test('while a thread stands still on a key nothing is decided about it', () => {
  const { own, tries } = bench();
  assert.ok(own.table.lock('k'));
  assert.equal(tries(1), null);
  own.table.unlock();
  assert.equal(own.value('k'), 0);
  assert.equal(tries(1)?.wait, 0);
});

test('a guest that one limit refuses holds nothing in the others', () => {
  const { guests, own } = bench();
  const limit = { zone: 'c', identity, max: 1 };
  own.acquire('full', 1);
  const limits = [
    { ...limit, key: 'k' },
    { ...limit, key: 'full' },
  ];
  const verdict = guests.decide(ONE, 1, { kind: 'connections', limits });
  assert.deepEqual(verdict, { wait: -1, limit: 1, excess: 0 });
  assert.equal(own.value('k'), 0);
});
