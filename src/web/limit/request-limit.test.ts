import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../base/index.ts';
import { EXCHANGE_FAULTS } from '../../http/message/index.ts';
import { keyFields, LimitBench, OK } from '../../../test/support/limit-zones.ts';
import { MemoryExchange } from '../../../test/support/memory-exchange.ts';
import type { MemorySite } from '../../../test/support/memory-site.ts';
import { type AwayLimits, type LimitQuestion, NOT_AWAY, type VerdictReceiver } from './away.ts';
import { LOOKS_MAX } from './look-again.ts';
import { type LimitManner, RequestLimit, type RequestLimitModel } from './request-limit.ts';

const MANNER: LimitManner = { status: 503, level: 'error', dryRun: false };

type Limit = Partial<Omit<RequestLimitModel, 'zone'>>;

interface Made {
  readonly bench: LimitBench;
  readonly site: MemorySite;
  readonly limit: RequestLimit;
  readonly ask: (key?: string, method?: string) => MemoryExchange;
  /** The statuses of so many requests one after the other; 0 for one that waits. */
  readonly run: (count: number, key?: string) => readonly number[];
}

function made(
  limits: readonly (Limit & { readonly rate?: number })[],
  manner: Partial<LimitManner> = {},
  away: AwayLimits = NOT_AWAY,
): Made {
  const bench = new LimitBench();
  const models = limits.map(({ rate = 16, ...limit }, at) => ({
    zone: bench.rate(rate, `z${at}`),
    burst: 0,
    delay: 0,
    noDelay: false,
    ...limit,
  }));
  const ports = { away, alarm: bench.timers.alarm };
  const limit = new RequestLimit(models, { ...MANNER, ...manner }, ports);
  const site = bench.site({ '/': { handlers: [limit, OK] } });
  const ask = (key = 'k', method = 'GET'): MemoryExchange =>
    site.ask({ method, fields: keyFields(key) });
  return {
    bench,
    site,
    limit,
    ask,
    run: (count, key) => Array.from({ length: count }, () => ask(key).status),
  };
}

for (const burst of [0, 1, 3])
  test(`with a burst of ${burst} and no delay the first ${burst + 1} pass and the rest is refused`, () => {
    const { run, site, bench } = made([{ burst, noDelay: true }]);
    const statuses = [...Array.from({ length: burst + 1 }, () => 200), 503, 503];
    assert.deepEqual(run(burst + 3), statuses);
    assert.deepEqual(
      site.accessLines.map((line) => line.trim()),
      statuses.map((status) => `${status} ${status === 200 ? 'PASSED' : 'REJECTED'} -`),
    );
    assert.deepEqual(bench.timers.times, []);
    // Another key has its own.
    assert.deepEqual(run(1, 'other'), [200]);
  });

test('requests above the rate wait their turn, longer one after the other, and then are answered', () => {
  const { ask, bench, site } = made([{ rate: 1000, burst: 2 }]);
  const exchanges = [ask(), ask(), ask(), ask()];
  assert.deepEqual(
    exchanges.map(({ status }) => status),
    [200, 0, 0, 503],
  );
  assert.deepEqual(bench.timers.times, [1000, 2000]);
  bench.timers.ring();
  assert.deepEqual(
    exchanges.map(({ status }) => status),
    [200, 200, 200, 503],
  );
  assert.deepEqual(
    site.accessLines.map((line) => line.trim()),
    ['200 PASSED -', '503 REJECTED -', '200 DELAYED -', '200 DELAYED -'],
  );
  const delayed = site.errorLines.filter((line) => line.includes('[warn]'));
  assert.equal(delayed.length, 2);
  assert.match(delayed[0] ?? '', /The request is delayed: excess 1\.000 in zone "z0", client:/);
});

test('so many as `delay` says do not wait', () => {
  const { run, bench } = made([{ rate: 1000, burst: 3, delay: 2 }]);
  assert.deepEqual(run(5), [200, 200, 200, 0, 503]);
  assert.deepEqual(bench.timers.times, [1000]);
});

