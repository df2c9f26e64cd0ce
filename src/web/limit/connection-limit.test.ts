import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../base/index.ts';
import { EXCHANGE_FAULTS } from '../../http/message/index.ts';
import { type Context, DONE, type Handler } from '../../pipeline/index.ts';
import { keyFields, LimitBench, OK } from '../../../test/support/limit-zones.ts';
import type { MemoryExchange } from '../../../test/support/memory-exchange.ts';
import type { MemorySite } from '../../../test/support/memory-site.ts';
import {
  type AwayLimits,
  type LimitQuestion,
  type LimitVerdict,
  NOT_AWAY,
  type VerdictReceiver,
} from './away.ts';
import { ConnectionLimit } from './connection-limit.ts';
import { Holds } from './holds.ts';
import type { LimitManner } from './request-limit.ts';

const MANNER: LimitManner = { status: 503, level: 'error', dryRun: false };
const PASSES: LimitVerdict = { wait: 0, limit: -1, excess: 0 };

/** Another process, which a test plays. */
class Elsewhere implements AwayLimits {
  decides = false;
  readonly asked: { readonly question: LimitQuestion; readonly receiver: VerdictReceiver }[] = [];
  readonly given: number[] = [];
  ask(question: LimitQuestion, receiver: VerdictReceiver): number {
    return 100 + this.asked.push({ question, receiver });
  }
  giveBack(id: number): void {
    this.given.push(id);
  }
}

/** Requests behind limits, each of which lasts until the test ends it. */
class Bench {
  readonly bench = new LimitBench();
  readonly site: MemorySite;
  readonly holds: Holds;
  readonly under: Context[] = [];

  constructor(
    maxima: readonly number[],
    manner: Partial<LimitManner> = {},
    away: AwayLimits = NOT_AWAY,
  ) {
    this.holds = new Holds(away);
    const limits = maxima.map((max, at) => ({ zone: this.bench.connections(`c${at}`), max }));
    const limit = new ConnectionLimit(
      limits,
      { ...MANNER, ...manner },
      {
        away,
        alarm: this.bench.timers.alarm,
        holds: this.holds,
      },
    );
    const lasting: Handler = {
      name: 'lasting',
      phase: 'content',
      handle: (context) => {
        this.under.push(context);
        return DONE;
      },
    };
    this.site = this.bench.site({
      '/': {
        handlers: [limit, lasting],
        errorPages: new Map([[429, { path: '/page', status: 0 }]]),
      },
      '/page': { handlers: [limit, OK] },
    });
  }

  /** The status, 0 for one that is let in. */
  ask(key = 'k'): MemoryExchange {
    return this.site.ask({ fields: keyFields(key) });
  }

  end(): void {
    this.under.shift()?.send(200, keyFields(''), 'over');
  }

  get lines(): readonly string[] {
    return this.site.accessLines.map((line) => line.trim());
  }
}

for (const max of [1, 2, 5])
  test(`${max} of a key are let in at once, and another one when one is over`, () => {
    const bench = new Bench([max]);
    for (let i = 0; i < max; i++) assert.equal(bench.ask().status, 0);
    assert.equal(bench.ask().status, 503);
    assert.equal(bench.ask('other').status, 0);
    bench.end();
    assert.equal(bench.ask().status, 0);
    assert.equal(bench.ask().status, 503);
    assert.deepEqual(bench.lines, ['503 - REJECTED', '200 - PASSED', '503 - REJECTED']);
    assert.match(bench.site.errorLines[0] ?? '', /\[error\].*connections-limited.*\(zone "c0"\)/);
  });

test('a request gives back what it holds once, also when its client leaves', () => {
  const bench = new Bench([1]);
  for (let i = 0; i < 3; i++) {
    const exchange = bench.ask();
    assert.equal(bench.ask().status, 503);
    exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'handler'));
    assert.equal(bench.holds.handOver(() => 1).length, 0);
  }
  assert.equal(bench.ask().status, 0);
});

test('a request must be within all limits; what one refuses is held in none', () => {
  const bench = new Bench([3, 1]);
  assert.equal(bench.ask().status, 0);
  for (let i = 0; i < 5; i++) assert.equal(bench.ask().status, 503);
  assert.match(bench.site.errorLines[0] ?? '', /zone "c1"/);
  bench.end();
  assert.equal(bench.ask().status, 0);
});

test('an empty key is not counted', () => {
  const bench = new Bench([1]);
  for (let i = 0; i < 3; i++) assert.equal(bench.ask('').status, 0);
  bench.end();
  assert.deepEqual(bench.lines, ['200 - -']);
});

