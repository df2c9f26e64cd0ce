import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diff, type Place, resolve, toJsonSchema } from '../schema/index.ts';
import { type Config, type ConfigModel, configSchema } from './native.ts';

const PLACE: Place = { directory: '/etc/daemun' };

function modelOf(config: Config): ConfigModel {
  const { model, problems } = resolve(configSchema, config, PLACE);
  assert.ok(model !== undefined, JSON.stringify(problems));
  // Records without a prototype compare as plain objects once they were cloned, as for a thread.
  return structuredClone(model);
}

const SMALL: Config = {
  upstreams: { app: { servers: ['http://10.0.0.1:9001'] } },
  sites: {
    '*': {
      listen: [80],
      routes: {
        '/': { files: 'public' },
        '/app/*': { proxy: 'app' },
        '/old': { redirect: '/new' },
        '/health': { respond: 200 },
      },
    },
  },
};

test('what stands at the top when nothing is said', () => {
  const { sites, upstreams, ...top } = modelOf(SMALL);
  assert.deepEqual(top, {
    threads: 'auto',
    hotFileMemory: 67_108_864,
    trustedProxies: [],
    apps: {},
    rateZones: {},
    connectionZones: {},
    user: undefined,
    group: undefined,
    pidFile: undefined,
    drainTimeout: 3_600_000,
    shutdownDelay: 0,
    stuckThreadTimeout: 30_000,
    threadHeap: undefined,
    admin: undefined,
    logs: {
      access: { path: { kind: 'stdout' }, format: 'combined', buffer: 65_536 },
      error: { path: { kind: 'stderr' }, level: 'error', notFound: true },
    },
    limits: {
      keepAliveTimeout: 75_000,
      keepAliveRequests: 1000,
      headTimeout: 60_000,
      bodyTimeout: 60_000,
      bodyMinRate: 500,
      bodyRateGrace: 20_000,
      sendMinRate: 500,
      sendTimeout: 60_000,
      maxConnections: 8192,
      maxConnectionsPerAddress: 0,
      requestLineLimit: 8192,
      headLimit: 32_768,
      headerCount: 200,
      lingeringTime: 30_000,
      lingeringTimeout: 5000,
    },
  });
  assert.deepEqual(Object.keys(sites), ['*']);
  assert.deepEqual(Object.keys(upstreams), ['app']);
});

test('what stands for an upstream when nothing is said', () => {
  assert.deepEqual(modelOf(SMALL).upstreams['app'], {
    servers: [
      {
        url: 'http://10.0.0.1:9001',
        protocol: 'http',
        endpoint: { kind: 'tcp', host: '10.0.0.1', port: 9001 },
        weight: 1,
        maxFails: 1,
        failTimeout: 10_000,
        maxConnections: 0,
        backup: false,
        down: false,
        route: undefined,
      },
    ],
    balance: 'round-robin',
    sticky: undefined,
    keepAlive: { connections: 32, idle: 60_000 },
    ajp: {
      secret: undefined,
      packetSize: 8192,
      ping: 'connect',
      pingTimeout: 10_000,
      pingInterval: 0,
    },
  });
});

test('what stands for a site when nothing is said', () => {
  const { routes, ...site } = modelOf(SMALL).sites['*'] ?? { routes: {} };
  assert.deepEqual(site, {
    names: [{ kind: 'any' }],
    default: false,
    listen: [
      {
        endpoint: { kind: 'tcp', host: '*', port: 80 },
        default: false,
        lenientLineEnds: false,
        tls: null,
        ajp: null,
        backlog: 511,
      },
    ],
    accessLog: { path: { kind: 'stdout' }, format: 'combined', buffer: 65_536 },
    errorLog: { path: { kind: 'stderr' }, level: 'error', notFound: true },
    requestIdHeader: false,
    bodyLimit: 1_048_576,
    headers: [],
    errorPages: {},
    limiting: null,
  });
  assert.deepEqual(Object.keys(routes), ['/', '/app/*', '/old', '/health']);
});

const SHARED = { bodyLimit: 1_048_576, headers: [], limiting: null, errorPages: {} };
const ROUTES: readonly (readonly [string, unknown])[] = [
  [
    '/',
    {
      ...SHARED,
      kind: 'files',
      pattern: { kind: 'prefix', path: '/' },
      files: '/etc/daemun/public',
      index: ['index.html'],
      charset: false,
      etag: true,
      precompressed: [],
      tryFiles: undefined,
      maxRanges: 16,
      ifModifiedSince: 'exact',
      cacheControl: undefined,
      dotfiles: 'deny',
      symlinks: 'within-root',
      types: {},
      defaultType: 'application/octet-stream',
      directoryRedirect: true,
      hotFiles: { maxFileSize: 1_048_576, revalidate: 1000 },
    },
  ],
  [
    '/app/*',
    {
      ...SHARED,
      kind: 'proxy',
      pattern: { kind: 'prefix', path: '/app/' },
      proxy: 'app',
      uri: undefined,
      connectTimeout: 60_000,
      sendTimeout: 60_000,
      readTimeout: 60_000,
      hostHeader: undefined,
      preserveHost: false,
      forwarded: 'x-forwarded',
      trustedProxies: [],
      requestBody: 'buffer',
      responseBody: 'buffer',
      bodySpool: { memory: 1_048_576, file: 1_073_741_824, directory: undefined },
      redirectRewrite: { mode: 'default', replace: {} },
      cookieRewrite: { domain: {}, path: {} },
      nextUpstream: { conditions: ['error', 'timeout'], tries: 0, timeout: 0 },
      websocket: true,
    },
  ],
  [
    '/old',
    {
      ...SHARED,
      kind: 'redirect',
      pattern: { kind: 'exact', path: '/old' },
      redirect: '/new',
      status: 302,
    },
  ],
  [
    '/health',
    {
      ...SHARED,
      kind: 'respond',
      pattern: { kind: 'exact', path: '/health' },
      respond: 200,
      body: '',
      contentType: 'text/plain; charset=utf-8',
    },
  ],
];
for (const [pattern, expected] of ROUTES)
  test(`what stands for the route ${pattern} when nothing is said`, () => {
    assert.deepEqual(modelOf(SMALL).sites['*']?.routes[pattern], expected);
  });

