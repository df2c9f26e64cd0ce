import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConfigModel, resolveConfig } from '../config/index.ts';
import { ConcurrencyZone, PASS, RateLimits, RateZone, REFUSED, REJECT } from '../zone/index.ts';
import type { LimitGrants } from './limit-grants.ts';
import { seatOf, ZoneBook } from './zone-book.ts';

function configOf(rateZones: object, connectionZones: object = {}): ConfigModel {
  const sites = { '*': { listen: [80], routes: { '/': { respond: 200 } } } };
  const { model, problems } = resolveConfig(
    { rateZones, connectionZones, sites },
    { directory: '/' },
  );
  assert.ok(model !== undefined, JSON.stringify(problems));
  return model;
}

const RATES = { a: { key: 'x', rate: '1r/m', size: '1MiB' } };
const CONNECTIONS = { c: { key: 'x', size: '1MiB' } };

function rateOf(grants: LimitGrants, thread = 1): RateZone {
  const [grant] = grants.rates;
  assert.ok(grant !== undefined);
  return new RateZone(grant.handle, seatOf(thread));
}

function connectionsOf(grants: LimitGrants, thread = 1): ConcurrencyZone {
  const [grant] = grants.connections;
  assert.ok(grant !== undefined);
  return new ConcurrencyZone(grant.handle, seatOf(thread));
}

function check(zone: RateZone, burst = 0): number {
  return new RateLimits([{ zone, burst, delay: Infinity }]).check(['k']);
}

test('a zone that is the same goes on, one with another key or size begins anew', () => {
  const book = new ZoneBook(2);
  const serials = (config: ConfigModel): readonly number[] => {
    const { rates, connections, faults } = book.offer(config);
    assert.deepEqual(faults, []);
    book.commit();
    return [...rates, ...connections].map(({ serial }) => serial);
  };
  assert.deepEqual(serials(configOf(RATES, CONNECTIONS)), [1, 2]);
  assert.deepEqual(serials(configOf(RATES, CONNECTIONS)), [1, 2]);
  assert.deepEqual(serials(configOf({ a: { ...RATES.a, key: 'y' } }, CONNECTIONS)), [3, 2]);
  const larger = { c: { ...CONNECTIONS.c, size: '2MiB' } };
  assert.deepEqual(serials(configOf({ a: { ...RATES.a, key: 'y' } }, larger)), [3, 4]);
  assert.deepEqual(serials(configOf({}, larger)), [4]);
  assert.deepEqual(serials(configOf(RATES, larger)), [5, 4]);
});

test('with another rate a zone goes on with what it has counted', () => {
  const book = new ZoneBook(1);
  const first = rateOf(book.offer(configOf(RATES)));
  book.commit();
  assert.deepEqual([check(first), check(first)], [PASS, REJECT]);
  const second = rateOf(book.offer(configOf({ a: { ...RATES.a, rate: '2r/m' } })));
  assert.equal(second.rate, 33);
  assert.equal(check(second), REJECT);
});

test('what is refused leaves nothing: the next offer begins from what is served', () => {
  const book = new ZoneBook(1);
  book.offer(configOf(RATES));
  book.commit();
  book.offer(configOf({ a: { ...RATES.a, key: 'y' } }));
  book.discard();
  book.commit();
  assert.equal(book.offer(configOf(RATES)).rates[0]?.serial, 1);
  assert.equal(book.rateZone({ zone: 'a', identity: JSON.stringify(['y', 1_048_576]) }), undefined);
});

test('zones that cannot be made are faults at their place', () => {
  const book = new ZoneBook(254);
  const { faults } = book.offer(configOf(RATES, CONNECTIONS));
  // One seat more for guests.
  assert.deepEqual(
    faults.map(({ path }) => path),
    [['connectionZones', 'c']],
  );
  assert.match(faults[0]?.message ?? '', /254 threads, not 255/);
  assert.match(faults[0]?.cure ?? '', /threads/);
});

test('what a thread held is free when it is repaired, and what others hold is not', () => {
  const book = new ZoneBook(2);
  const grants = book.offer(configOf({}, CONNECTIONS));
  book.commit();
  const [first, second] = [connectionsOf(grants, 1), connectionsOf(grants, 2)];
  assert.notEqual(first.acquire('k', 2), REFUSED);
  assert.notEqual(second.acquire('k', 2), REFUSED);
  assert.equal(second.acquire('k', 2), REFUSED);
  book.repair(1);
  assert.equal(second.value('k'), 1);
  book.repair(1);
  assert.equal(second.value('k'), 1);
});

test('a repair that meets a thread on its way is done later', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const book = new ZoneBook(2);
  const grants = book.offer(configOf({}, CONNECTIONS));
  book.commit();
  const [first, second] = [connectionsOf(grants, 1), connectionsOf(grants, 2)];
  first.acquire('k', 9);
  assert.ok(second.table.lock('k'));
  book.repair(1);
  second.table.unlock();
  assert.equal(second.value('k'), 1);
  t.mock.timers.tick(50);
  assert.equal(second.value('k'), 0);
});

test('what was counted goes into zones of another process, if they count the same', () => {
  const before = new ZoneBook(1);
  const zone = rateOf(before.offer(configOf({ ...RATES, b: { key: 'z', rate: '1r/m' } })));
  before.commit();
  assert.equal(check(zone), PASS);
  const after = new ZoneBook(3);
  const grants = after.offer(configOf({ ...RATES, b: { key: 'other', rate: '1r/m' } }));
  after.restore(before.snapshots());
  after.commit();
  assert.equal(check(rateOf(grants)), REJECT);
  const [, other] = grants.rates;
  assert.ok(other !== undefined);
  assert.equal(check(new RateZone(other.handle, seatOf(1))), PASS);
});

test('threads see at once that another process decides', () => {
  const book = new ZoneBook(1);
  const word = new Int32Array(book.offer(configOf({})).gate);
  book.isAway = true;
  assert.equal(word[0], 1);
  book.isAway = false;
  assert.equal(word[0], 0);
});