test('a dry run lets all in and tells', () => {
  const bench = new Bench([1], { dryRun: true, level: 'warn' });
  for (let i = 0; i < 3; i++) assert.equal(bench.ask().status, 0);
  assert.match(bench.site.errorLines[0] ?? '', /\[warn\].*Dry run: the request would be refused/);
  for (let i = 0; i < 3; i++) bench.end();
  assert.deepEqual(bench.lines, [
    '200 - PASSED',
    '200 - REJECTED_DRY_RUN',
    '200 - REJECTED_DRY_RUN',
  ]);
});

test('an error page answers with the status that is said, and is not counted', () => {
  const bench = new Bench([1], { status: 429 });
  bench.ask();
  const refused = bench.ask();
  assert.deepEqual([refused.status, refused.text], [429, 'ok']);
});

test('where another process decides, what it grants is given back to it once', () => {
  const away = new Elsewhere();
  away.decides = true;
  const bench = new Bench([1], {}, away);
  const exchanges = [bench.ask(), bench.ask(), bench.ask()];
  assert.equal(bench.under.length, 0);
  const { question } = away.asked[0] ?? {};
  assert.deepEqual(
    question?.limits.map(({ zone, key }) => [zone, key]),
    [['c0', 'k']],
  );
  away.asked[0]?.receiver(PASSES);
  away.asked[1]?.receiver({ wait: -1, limit: 0, excess: 0 });
  away.asked[2]?.receiver(null);
  assert.deepEqual(
    exchanges.map(({ status }) => status),
    [0, 503, 0],
  );
  assert.equal(bench.under.length, 2);
  bench.end();
  bench.end();
  assert.deepEqual(away.given, [101]);
  assert.deepEqual(bench.lines, ['503 - REJECTED', '200 - PASSED', '200 - -']);
});

test('a client that leaves while it waits for a verdict takes its question back', () => {
  const away = new Elsewhere();
  away.decides = true;
  const bench = new Bench([1], {}, away);
  bench.ask().abort(new Fault(EXCHANGE_FAULTS['client-left'], 'handler'));
  assert.deepEqual(away.given, [101]);
});

test('what is held is told to another process, and given back here and there', () => {
  const away = new Elsewhere();
  const bench = new Bench([2, 5], {}, away);
  bench.ask('a');
  bench.ask('b');
  let id = 0;
  const identity = JSON.stringify(['$http_x_key', 32_768]);
  const held = bench.holds.handOver(() => ++id);
  assert.deepEqual(
    held.map((hold) => [hold.id, hold.shares]),
    [
      [
        1,
        [
          { zone: 'c0', identity, key: 'b' },
          { zone: 'c1', identity, key: 'b' },
        ],
      ],
      [
        2,
        [
          { zone: 'c0', identity, key: 'a' },
          { zone: 'c1', identity, key: 'a' },
        ],
      ],
    ],
  );
  assert.deepEqual(
    bench.holds.handOver(() => ++id),
    [],
    'told once',
  );
  bench.end();
  assert.deepEqual(away.given, [2]);
  // The other process does not decide after all.
  bench.holds.takeBack();
  bench.end();
  assert.deepEqual(away.given, [2]);
  for (let i = 0; i < 2; i++) assert.equal(bench.ask('a').status, 0);
  assert.equal(bench.ask('a').status, 503);
  // Also what notes were used for before that had an id.
  assert.deepEqual(
    bench.holds.handOver(() => ++id).map((hold) => hold.id),
    [3, 4],
  );
});

test('a question that comes back is decided here', () => {
  const away = new Elsewhere();
  away.decides = true;
  const bench = new Bench([1], {}, away);
  const exchanges = [bench.ask(), bench.ask()];
  away.decides = false;
  for (const { receiver } of away.asked) receiver('here');
  assert.deepEqual(
    exchanges.map(({ status }) => status),
    [0, 503],
  );
  bench.end();
  assert.deepEqual(away.given, []);
  assert.equal(bench.ask().status, 0);
});

test('many requests that come and go in any order leave nothing', () => {
  const bench = new Bench([1000]);
  for (let round = 0; round < 50; round++) {
    for (let i = 0; i < 7; i++) bench.ask(`k${i % 3}`);
    bench.under.push(...bench.under.splice(0, 3));
    for (let i = 0; i < (round % 2 === 0 ? 5 : 9); i++) bench.end();
  }
  assert.equal(bench.holds.handOver(() => 1).length, bench.under.length);
  while (bench.under.length > 0) bench.end();
  assert.equal(bench.holds.handOver(() => 1).length, 0);
});

test('while a thread stands still on a key requests wait, and then are decided', () => {
  const bench = new Bench([9, 1]);
  const free = bench.bench.block('c1');
  const exchanges = [bench.ask(), bench.ask()];
  bench.bench.timers.ring();
  assert.equal(bench.under.length, 0);
  assert.equal(bench.holds.handOver(() => 1).length, 0, 'nothing is held meanwhile');
  free();
  bench.bench.timers.ring();
  assert.deepEqual(
    exchanges.map(({ status }) => status),
    [0, 503],
  );
  assert.equal(bench.under.length, 1);
});
