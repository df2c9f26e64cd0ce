import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesFor, contentOf } from '../../test/support/zone-content.ts';
import { StoreWatch } from '../../test/support/zone-images.ts';
import {
  BUSY,
  createRateZone,
  PASS,
  type RateLimit,
  RateLimits,
  RateZone,
  type RateZoneHandle,
  REJECT,
} from './rate-limit.ts';
import { RATE_MAX } from './options.ts';
import { MAIN_SEAT, type Seat } from './seat.ts';
import { NEVER_SET } from './shared-table.ts';

const FIRST: Seat = { thread: 1, generation: 1 };
const SECOND: Seat = { thread: 2, generation: 1 };
const patience = { spins: 1, sleeps: 0, sleepMs: 0 };
const NODELAY = Infinity;

/** A clock that is set. */
class SetClock {
  now = 1_000_000;
  monotonic(): number {
    return this.now;
  }
  wall(): number {
    return 0;
  }
}

interface Given {
  readonly clock?: SetClock;
  readonly name?: string;
  readonly room?: number;
  readonly seat?: Seat;
}

function zoneOf(rate: number, given: Given = {}): RateZone {
  const { clock = new SetClock(), name = 'z', room = 20, seat = FIRST } = given;
  const handle = createRateZone({ name, bytes: bytesFor(room, 1, 1), rate, threads: 2 });
  return new RateZone(handle, seat, { clock, patience });
}

interface Bucket {
  readonly check: (key?: string) => number;
  readonly limits: RateLimits;
  readonly clock: SetClock;
  readonly zone: RateZone;
}

function bucket(rate: number, burst = 0, delay = 0, given: Given = {}): Bucket {
  const clock = given.clock ?? new SetClock();
  const zone = zoneOf(rate, { ...given, clock });
  const limits = new RateLimits([{ zone, burst, delay }]);
  return { check: (key = 'k') => limits.check([key]), limits, clock, zone };
}

test('without a burst one request passes each interval; a millisecond early is rejected', () => {
  const { check, clock, limits } = bucket(10_000);
  assert.equal(check(), PASS);
  assert.equal(check(), REJECT);
  assert.deepEqual([limits.limit, limits.excess], [0, 1000]);
  clock.now += 99;
  assert.equal(check(), REJECT);
  assert.equal(limits.excess, 10);
  clock.now += 1;
  assert.equal(check(), PASS);
  assert.deepEqual([limits.limit, limits.excess], [-1, 0]);
  assert.equal(check('other'), PASS);
});

test('a burst is let in and delayed by its place in the queue; one more is rejected', () => {
  const { check, clock, limits } = bucket(2000, 3);
  assert.deepEqual([check(), check(), check(), check(), check()], [0, 500, 1000, 1500, REJECT]);
  assert.equal(limits.excess, 4000);
  clock.now += 500;
  assert.deepEqual([check(), check()], [1500, REJECT]);
  clock.now += 250;
  assert.equal(check(), REJECT);
  assert.equal(limits.excess, 3500);
});

test('nodelay lets the burst in at once and still ends with it', () => {
  const { check, clock } = bucket(1000, 2, NODELAY);
  assert.deepEqual([check(), check(), check(), check()], [PASS, PASS, PASS, REJECT]);
  clock.now += 1000;
  assert.deepEqual([check(), check()], [PASS, REJECT]);
});

test('delay=N delays only what is above N, from the first request above it', () => {
  const { check } = bucket(5000, 12, 8);
  const answers = Array.from({ length: 14 }, () => check());
  assert.deepEqual(answers, [0, 0, 0, 0, 0, 0, 0, 0, 0, 200, 400, 600, 800, REJECT]);
});

test('a rejected request counts nothing, so a client that keeps trying gets in at the rate', () => {
  const { check, clock } = bucket(10_000);
  let passed = 0;
  for (let ms = 0; ms < 1000; ms++) {
    if (check() === PASS) passed++;
    clock.now++;
  }
  assert.equal(passed, 10);
});

test('a rate below one a second keeps its thousandths', () => {
  const { check, clock } = bucket(16, 1);
  assert.equal(check(), PASS);
  assert.equal(check(), 62_500);
  clock.now += 62_499;
  assert.equal(check(), REJECT);
  clock.now += 1;
  assert.equal(check(), 62_500);
});

