import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deadlines, ManualClock, MemoryBudget } from '../base/index.ts';
import { Turn, TurnClock } from '../net/index.ts';
import { type ConfigModel, resolveConfig } from '../config/index.ts';
import {
  CaptureNames,
  ErrorLog,
  HostTable,
  type LogFile,
  LogSet,
  LogTime,
  Pipeline,
  type VirtualHost,
} from '../pipeline/index.ts';
import type { FileKind } from '../schema/index.ts';
import { Holds, LimitZone, NOT_AWAY, threadAlarm } from '../web/index.ts';
import { MemoryExchange } from '../../test/support/memory-exchange.ts';
import { builtinVariables } from './builtins.ts';
import type { SiteFault } from './port.ts';
import { buildSite, type SiteParts } from './site.ts';
import { ApplicationSet } from './applications.ts';
import { UpstreamSet } from './upstreams.ts';

const THREAD = {
  turn: new Turn(new TurnClock(new ManualClock()), assert.ifError),
  clock: new ManualClock(),
  deadlines: new Deadlines(),
  budget: new MemoryBudget(1024),
};
const CLOCK = new ManualClock(Date.UTC(2026, 10, 20, 12));
const TIME = new LogTime(CLOCK, () => 0);
const OK = { respond: 200, body: 'ok' };

/** Log files in memory; those under /refused cannot be opened. */
class MemoryLogs {
  readonly lines = new Map<string, string>();
  readonly set = new LogSet({
    open: (path) => {
      if (path.startsWith('/refused')) throw new Error(`EACCES ${path}`);
      return this.#file(path);
    },
    reopen: (path, done) => {
      done(null, this.#file(path));
    },
    standard: (fd) => this.#file(String(fd)),
  });

  #file(path: string): LogFile {
    return {
      whole: Infinity,
      write: (bytes, from, to, done) => {
        this.lines.set(path, (this.lines.get(path) ?? '') + bytes.toString('latin1', from, to));
        setImmediate(done, null, to - from);
      },
      close: (done) => {
        setImmediate(done);
      },
    };
  }
}

function configOf(input: object): ConfigModel {
  const lookup = (path: string): FileKind => (/refused|\.log$/.test(path) ? 'file' : 'directory');
  const loaded = resolveConfig(input, { directory: '/' }, { lookup, tryLog: () => null });
  assert.ok(loaded.model !== undefined, JSON.stringify(loaded.problems));
  return loaded.model;
}

function partsOf(config: ConfigModel, logs: MemoryLogs): SiteParts {
  const builtin = builtinVariables({ hostname: 'machine', pid: 7 });
  return {
    defaultLogs: config.logs,
    web: { clock: CLOCK, random: () => 0 },
    upstreams: UpstreamSet.build({}, { thread: THREAD, onDefect: assert.ifError }),
    applications: new ApplicationSet(config.apps),
    zones: {
      rate: (name) => new LimitZone(name, ''),
      connections: (name) => new LimitZone(name, ''),
    },
    limits: { away: NOT_AWAY, alarm: threadAlarm, holds: new Holds(NOT_AWAY) },
    ...builtin,
    captures: new CaptureNames(builtin.variables),
    logs: logs.set,
    time: TIME,
    pid: 7,
    thread: 2,
  };
}

/** Builds the sites of a configuration: those that can be built, and what is wrong with the others. */
function built(
  input: object,
  logs = new MemoryLogs(),
): { readonly hosts: readonly (VirtualHost | null)[]; readonly faults: readonly SiteFault[] } {
  const config = configOf(input);
  const faults: SiteFault[] = [];
  const parts = partsOf(config, logs);
  const hosts = Object.entries(config.sites).map(([name, model]) =>
    buildSite(model, name, parts, faults),
  );
  return { hosts, faults };
}

function site(options: object): VirtualHost {
  const { hosts, faults } = built({ sites: { 'a.test': { listen: [80], ...options } } });
  assert.deepEqual(faults, []);
  const [host] = hosts;
  assert.ok(host !== undefined && host !== null);
  return host;
}