test('a client that leaves while it waits is waited for no more, and stays counted', () => {
  const { ask, bench } = made([{ burst: 1 }]);
  ask();
  const waits = ask();
  assert.equal(bench.timers.times.length, 1);
  waits.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'handler'));
  assert.deepEqual(bench.timers.times, []);
  assert.equal(ask().status, 503);
});

test('a request must be within all limits; one whose key is empty does not apply', () => {
  const { run, site } = made([
    { burst: 5, noDelay: true },
    { burst: 1, noDelay: true },
  ]);
  assert.deepEqual(run(3), [200, 200, 503]);
  assert.match(site.errorLines.join(''), /\[error\].*requests-limited.*zone "z1"/);
  assert.deepEqual(run(9, ''), [200, 200, 200, 200, 200, 200, 200, 200, 200]);
  assert.equal(site.accessLines.at(-1)?.trim(), '200 - -');
});

test('the key is in no log', () => {
  const { run, site } = made([{ burst: 1 }]);
  run(3, 'secret');
  assert.ok(site.errorLines.length > 1);
  assert.ok(!site.errorLines.join('').includes('secret'));
});

for (const [status, level, delayLevel] of [
  [429, 'error', 'warn'],
  [400, 'warn', 'notice'],
  [599, 'notice', 'info'],
  [503, 'info', 'info'],
] as const)
  test(`what is refused is answered with ${status} at the level ${level}, what is delayed at ${delayLevel}`, () => {
    const { run, site } = made([{ burst: 1 }], { status, level });
    assert.deepEqual(run(3), [200, 0, status]);
    assert.match(site.errorLines[0] ?? '', new RegExp(`\\[${delayLevel}\\].*delayed`));
    assert.match(site.errorLines[1] ?? '', new RegExp(`\\[${level}\\].*requests-limited`));
  });

test('444 closes the connection without an answer', () => {
  const { ask } = made([{}], { status: 444 });
  ask();
  const closed = ask();
  assert.ok(closed.aborted);
  assert.equal(closed.body.length, 0);
});

test('a dry run counts, tells and lets all through at once', () => {
  const { run, site, bench } = made([{ burst: 1 }], { dryRun: true });
  assert.deepEqual(run(3), [200, 200, 200]);
  assert.deepEqual(bench.timers.times, []);
  assert.deepEqual(
    site.accessLines.map((line) => line.trim()),
    ['200 PASSED -', '200 DELAYED_DRY_RUN -', '200 REJECTED_DRY_RUN -'],
  );
  assert.match(site.errorLines[0] ?? '', /\[warn\].*Dry run: the request would be delayed/);
  assert.match(site.errorLines[1] ?? '', /\[error\].*Dry run: the request would be refused/);
});

test('an error page answers for what is refused, and is not counted itself', () => {
  const bench = new LimitBench();
  const zone = bench.rate(16);
  const limit = new RequestLimit([{ zone, burst: 0, delay: 0, noDelay: false }], MANNER, {
    away: NOT_AWAY,
    alarm: bench.timers.alarm,
  });
  const site = bench.site({
    '/': { handlers: [limit, OK], errorPages: new Map([[503, { path: '/page', status: 0 }]]) },
    '/page': { handlers: [limit, OK] },
  });
  const ask = (): MemoryExchange => site.ask({ fields: keyFields('k') });
  assert.equal(ask().text, 'ok');
  const refused = ask();
  assert.deepEqual([refused.status, refused.text], [503, 'ok']);
  assert.equal(site.accessLines.at(-1)?.trim(), '503 REJECTED -');
});

test('HEAD counts as GET does', () => {
  const { ask } = made([{ burst: 1, noDelay: true }]);
  assert.deepEqual(
    [ask('k', 'HEAD'), ask(), ask('k', 'HEAD')].map(({ status }) => status),
    [200, 200, 503],
  );
});