test('the highest rate and burst are exact', () => {
  const { check, clock, zone } = bucket(RATE_MAX * 1000, RATE_MAX, NODELAY);
  assert.equal(check(), PASS);
  const excessIs = (value: number): void => {
    assert.ok(zone.table.lock('k'));
    zone.table.setField(zone.table.find(), 0, value);
    zone.table.commit();
    zone.table.unlock();
  };
  excessIs(RATE_MAX * 1000 - 1000);
  assert.equal(check(), PASS);
  assert.equal(check(), REJECT);
  clock.now += 1;
  assert.equal(check(), PASS);
  assert.equal(contentOf(zone.table)[0]?.[1][0], RATE_MAX * 1000 - 2_000_000 + 1000);
});

test('a clock behind by up to a minute stands still, by more it has moved a millisecond', () => {
  const { check, clock, zone, limits } = bucket(1000, 3, NODELAY);
  const start = clock.now;
  check();
  for (const back of [1, 60_000]) {
    clock.now = start - back;
    assert.equal(check(), PASS);
    assert.equal(contentOf(zone.table)[0]?.[2][0], start, 'the moment stays');
  }
  clock.now = start - 60_001;
  assert.equal(check(), PASS);
  assert.deepEqual(contentOf(zone.table)[0], ['k', [2999], [start - 60_001]]);
  assert.equal(check(), REJECT);
  assert.equal(limits.excess, 3999);
});

test('nothing happens where 32 bits of milliseconds are over', () => {
  for (const edge of [2 ** 31, 2 ** 32, 2 ** 33]) {
    const clock = new SetClock();
    clock.now = edge - 1;
    const { check } = bucket(500, 0, 0, { clock });
    assert.equal(check(), PASS);
    clock.now = edge;
    assert.equal(check(), REJECT);
    clock.now = edge + 1998;
    assert.equal(check(), REJECT);
    clock.now = edge + 1999;
    assert.equal(check(), PASS);
    clock.now += 2 ** 32;
    assert.equal(check(), PASS, 'also after 49 days without a request');
  }
});

/** The documented arithmetic in whole numbers of any size, written down a second time. */
function model(rate: bigint, burst: bigint, delay: bigint | null) {
  let excess = 0n;
  let last: bigint | null = null;
  return (now: bigint): number => {
    let next = 0n;
    let ms = 1n;
    if (last !== null) {
      ms = now - last;
      if (ms < -60_000n) ms = 1n;
      else if (ms < 0n) ms = 0n;
      next = excess - (rate * ms) / 1000n + 1000n;
      if (next < 0n) next = 0n;
    }
    if (next > burst * 1000n) return -1;
    excess = next;
    if (ms !== 0n) last = now;
    if (delay === null || next <= delay * 1000n) return 0;
    return Number(((next - delay * 1000n) * 1000n) / rate);
  };
}

test('any sequence of requests is answered as by the documented arithmetic', () => {
  const zones = bytesFor(3, 1, 1);
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: 1, max: 20_000 }), fc.integer({ min: 1, max: 2e9 })),
      fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: RATE_MAX })),
      fc.option(fc.integer({ min: 0, max: 6 })),
      fc.array(
        fc.oneof(
          fc.constant(0),
          fc.integer({ min: 0, max: 2000 }),
          fc.integer({ min: -70_000, max: 5e9 }),
        ),
        { maxLength: 40 },
      ),
      (rate, burst, delay, steps) => {
        const clock = new SetClock();
        clock.now = 1e12;
        const handle = createRateZone({ name: 'z', bytes: zones, rate, threads: 2 });
        const zone = new RateZone(handle, FIRST, { clock });
        const limits = new RateLimits([{ zone, burst, delay: delay ?? NODELAY }]);
        const expected = model(BigInt(rate), BigInt(burst), delay === null ? null : BigInt(delay));
        for (const step of steps) {
          clock.now += step;
          assert.equal(limits.check(['k']), expected(BigInt(clock.now)));
        }
      },
    ),
    { numRuns: 500 },
  );
});

interface Pair {
  readonly first: RateZone;
  readonly second: RateZone;
  readonly clock: SetClock;
  readonly limitsOf: (first: Partial<RateLimit>, second: Partial<RateLimit>) => RateLimits;
}

function pair(rates: readonly [number, number] = [1000, 500]): Pair {
  const clock = new SetClock();
  // Locked in the other order than they are looked at.
  const first = zoneOf(rates[0], { clock, name: 'b' });
  const second = zoneOf(rates[1], { clock, name: 'a' });
  const limitsOf: Pair['limitsOf'] = (one, two) =>
    new RateLimits([
      { zone: first, burst: 0, delay: 0, ...one },
      { zone: second, burst: 0, delay: 0, ...two },
    ]);
  return { first, second, clock, limitsOf };
}