function faultsOf(options: object, more: object = {}): readonly (readonly [string, string])[] {
  const { hosts, faults } = built({
    ...more,
    sites: { 'a.test': { listen: [80], ...options } },
  });
  assert.deepEqual(hosts, [null], 'a site with a fault is not built');
  for (const { cure } of faults) assert.notEqual(cure, '');
  return faults.map(({ path, message }) => [path.join(' '), message]);
}

function ask(host: VirtualHost, target: string): MemoryExchange {
  const hosts = HostTable.build([], host);
  assert.ok('value' in hosts);
  const errorLog = new ErrorLog({ write: () => {} }, 'error', TIME, { pid: 7, thread: 2 });
  const pipeline = new Pipeline({ hosts: hosts.value }, { clock: CLOCK, errorLog, time: TIME });
  const exchange = new MemoryExchange({ target });
  pipeline.onExchange(exchange);
  return exchange;
}

test('routes become locations whose order does not depend on the order of the file', () => {
  const routes = { '/': OK, '~ ^/x': OK, '*.php': OK, '/a/*': OK, '/a/b/*': OK, '/a': OK };
  const order = ['= /a', '^~ /a/b/', '^~ /a/', '~ ^/x', '*.php', '/'];
  const backwards = Object.fromEntries(Object.entries(routes).toReversed());
  for (const each of [routes, backwards]) {
    const rows = site({ routes: each }).locations.describe();
    assert.deepEqual(
      rows.map(({ pattern }) => pattern),
      order,
    );
  }
});

const FOUND: readonly (readonly [target: string, route: string])[] = [
  ['/', '/'],
  ['/other', '/'],
  ['/a', '/a'],
  ['/a/', '/a/*'],
  // a prefix settles the matter
  ['/a/x.php', '/a/*'],
  ['/a/b/c', '/a/b/*'],
  ['/x', '~ ^/x'],
  ['/x.php', '~ ^/x'],
  ['/b/y.php', '*.php'],
  ['/b/y.php5', '/'],
];
test('the most specific route answers', () => {
  const routes = ['/', '~ ^/x', '*.php', '/a/*', '/a/b/*', '/a'];
  const host = site({
    routes: Object.fromEntries(routes.map((route) => [route, { respond: 200, body: route }])),
  });
  for (const [target, route] of FOUND) assert.equal(ask(host, target).text, route, target);
});

test('a prefix without its slash is redirected, unless the path has a route of its own', () => {
  const host = site({ routes: { '/a/*': OK, '/b/*': OK, '/b': { respond: 201 }, '/': OK } });
  const moved = ask(host, '/a?x=1');
  assert.equal(moved.status, 301);
  assert.match(moved.sentFields.getByName('location') ?? '', /\/a\/\?x=1$/);
  assert.equal(ask(host, '/b').status, 201);
});

test('what no route takes is answered with 404, under the headers and limits of the site', () => {
  const host = site({
    bodyLimit: '7B',
    headers: { set: { 'X-Site': 's' } },
    routes: { '/a': OK },
  });
  const exchange = ask(host, '/b');
  assert.equal(exchange.status, 404);
  assert.equal(host.fallback.bodyLimit, 7);
  assert.equal(host.locations.find('/b'), null);
  assert.equal(host.name, 'a.test');
});

test('header changes of a route apply after those of its site', () => {
  const host = site({
    headers: { set: { 'X-A': 'site', 'X-B': 'site' } },
    routes: { '/': OK, '/r': { ...OK, headers: { set: { 'X-A': '$request_method' } } } },
  });
  const of = (target: string): readonly (string | null)[] => {
    const { sentFields } = ask(host, target);
    return ['x-a', 'x-b'].map((name) => sentFields.getByName(name));
  };
  assert.deepEqual(of('/'), ['site', 'site']);
  assert.deepEqual(of('/r'), ['GET', 'site']);
});

test('without changes there is no filter, and a request id has one of its own', () => {
  assert.deepEqual(site({ routes: { '/': OK } }).fallback.headerFilters, []);
  const host = site({ requestIdHeader: 'X-Request-Id', routes: { '/': OK } });
  assert.match(ask(host, '/').sentFields.getByName('x-request-id') ?? '', /^[0-9a-f]{32}$/);
});