/** Another process, which a test plays. */
class Elsewhere implements AwayLimits {
  decides = true;
  readonly asked: { readonly question: LimitQuestion; readonly receiver: VerdictReceiver }[] = [];
  readonly given: number[] = [];
  ask(question: LimitQuestion, receiver: VerdictReceiver): number {
    return this.asked.push({ question, receiver });
  }
  giveBack(id: number): void {
    this.given.push(id);
  }
}

test('where another process decides, its verdict counts and nothing is counted here', () => {
  const away = new Elsewhere();
  const { ask, bench, site } = made([{ burst: 0 }], {}, away);
  const exchanges = [ask(), ask(), ask(), ask()];
  assert.deepEqual(
    exchanges.map(({ status }) => status),
    [0, 0, 0, 0],
  );
  assert.deepEqual(away.asked[0]?.question, {
    kind: 'requests',
    limits: [
      {
        zone: 'z0',
        identity: JSON.stringify(['$http_x_key', 32_768]),
        key: 'k',
        burst: 0,
        delay: 0,
        noDelay: false,
      },
    ],
  });
  const verdicts = [
    { wait: 0, limit: -1, excess: 0 },
    { wait: -1, limit: 0, excess: 1500 },
    { wait: 250, limit: 0, excess: 500 },
    // Nobody answered.
    null,
  ];
  for (const [at, { receiver }] of away.asked.entries()) receiver(verdicts[at] ?? null);
  assert.deepEqual(
    exchanges.map(({ status }) => status),
    [200, 503, 0, 200],
  );
  assert.deepEqual(bench.timers.times, [250]);
  bench.timers.ring();
  assert.equal(exchanges[2]?.status, 200);
  assert.match(site.errorLines.join(''), /excess 1\.500 in zone "z0"/);
  away.decides = false;
  assert.equal(ask().status, 200, 'it is the first that is counted here');
});

test('a question that comes back is decided here, as if it had not been asked', () => {
  const away = new Elsewhere();
  const { ask } = made([{ burst: 0 }], {}, away);
  const exchanges = [ask('a'), ask('b'), ask('a')];
  away.decides = false;
  for (const { receiver } of away.asked) receiver('here');
  assert.deepEqual(
    exchanges.map(({ status }) => status),
    [200, 200, 503],
  );
});

test('a client that leaves takes its question back', () => {
  const away = new Elsewhere();
  const { ask } = made([{ burst: 0 }], {}, away);
  ask().abort(new Fault(EXCHANGE_FAULTS['client-left'], 'handler'));
  assert.deepEqual(away.given, [1]);
});

test('while a thread stands still on a key requests wait, and then are decided', () => {
  const { ask, bench } = made([{ burst: 1, noDelay: true }]);
  const free = bench.block('z0');
  const exchanges = [ask(), ask(), ask()];
  for (let i = 0; i < 3; i++) bench.timers.ring();
  assert.deepEqual(
    exchanges.map(({ status }) => status),
    [0, 0, 0],
  );
  free();
  bench.timers.ring();
  assert.deepEqual(
    exchanges.map(({ status }) => status),
    [200, 200, 503],
  );
});

test('a request does not wait for ever for a thread that stands still: it passes, which is told', () => {
  const { ask, bench, site } = made([{}]);
  bench.block('z0');
  const exchange = ask();
  for (let i = 0; i < LOOKS_MAX - 1; i++) bench.timers.ring();
  assert.equal(exchange.status, 0);
  bench.timers.ring();
  assert.equal(exchange.status, 200);
  assert.match(site.errorLines.join(''), /\[warn\].*stands still.*uncounted/);
  assert.equal(site.accessLines[0]?.trim(), '200 - -');
});

test('a request that waits for a thread asks the process that decides meanwhile', () => {
  const away = new Elsewhere();
  away.decides = false;
  const { ask, bench } = made([{}], {}, away);
  bench.block('z0');
  const exchange = ask();
  away.decides = true;
  bench.timers.ring();
  assert.equal(away.asked.length, 1);
  away.asked[0]?.receiver({ wait: 0, limit: -1, excess: 0 });
  assert.equal(exchange.status, 200);
});