function excessIn(zone: RateZone): readonly unknown[] {
  return contentOf(zone.table).map(([key, [excess], [last]]) => [key, excess, last]);
}

test('of several limits all count a request or none', () => {
  const { first, second, clock, limitsOf } = pair();
  const limits = limitsOf({ burst: 5, delay: NODELAY }, { burst: 1, delay: NODELAY });
  const start = clock.now;
  assert.deepEqual([limits.check(['a', 'b']), limits.check(['a', 'b'])], [PASS, PASS]);
  assert.equal(limits.check(['a', 'b']), REJECT);
  assert.deepEqual([limits.limit, limits.excess], [1, 2000]);
  assert.deepEqual(excessIn(first), [['a', 1000, start]]);
  assert.deepEqual(excessIn(second), [['b', 1000, start]]);
});

test('after the first limit that rejects the others are not looked at', () => {
  const { second, limitsOf } = pair();
  const limits = limitsOf({}, {});
  limits.check(['a', '']);
  assert.equal(limits.check(['a', 'b']), REJECT);
  assert.equal(limits.limit, 0);
  assert.deepEqual(excessIn(second), []);
});

test('the key of a limit before the one that rejects is there, and its next request is its first', () => {
  const { first, limitsOf } = pair();
  const limits = limitsOf({}, {});
  limits.check(['', 'b']);
  assert.equal(limits.check(['a', 'b']), REJECT);
  assert.deepEqual(excessIn(first), [['a', 0, NEVER_SET]]);
  assert.equal(limits.check(['a', '']), PASS);
  assert.deepEqual(excessIn(first)[0], ['a', 0, 1_000_000]);
});

test('the longest delay counts, and of equal ones the later limit', () => {
  const { limitsOf } = pair();
  const limits = limitsOf({ burst: 5 }, { burst: 5 });
  limits.check(['a', 'b']);
  assert.equal(limits.check(['a', 'b']), 2000);
  assert.equal(limits.limit, 1);
  const even = pair([1000, 1000]);
  const equal = even.limitsOf({ burst: 5 }, { burst: 5 });
  equal.check(['a', 'b']);
  assert.equal(equal.check(['a', 'b']), 1000);
  assert.equal(equal.limit, 1);
  const slowFirst = pair([500, 1000]).limitsOf({ burst: 5 }, { burst: 5 });
  slowFirst.check(['a', 'b']);
  assert.equal(slowFirst.check(['a', 'b']), 2000);
  assert.deepEqual([slowFirst.limit, slowFirst.excess], [0, 1000]);
});

test('a limit whose key is empty does not apply', () => {
  const { first, second, limitsOf } = pair();
  const limits = limitsOf({}, {});
  for (let i = 0; i < 3; i++) assert.equal(limits.check(['', '']), PASS);
  assert.equal(limits.check(['', 'b']), PASS);
  assert.equal(limits.check(['', 'b']), REJECT);
  assert.equal(limits.check(['a']), PASS);
  assert.deepEqual([first.table.size, second.table.size], [1, 1]);
});

test('entries leave when they are a minute old and empty, not earlier', () => {
  const { check, clock, zone } = bucket(16, 1);
  const keys = (): readonly string[] => contentOf(zone.table).map(([key]) => key);
  check('a');
  clock.now += 59_999;
  check('b');
  assert.deepEqual(keys(), ['a', 'b']);
  clock.now += 1;
  check('c');
  assert.deepEqual(keys(), ['b', 'c']);
  check('c'); // an excess of 1000, which needs 62.5 s to leak
  clock.now += 60_000;
  check('d');
  assert.deepEqual(keys(), ['c', 'd'], 'b goes, c is not empty');
  clock.now += 2500;
  check('e');
  assert.deepEqual(keys(), ['d', 'e']);
});

test('a rejected request keeps its key from leaving', () => {
  const { check, zone } = bucket(1000, 0, 0, { room: 2 });
  check('a');
  check('b');
  assert.equal(check('a'), REJECT);
  check('c');
  assert.deepEqual(
    contentOf(zone.table).map(([key]) => key),
    ['a', 'c'],
  );
  assert.equal(zone.table.forced, 1);
});

