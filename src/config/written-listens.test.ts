import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfig } from './load.ts';
import { writtenListens } from './written-listens.ts';

const PLACE = { directory: '/' };
const ROUTES = { '/': { respond: 204 } };

test('listen addresses are found with their paths, whatever else is wrong', () => {
  const sites = {
    a: { listen: [80, 'x y', { port: 81, tls: true }, 'unix:/run/x'], surprise: 1 },
    b: { listen: 80 },
    c: null,
    d: {},
    '~(': { listen: [{ address: '[::1]:80', default: true }], routes: 1 },
  };
  assert.deepEqual(
    writtenListens(sites, PLACE).map(({ site, index, path, model }) => [
      site,
      index,
      path.join(' '),
      model.endpoint,
    ]),
    [
      ['a', 0, 'sites a listen 0', { kind: 'tcp', host: '*', port: 80 }],
      ['a', 3, 'sites a listen 3', { kind: 'unix', path: '/run/x' }],
      ['~(', 0, 'sites ~( listen 0', { kind: 'tcp', host: '::1', port: 80 }],
    ],
  );
});

for (const sites of [undefined, null, 1, 'x', [], [{ listen: [80] }]])
  test(`${JSON.stringify(sites)} in the place of sites has no listen addresses`, () => {
    assert.deepEqual(writtenListens(sites, PLACE), []);
  });

/** What stands at `listen`, where the problem is, what it says, the cure. */
const UNREADABLE: readonly (readonly [unknown, string, RegExp, RegExp])[] = [
  [
    '80x',
    'sites.x.listen',
    /Expected a list, got "80x"/,
    /each item a whole number from 0 to 65535, or an address such as "127\.0\.0\.1:8080"/,
  ],
  [
    ['80x'],
    'sites.x.listen[0]',
    /"80x" is neither a port nor an address/,
    /port from 0 to 65535.*"127\.0\.0\.1:8080"/,
  ],
  [['80x:'], 'sites.x.listen[0]', /"" is not a port/, /digits/],
  [['http://x:80'], 'sites.x.listen[0]', /is the address of a page/, /host and the port alone/],
  [[{ port: 80, tls: true }], 'sites.x.listen[0].tls', /Expected an object/, /./],
  [[{ port: 80, tls: { key: import.meta.filename } }], 'sites.x.listen[0].tls', /certificate/, /./],
  [[true], 'sites.x.listen[0]', /Expected a whole number .*, got true/, /unix:\/run\/x\.sock/],
];
for (const [listen, object, message, cure] of UNREADABLE)
  test(`listen: ${JSON.stringify(listen)} is one problem that says what is taken`, () => {
    const { problems = [] } = resolveConfig({ sites: { x: { listen, routes: ROUTES } } }, PLACE);
    assert.equal(problems.length, 1, JSON.stringify(problems));
    assert.equal(problems[0]?.object, object);
    assert.match(problems[0].message, message);
    assert.match(problems[0].cure, cure);
  });