test('error pages have the status that they say, and those of a route stand before the site’s', () => {
  const host = site({
    errorPages: { 404: '/site.html', 500: { file: '/x', status: 200 } },
    routes: { '/': OK, '/r': { ...OK, errorPages: { 404: '/대문.html' } } },
  });
  const site404 = { path: '/site.html', status: 0 };
  const site500 = { path: '/x', status: 200 };
  const bytes = Buffer.from('/대문.html').toString('latin1');
  assert.deepEqual(
    [...(host.locations.find('/')?.target.errorPages ?? [])],
    [
      [404, site404],
      [500, site500],
    ],
  );
  assert.deepEqual(
    [...(host.locations.find('/r')?.target.errorPages ?? [])],
    [
      [404, { path: bytes, status: 0 }],
      [500, site500],
    ],
  );
  assert.deepEqual(host.fallback.errorPages.get(404), site404);
});

test('what is not found is in the error log by default, once a request and with its id, unless the site says no', async () => {
  const logs = new MemoryLogs();
  const served = { listen: [80], accessLog: 'off', routes: { '/a': OK } };
  const { hosts } = built(
    {
      sites: {
        'a.test': { ...served, errorLog: '/a.log' },
        'b.test': { ...served, errorLog: { path: '/b.log', level: 'debug', notFound: false } },
      },
    },
    logs,
  );
  for (const host of hosts) {
    assert.ok(host !== null);
    ask(host, '/a');
    ask(host, '/b');
  }
  await logs.set.close();
  assert.deepEqual([...logs.lines.keys()], ['/a.log']);
  assert.match(
    logs.lines.get('/a.log') ?? '',
    /^[^\n]* \[error\] [^\n]* no-content [^\n]*, request_id: "[0-9a-f]{32}"\n$/,
  );
});

test('a line of the error log is written when it is there, one of the access log with others', () => {
  const logs = new MemoryLogs();
  const options = { listen: [80], accessLog: '/access.log', errorLog: '/error.log' };
  const { hosts } = built({ sites: { 'a.test': { ...options, routes: { '/a': OK } } } }, logs);
  const [host] = hosts;
  assert.ok(host !== undefined && host !== null);
  ask(host, '/b');
  assert.deepEqual([...logs.lines.keys()], ['/error.log']);
});

test('an access log is written by requests of all routes and of none; off writes nothing', async () => {
  const logs = new MemoryLogs();
  const { hosts } = built(
    {
      logs: { error: 'off' },
      sites: {
        'a.test': {
          listen: [80],
          accessLog: { path: '/var/a.log', format: '$request $status' },
          routes: { '/a': OK },
        },
        'b.test': { listen: [80], accessLog: 'off', routes: { '/a': OK } },
      },
    },
    logs,
  );
  for (const host of hosts) {
    assert.ok(host !== null);
    ask(host, '/a');
    ask(host, '/b');
  }
  await logs.set.close();
  assert.deepEqual([...logs.lines], [['/var/a.log', 'GET /a HTTP/1.1 200\nGET /b HTTP/1.1 404\n']]);
});

test('tries of proxied requests are recorded where a text of a site shows them, and not else', () => {
  for (const [written, tries, fields] of [
    [{ headers: { set: { 'X-A': '$remote_addr $sent_http_x' } } }, false, false],
    [{ accessLog: { path: '/var/a.log', format: '$upstream_status' } }, true, false],
    [{ headers: { set: { 'X-A': '${upstream_http_server}' } } }, true, true],
  ] as const) {
    const config = configOf({
      sites: { 'a.test': { listen: [80], routes: { '/a': OK }, ...written } },
    });
    const model = config.sites['a.test'];
    assert.ok(model !== undefined);
    const parts = partsOf(config, new MemoryLogs());
    const faults: SiteFault[] = [];
    const host = buildSite(model, 'a.test', parts, faults);
    assert.deepEqual(faults, []);
    assert.deepEqual(parts.trace, { tries, fields });
    host?.logs?.release();
  }
});