test('where a thread stands still on a key the request passes uncounted, or is refused if that is wished', () => {
  const clock = new SetClock();
  const zone = zoneOf(1000, { clock });
  const other = new RateZone({ name: 'z', rate: 1000, table: zone.table.handle }, SECOND, {
    clock,
  });
  const second = zoneOf(1000, { clock, name: 'zz' });
  const limits = [zone, second].map((each) => ({ zone: each, burst: 0, delay: 0 }));
  assert.ok(other.table.lock('k'));
  const open = new RateLimits(limits);
  const closed = new RateLimits(limits, { whenBusy: 'reject' });
  assert.equal(open.check(['k', 'k']), PASS);
  assert.equal(closed.check(['k', 'k']), REJECT);
  assert.equal(new RateLimits(limits, { whenBusy: 'tell' }).check(['k', 'k']), BUSY);
  assert.deepEqual([open.busy, closed.busy, closed.limit], [1, 1, -1]);
  other.table.unlock();
  assert.equal(second.table.size, 0);
  assert.equal(open.check(['k', 'k']), PASS);
  assert.equal(open.check(['k', 'k']), REJECT, 'now it is counted');
});

test('a key that is no byte string leaves nothing locked', () => {
  const { second, limitsOf } = pair();
  const limits = limitsOf({}, {});
  assert.throws(() => limits.check(['\u0100', 'b']), RangeError);
  const other = new RateZone({ name: 'a', rate: 500, table: second.table.handle }, SECOND, {
    patience,
  });
  assert.ok(other.table.lock('b'));
});

test('whatever store a thread dies before, its request is counted or not, and the limit goes on', () => {
  const clock = new SetClock();
  const options = { name: 'z', bytes: bytesFor(2, 1, 1), rate: 1000, threads: 2 };
  const handle: RateZoneHandle = createRateZone(options);
  const watch = new StoreWatch(handle.table.memory);
  const zone = new RateZone(handle, FIRST, { clock, patience, words: watch.words });
  const limits = new RateLimits([{ zone, burst: 9, delay: NODELAY }]);
  const images = ['a', 'a', 'b', 'c', 'a'].flatMap((key) => {
    clock.now++;
    return watch.watch(() => limits.check([key]));
  });
  for (const memory of images) {
    const image = { ...handle, table: { ...handle.table, memory } };
    const main = new RateZone(image, MAIN_SEAT, { clock, patience });
    assert.ok(main.repair(FIRST));
    for (const [key, [excess], [last]] of contentOf(main.table)) {
      // Never a moment without its excess, nor half a moment.
      const pairs: Record<string, readonly unknown[]> = {
        a: [
          [0, NEVER_SET],
          [0, 1_000_001],
          [999, 1_000_002],
          [0, 1_000_005],
        ],
        b: [
          [0, NEVER_SET],
          [0, 1_000_003],
        ],
        c: [
          [0, NEVER_SET],
          [0, 1_000_004],
        ],
      };
      assert.ok(
        pairs[key]?.some((possible) => JSON.stringify(possible) === JSON.stringify([excess, last])),
        JSON.stringify([key, excess, last]),
      );
    }
    const replacement = new RateZone(image, { thread: 1, generation: 2 }, { clock, patience });
    const again = new RateLimits([{ zone: replacement, burst: 9, delay: NODELAY }]);
    for (const key of ['a', 'b', 'c']) assert.notEqual(again.check([key]), REJECT);
    assert.equal(again.busy, 0);
  }
  assert.ok(images.length > 100);
});

test('a zone goes over into another process with its excesses', () => {
  const { check, clock, zone } = bucket(1000, 2, NODELAY);
  check();
  check();
  check();
  clock.now += 400;
  const bytes = zone.snapshot();
  assert.ok(bytes !== null);
  const later = new SetClock();
  later.now = 77;
  const there = zoneOf(1000, { clock: later, seat: MAIN_SEAT });
  assert.match(String(there.restore(bytes.subarray(1))), /no snapshot/);
  assert.equal(there.restore(bytes), null);
  const limits = new RateLimits([{ zone: there, burst: 2, delay: NODELAY }]);
  assert.equal(limits.check(['k']), REJECT);
  assert.equal(limits.excess, 2600);
  later.now += 600;
  assert.equal(limits.check(['k']), PASS);
});

test('rates, bursts, delays and pairs of zones that cannot be are refused', () => {
  for (const rate of [0, 0.5, RATE_MAX * 1000 + 1, NaN])
    assert.throws(() => createRateZone({ name: 'z', bytes: 65_536, rate, threads: 1 }), RangeError);
  const zone = zoneOf(1000);
  for (const [burst, delay] of [
    [-1, 0],
    [0.5, 0],
    [RATE_MAX + 1, 0],
    [0, -1],
    [0, 0.5],
    [0, NaN],
  ] as const)
    assert.throws(() => new RateLimits([{ zone, burst, delay }]), RangeError);
  const limit = { zone, burst: 0, delay: 0 };
  assert.throws(() => new RateLimits([limit, limit]), /same zone/);
});
