import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfig } from '../config/index.ts';
import type { FileKind } from '../schema/index.ts';
import { describeSites } from './describe.ts';
import { judgeTexts } from './judge.ts';

const OK = { respond: 204 };
const LOOKUP = {
  lookup: (path: string): FileKind => (path === '/' ? 'directory' : undefined),
  tryLog: () => null,
};
const PLACE = { directory: '/', file: '/c.json', locate: () => ({ line: 7, column: 3 }) };

type Site = Readonly<Record<string, unknown>>;

function told(site: Site, more: object = {}): readonly (readonly [string, string])[] {
  const input = { ...more, sites: { a: { listen: [80], routes: { '/': OK }, ...site } } };
  const { problems = [] } = resolveConfig(input, PLACE, { ...LOOKUP, judge: judgeTexts });
  for (const { cure, line, column } of problems) {
    assert.notEqual(cure, '');
    assert.deepEqual([line, column], [7, 3]);
  }
  return problems.map(({ object, message }) => [object, message]);
}

const route = (options: object): Site => ({ routes: { '/': options } });
const FILES = { files: '/' };

/** The site, the object that is named, a part of the message. */
const WRONG: readonly (readonly [string, Site, string, RegExp])[] = [
  ['a redirect', route({ redirect: '/$nosuch' }), 'sites.a.routes["/"].redirect', /\$nosuch/],
  [
    'a stray dollar sign',
    route({ redirect: '/a$' }),
    'sites.a.routes["/"].redirect',
    /dollar sign/,
  ],
  [
    'a path to try',
    route({ ...FILES, tryFiles: ['$uri', '/$nosuch', '=404'] }),
    'sites.a.routes["/"].tryFiles[1]',
    /\$nosuch/,
  ],
  [
    'the path that is tried last',
    route({ ...FILES, tryFiles: ['$uri', '/x?$nosuch'] }),
    'sites.a.routes["/"].tryFiles[1]',
    /\$nosuch/,
  ],
  [
    'a field that a route sets',
    route({ ...OK, headers: { set: { 'X-A': '$nosuch' } } }),
    'sites.a.routes["/"].headers.set["X-A"]',
    /\$nosuch/,
  ],
  [
    'a field that a site adds',
    { headers: { add: { 'X-A': '$nosuch' } } },
    'sites.a.headers.add["X-A"]',
    /\$nosuch/,
  ],
  [
    'the second of several fields',
    { headers: { add: { 'X-A': ['$uri', '${nosuch}'] } } },
    'sites.a.headers.add["X-A"][1]',
    /\$nosuch/,
  ],
  [
    'a format of a log',
    { accessLog: { path: '/x', format: '$status $nosuch' } },
    'sites.a.accessLog.format',
    /\$nosuch/,
  ],
  [
    'a field that frames the message',
    { headers: { set: { 'content-length': '1' } } },
    'sites.a.headers.set["content-length"]',
    /content-length is not to be changed/,
  ],
  [
    'such a field that is added',
    { headers: { add: { Upgrade: 'x' } } },
    'sites.a.headers.add.Upgrade',
    /Upgrade is not/,
  ],
  [
    'such a field that is removed',
    { headers: { remove: ['Date', 'Connection'] } },
    'sites.a.headers.remove[1]',
    /Connection is not/,
  ],
  [
    'a group of a route that is called as a variable',
    { routes: { '~ ^/(?<host>x)': OK } },
    'sites.a.routes["~ ^/(?<host>x)"]',
    /\$host has a meaning/,
  ],
  [
    'a group of a name that is called as a family of variables',
    { serverNames: ['b', '~^(?<arg_x>x)$'] },
    'sites.a.serverNames[1]',
    /\$arg_x has a meaning/,
  ],
];
for (const [what, site, object, message] of WRONG) {
  test(`${what} is told with its place, and is what building would refuse`, () => {
    const [found, ...others] = told(site);
    assert.deepEqual(others, []);
    assert.equal(found?.[0], object);
    assert.match(found[1], message);
    const input = { sites: { a: { listen: [80], routes: { '/': OK }, ...site } } };
    const { model } = resolveConfig(input, PLACE, LOOKUP);
    assert.ok(model !== undefined, 'the schema alone finds nothing');
    const built = describeSites(model);
    assert.ok('siteFaults' in built);
    assert.match(built.siteFaults[0]?.message ?? '', message);
  });

  test(`${what} is told beside a fault of the schema`, () => {
    const objects = told({ ...site, surprise: 1 }, { threads: 0 }).map(([name]) => name);
    assert.deepEqual(objects.toSorted(), [object, 'sites.a.surprise', 'threads'].toSorted());
  });
}

test('what can be built is not complained about', () => {
  const input = {
    logs: { access: { path: '/x', format: '$remote_addr $$ ${status} $who $arg_x $http_y' } },
    sites: {
      '~^(?<who>.+)[.]test$': {
        listen: [80],
        headers: { set: { 'X-Who': '$who', 'X-Uri': '$uri' }, remove: ['Server'] },
        routes: {
          '~ ^/old/(?<rest>.+)': { redirect: '/new/$rest?$1&$args' },
          '/': { ...FILES, tryFiles: ['$uri', '$uri/', '/index.html?$args'] },
          '/x': { respond: 200, body: 'costs 5 $ and no $nosuch' },
        },
      },
    },
  };
  const loaded = resolveConfig(input, PLACE, { ...LOOKUP, judge: judgeTexts });
  assert.ok(loaded.model !== undefined, JSON.stringify(loaded.problems));
  assert.ok(!('problems' in describeSites(loaded.model)), 'and it is built');
});

for (const input of [null, 1, [], {}, { sites: null }, { sites: [] }, { sites: { a: null } }])
  test(`${JSON.stringify(input)} has no expressions`, () => {
    assert.deepEqual(judgeTexts(input, []), []);
  });

test('names and routes of another kind than text are passed over', () => {
  const input = { sites: { a: { serverNames: [1, null], routes: [1] }, b: { serverNames: '~x' } } };
  assert.deepEqual(judgeTexts(input, []), []);
});