const A = 'sites a.test';
const FAULTS: readonly (readonly [string, object, readonly (readonly [string, RegExp])[]])[] = [
  [
    'a redirect with an unknown variable',
    { routes: { '/a': { redirect: '/$nothing' } } },
    [[`${A} routes /a`, /nothing/]],
  ],
  [
    'a route header with an unknown variable',
    { routes: { '/a': { ...OK, headers: { set: { 'X-A': '$nothing' } } }, '/b': OK } },
    [[`${A} routes /a headers`, /nothing/]],
  ],
  [
    'a site header with an unknown variable, once for all routes',
    { headers: { set: { 'X-A': '$nothing' } }, routes: { '/a': OK, '/b': OK } },
    [[`${A} headers`, /nothing/]],
  ],
  [
    'a header that frames the message',
    { headers: { set: { 'Content-Length': '1' } }, routes: { '/a': OK } },
    [[`${A} headers`, /Content-Length/]],
  ],
  [
    'an access log with an unknown variable',
    { accessLog: { path: 'stdout', format: '$nothing' }, routes: { '/a': OK } },
    [[`${A} accessLog format`, /nothing/]],
  ],
  [
    'an access log that cannot be opened',
    { accessLog: '/refused/a.log', routes: { '/a': OK } },
    [[`${A} accessLog`, /EACCES/]],
  ],
  [
    'an error log that cannot be opened',
    { errorLog: '/refused/e.log', routes: { '/a': OK } },
    [[`${A} errorLog`, /EACCES/]],
  ],
  [
    'all of it at once',
    {
      headers: { set: { 'X-S': '$none' } },
      accessLog: '/refused/a.log',
      errorLog: '/refused/e.log',
      routes: {
        '/a': { redirect: '/$nothing', headers: { add: { 'X-A': '$never' } } },
        '/b': OK,
      },
    },
    [
      [`${A} headers`, /none/],
      [`${A} accessLog`, /a\.log/],
      [`${A} errorLog`, /e\.log/],
      [`${A} routes /a`, /nothing/],
      [`${A} routes /a headers`, /never/],
    ],
  ],
];
for (const [what, options, expected] of FAULTS)
  test(`${what} is a fault with its place`, () => {
    const found = faultsOf(options);
    assert.deepEqual(
      found.map(([path]) => path),
      expected.map(([path]) => path),
    );
    for (const [index, [, message]] of found.entries())
      assert.match(message, expected[index]?.[1] ?? /^$/);
  });

test('what is wrong with the log of all sites is reported where it is written', () => {
  const more = {
    logs: { access: { path: '/refused/a', format: '$nothing' }, error: '/refused/e' },
  };
  assert.deepEqual(
    faultsOf({ routes: { '/a': OK } }, more).map(([path]) => path),
    ['logs access format', 'logs error'],
  );
  assert.deepEqual(
    faultsOf({ errorLog: '/refused/own', routes: { '/a': OK } }, { logs: { error: 'stderr' } }).map(
      ([path]) => path,
    ),
    ['sites a.test errorLog'],
  );
});

test('limits stand in front of what a route does, and only where something is limited', () => {
  const zones = {
    rateZones: { r: { key: '$remote_addr', rate: '1r/m' } },
    connectionZones: { c: { key: '$remote_addr' } },
  };
  const { hosts, faults } = built({
    ...zones,
    sites: {
      'a.test': {
        listen: [80],
        limitConnections: [{ zone: 'c', max: 1 }],
        limitRequests: [{ zone: 'r' }],
        routes: {
          '/': OK,
          '/free/*': { ...OK, limitConnections: [], limitRequests: [] },
          '/few': { ...OK, limitRequests: [] },
        },
      },
      'b.test': { listen: [80], routes: { '/': OK } },
    },
  });
  assert.deepEqual(faults, []);
  const [limited, free] = hosts;
  const names = (host: VirtualHost | null | undefined, path: string): readonly string[] =>
    host?.locations.find(path)?.target.handlers.map(({ name }) => name) ?? [];
  assert.deepEqual(names(limited, '/'), ['limit-requests', 'limit-connections', 'respond']);
  assert.deepEqual(names(limited, '/few'), ['limit-connections', 'respond']);
  assert.deepEqual(names(limited, '/free/x'), ['respond']);
  assert.deepEqual(names(limited, '/free'), ['add-slash']);
  assert.deepEqual(names(free, '/'), ['respond']);
  // Also what no route takes.
  assert.deepEqual(
    limited?.fallback.handlers.map(({ name }) => name),
    ['limit-requests', 'limit-connections'],
  );
  assert.deepEqual(free?.fallback.handlers, []);
});
