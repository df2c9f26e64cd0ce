import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConfigModel, resolveConfig } from '../config/index.ts';
import { endpointText } from '../schema/index.ts';
import { addressesOf, protocolOf } from './addresses.ts';

const ROUTES = { '/': { respond: 204 } };

function sitesOf(sites: Readonly<Record<string, object>>): ConfigModel['sites'] {
  const whole = Object.entries(sites).map(([host, site]) => [host, { routes: ROUTES, ...site }]);
  const loaded = resolveConfig({ sites: Object.fromEntries(whole) }, { directory: '/' });
  assert.ok(loaded.model !== undefined, JSON.stringify(loaded.problems));
  return loaded.model.sites;
}

function addresses(sites: Readonly<Record<string, object>>): readonly (readonly unknown[])[] {
  const found = addressesOf(Object.entries(sitesOf(sites)));
  return Array.from(found.values(), ({ key, hosts, fallback }) => [key, hosts, fallback]);
}

const KEYS = [
  [{ kind: 'tcp', host: '*', port: 80 }, '*:80'],
  [{ kind: 'tcp', host: '127.0.0.1', port: 0 }, '127.0.0.1:0'],
  [{ kind: 'tcp', host: '::1', port: 65535 }, '[::1]:65535'],
  [{ kind: 'tcp', host: 'LocalHost', port: 80 }, 'localhost:80'],
  [{ kind: 'unix', path: '/run/A:b' }, 'unix:/run/A:b'],
] as const;
for (const [endpoint, key] of KEYS)
  test(`the text of an address is ${key}`, () => {
    assert.equal(endpointText(endpoint), key);
  });

test('sites are grouped by address, in the order in which addresses first appear', () => {
  assert.deepEqual(
    addresses({
      'b.test': { listen: [81, 80] },
      'a.test': { listen: ['unix:/run/x', '[::1]:80', 80] },
    }),
    [
      ['*:81', ['b.test'], 'b.test'],
      ['*:80', ['b.test', 'a.test'], 'b.test'],
      ['unix:/run/x', ['a.test'], 'a.test'],
      ['[::1]:80', ['a.test'], 'a.test'],
    ],
  );
});

test('one address spelt in several ways is one address', () => {
  assert.deepEqual(
    addresses({
      'a.test': { listen: [80] },
      'b.test': { listen: ['*:80'] },
      'c.test': { listen: [{ port: 80 }] },
      'd.test': { listen: [{ address: '*', port: 80 }] },
    }),
    [['*:80', ['a.test', 'b.test', 'c.test', 'd.test'], 'a.test']],
  );
});

const DEFAULTS: readonly (readonly [string, Readonly<Record<string, object>>])[] = [
  ['its name "*"', { 'a.test': { listen: [80] }, '*': { listen: [80] } }],
  ['an alias "*"', { 'a.test': { listen: [80] }, 'b.test': { listen: [80], serverNames: ['*'] } }],
  ['its own default', { 'a.test': { listen: [80] }, 'b.test': { listen: [80], default: true } }],
  [
    'the default of its listen entry',
    { 'a.test': { listen: [80] }, 'b.test': { listen: [{ port: 80, default: true }] } },
  ],
];
for (const [why, sites] of DEFAULTS)
  test(`a site answers for unknown hosts because of ${why}, though another comes first`, () => {
    const [host] = Object.keys(sites).slice(1);
    assert.deepEqual(addresses(sites), [['*:80', Object.keys(sites), host]]);
  });

test('a default of one address is none of another', () => {
  assert.deepEqual(
    addresses({
      'a.test': { listen: [80, 81] },
      'b.test': { listen: [{ port: 80, default: true }, 81] },
    }),
    [
      ['*:80', ['a.test', 'b.test'], 'b.test'],
      ['*:81', ['a.test', 'b.test'], 'a.test'],
    ],
  );
});

test('an address has the options that its sites agree on', () => {
  const listen = [{ port: 80, backlog: 7, lenientLineEnds: true }, 81];
  const [first, second] = addressesOf(Object.entries(sitesOf({ 'a.test': { listen } }))).values();
  assert.deepEqual(first, {
    key: '*:80',
    target: { kind: 'tcp', host: '*', port: 80 },
    backlog: 7,
    lenientLineEnds: true,
    tls: false,
    ajp: null,
    hosts: ['a.test'],
    fallback: 'a.test',
  });
  assert.deepEqual([second?.backlog, second?.lenientLineEnds], [511, false]);
});

test('an address speaks one protocol', () => {
  const listen = [80, { port: 8009, ajp: { secret: 's' } }];
  const spoken = [...addressesOf(Object.entries(sitesOf({ 'a.test': { listen } }))).values()];
  assert.deepEqual(
    spoken.map((address) => [address.key, protocolOf(address)]),
    [
      ['*:80', 'http'],
      ['127.0.0.1:8009', 'ajp'],
    ],
  );
  assert.equal(protocolOf({ tls: true, ajp: null }), 'https');
});