test('routes inherit from their site, and sites from the top', () => {
  const site = modelOf({
    upstreams: { app: { servers: ['http://10.0.0.1'] } },
    trustedProxies: ['10.0.0.0/8'],
    logs: { access: '/var/log/all.log', error: { path: 'error.log', level: 'warn' } },
    sites: {
      'example.com': {
        listen: [80],
        bodyLimit: '2MiB',
        headers: { set: { A: 'site' }, remove: ['Server'] },
        errorPages: { 404: '/site-404.html', 500: '/site-500.html' },
        routes: {
          '/a': { proxy: 'app' },
          '/b': {
            proxy: 'app',
            bodyLimit: '1GiB',
            trustedProxies: [],
            headers: { add: { B: 'route' } },
            errorPages: { 404: { file: '/route-404.html', status: 200 } },
          },
        },
      },
      'other.com': { listen: [80], accessLog: 'off', errorLog: 'stdout', routes: {} },
    },
  }).sites;
  const a = site['example.com']?.routes['/a'];
  const b = site['example.com']?.routes['/b'];
  assert.ok(a?.kind === 'proxy' && b?.kind === 'proxy');
  assert.deepEqual([a.bodyLimit, b.bodyLimit], [2_097_152, 1_073_741_824]);
  assert.deepEqual(a.trustedProxies, [{ address: '10.0.0.0', bits: 8, family: 4 }]);
  assert.deepEqual(b.trustedProxies, []);
  const fromSite = { remove: ['Server'], set: { A: 'site' }, add: {} };
  assert.deepEqual(a.headers, [fromSite]);
  assert.deepEqual(b.headers, [fromSite, { remove: [], set: {}, add: { B: ['route'] } }]);
  assert.deepEqual(b.errorPages, {
    404: { file: '/route-404.html', status: 200 },
    500: { file: '/site-500.html', status: undefined },
  });
  assert.deepEqual(site['example.com']?.accessLog.path, { kind: 'file', path: '/var/log/all.log' });
  assert.deepEqual(site['example.com'].errorLog, {
    path: { kind: 'file', path: '/etc/daemun/error.log' },
    level: 'warn',
    notFound: true,
  });
  assert.deepEqual(site['other.com']?.accessLog.path, { kind: 'off' });
  assert.deepEqual(site['other.com'].errorLog.path, { kind: 'stdout' });
});

test('the names of a site are its own, then its aliases, in lower case', () => {
  const { names } = modelOf({
    sites: {
      'Example.com': {
        listen: [80],
        serverNames: ['*.Example.com', 'example.*', '~^IMG[0-9]'],
        routes: {},
      },
    },
  }).sites['Example.com'] ?? { names: [] };
  assert.deepEqual(names, [
    { kind: 'exact', name: 'example.com' },
    { kind: 'suffix', suffix: '.example.com' },
    { kind: 'prefix', prefix: 'example.' },
    { kind: 'regex', source: '^IMG[0-9]' },
  ]);
});

test('the same input twice differs in nothing, and one option in one path', () => {
  const changed: Config = { ...SMALL, limits: { headTimeout: '10s' } };
  assert.deepEqual(diff(modelOf(SMALL), modelOf(SMALL)), []);
  assert.deepEqual(
    diff(modelOf(SMALL), modelOf(changed)).map(({ object }) => object),
    ['limits.headTimeout'],
  );
});

test('a model can be sent to a thread', () => {
  const { model } = resolve(configSchema, SMALL, PLACE);
  assert.doesNotThrow(() => structuredClone(model));
});

test('the JSON Schema of a configuration is itself JSON and knows every option at the top', () => {
  const json = toJsonSchema(configSchema, 'Daemun');
  assert.deepEqual(JSON.parse(JSON.stringify(json)), json);
  assert.deepEqual(Object.keys(json['properties'] as object), [
    'threads',
    'upstreams',
    'apps',
    'logs',
    'sites',
    'rateZones',
    'connectionZones',
    'limits',
    'hotFileMemory',
    'trustedProxies',
    'user',
    'group',
    'pidFile',
    'drainTimeout',
    'shutdownDelay',
    'stuckThreadTimeout',
    'threadHeap',
    'admin',
  ]);
  assert.deepEqual(json['required'], ['sites']);
});

for (const [key, meant] of [
  ['root', 'files'],
  ['alias', 'files'],
  ['proxy_pass', 'proxy'],
  ['ProxyPass', 'proxy'],
  ['rewrite', 'redirect'],
] as const)
  test(`a route that says ${key} is told that it is ${meant} here`, () => {
    const sites = { x: { listen: [80], routes: { '/a': { [key]: 'x' } } } };
    const { problems = [] } = resolve(configSchema, { sites }, PLACE);
    assert.deepEqual(
      problems.map(({ object, cure }) => [object, cure]),
      [[`sites.x.routes["/a"].${key}`, `Did you mean "${meant}"?`]],
    );
  });

test('a configuration with applications has one thread', () => {
  assert.equal(modelOf({ ...SMALL, apps: { a: { root: '/a' } } }).threads, 1);
  assert.equal(modelOf({ ...SMALL, apps: {} }).threads, 'auto');
});
