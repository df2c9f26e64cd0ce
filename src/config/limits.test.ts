import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolve } from '../schema/index.ts';
import { configSchema, type SiteModel } from './native.ts';
import { resolveConfig } from './load.ts';

const ZONES = {
  rateZones: {
    perClient: { key: '$remote_addr', rate: '10r/s', size: '1MiB' },
    perSite: { key: '$host', rate: '30r/m' },
  },
  connectionZones: { perAddress: { key: '$remote_addr' } },
};

function input(site: object, top: object = ZONES): object {
  const routes = { '/': { respond: 200 } };
  return { ...top, sites: { '*': { listen: [80], routes, ...site } } };
}

function siteOf(site: object): SiteModel {
  const { model, problems } = resolve(configSchema, input(site), { directory: '/' });
  assert.ok(model !== undefined, JSON.stringify(problems));
  const made = structuredClone(model).sites['*'];
  assert.ok(made !== undefined);
  return made;
}

function problemsOf(whole: object): readonly (readonly string[])[] {
  const { problems } = resolveConfig(whole, { directory: '/' });
  return (problems ?? []).map(({ object, code, message, cure }) => [object, code, message, cure]);
}

test('zones come out in bytes and thousandths of a request a second', () => {
  const { model } = resolve(configSchema, input({}), { directory: '/' });
  assert.deepEqual(structuredClone(model?.rateZones), {
    perClient: { key: '$remote_addr', rate: 10_000, size: 1_048_576 },
    perSite: { key: '$host', rate: 500, size: 10_485_760 },
  });
  assert.deepEqual(structuredClone(model?.connectionZones), {
    perAddress: { key: '$remote_addr', size: 10_485_760 },
  });
});

test('nothing is limited unless said, and then with the defaults of nginx', () => {
  assert.equal(siteOf({}).limiting, null);
  const { limiting, routes } = siteOf({ limitRequests: [{ zone: 'perClient' }] });
  assert.deepEqual(limiting, {
    limitRequests: [{ zone: 'perClient', burst: 0, delay: 0, noDelay: false }],
    limitConnections: [],
    limitStatus: { requests: 503, connections: 503 },
    limitLogLevel: { requests: 'error', connections: 'error' },
    limitDryRun: { requests: false, connections: false },
  });
  assert.deepEqual(routes['/']?.limiting, limiting);
});

test('each option of a route stands before that of its site, and what it leaves is inherited', () => {
  const { routes } = siteOf({
    limitRequests: [{ zone: 'perClient', burst: 5, noDelay: true }],
    limitConnections: [{ zone: 'perAddress', max: 3 }],
    limitStatus: { requests: 429, connections: 444 },
    limitLogLevel: 'warn',
    limitDryRun: true,
    routes: {
      '/same': { respond: 200 },
      '/other': {
        respond: 200,
        limitRequests: [{ zone: 'perSite', burst: 7, delay: 2 }],
        limitStatus: { connections: 500 },
        limitLogLevel: { requests: 'info' },
        limitDryRun: { connections: false },
      },
      '/free': { respond: 200, limitRequests: [], limitConnections: [] },
    },
  });
  assert.deepEqual(routes['/same']?.limiting, {
    limitRequests: [{ zone: 'perClient', burst: 5, delay: 0, noDelay: true }],
    limitConnections: [{ zone: 'perAddress', max: 3 }],
    limitStatus: { requests: 429, connections: 444 },
    limitLogLevel: { requests: 'warn', connections: 'warn' },
    limitDryRun: { requests: true, connections: true },
  });
  assert.deepEqual(routes['/other']?.limiting, {
    limitRequests: [{ zone: 'perSite', burst: 7, delay: 2, noDelay: false }],
    limitConnections: [{ zone: 'perAddress', max: 3 }],
    limitStatus: { requests: 429, connections: 500 },
    limitLogLevel: { requests: 'info', connections: 'warn' },
    limitDryRun: { requests: true, connections: false },
  });
  assert.equal(routes['/free']?.limiting, null);
  // What a route says itself is nowhere else in its model.
  assert.ok(!('limitStatus' in (routes['/other'] ?? {})));
});

const WRONG: readonly (readonly [string, object, string, RegExp])[] = [
  [
    'unknown-reference',
    { limitRequests: [{ zone: 'perCleint' }] },
    '[0].zone',
    /Did you mean "perClient"\?/,
  ],
  [
    'unknown-reference',
    { limitRequests: [{ zone: 'perAddress' }] },
    '[0].zone',
    /Use it in limitConnections, or add "perAddress" to rateZones/,
  ],
  [
    'unknown-reference',
    { limitConnections: [{ zone: 'perSite', max: 1 }] },
    '[0].zone',
    /Use it in limitRequests, or add "perSite" to connectionZones/,
  ],
  ['missing-key', { limitConnections: [{ zone: 'perAddress' }] }, '[0]', /max/],
  ['out-of-range', { limitConnections: [{ zone: 'perAddress', max: 0 }] }, '[0].max', /1 to 65535/],
  ['out-of-range', { limitConnections: [{ zone: 'perAddress', max: 65_536 }] }, '[0].max', /65535/],
  [
    'out-of-range',
    { limitRequests: [{ zone: 'perSite', burst: 2_000_001 }] },
    '[0].burst',
    /2000000/,
  ],
  ['out-of-range', { limitRequests: [{ zone: 'perSite', delay: -1 }] }, '[0].delay', /0 to/],
  [
    'conflict',
    { limitRequests: [{ zone: 'perSite', delay: 1, noDelay: true }] },
    '[0].noDelay',
    /Keep one/,
  ],
  ['duplicate', { limitRequests: [{ zone: 'perSite' }, { zone: 'perSite' }] }, '[1]', /Keep one/],
  ['out-of-range', { limitStatus: 399 }, 'limitStatus', /400 to 599/],
  ['out-of-range', { limitStatus: { requests: 600 } }, 'limitStatus.requests', /400 to 599/],
  ['not-a-choice', { limitLogLevel: 'crit' }, 'limitLogLevel', /info/],
  ['unknown-key', { limitDryRun: { request: true } }, 'limitDryRun.request', /"requests"/],
];
for (const [code, site, at, cure] of WRONG)
  test(`${JSON.stringify(site)} is ${code} with its cure`, () => {
    const found = problemsOf(input(site)).find(([, problem]) => problem === code);
    assert.ok(found !== undefined, JSON.stringify(problemsOf(input(site))));
    const [object = '', , , said = ''] = found;
    assert.ok(object.endsWith(at), object);
    assert.match(said, cure);
  });

test('what is wrong with a zone is told at its place', () => {
  const told = problemsOf(
    input(
      {},
      {
        rateZones: {
          a: { key: '', rate: '10r/s' },
          b: { key: 'x', rate: '10' },
          c: { rate: '0r/s' },
        },
        connectionZones: { d: { key: 'x', size: '31KiB' }, e: { key: 'x', size: '5GiB' } },
      },
    ),
  ).map(([object, code]) => `${object} ${code}`);
  assert.deepEqual(told.toSorted(), [
    'connectionZones.d.size out-of-range',
    'connectionZones.e.size out-of-range',
    'rateZones.a.key wrong-form',
    'rateZones.b.rate wrong-form',
    'rateZones.c missing-key',
    'rateZones.c.rate out-of-range',
  ]);
});
