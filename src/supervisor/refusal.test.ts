import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfig } from '../config/index.ts';
import type { Path } from '../schema/index.ts';
import { locateRefusal, refusal } from './refusal.ts';

const FAULT = {
  path: ['sites', 'a.test', 'routes', '/x'],
  message: 'It is wrong',
  cure: 'Mend it',
};

test('a fault of a site becomes a problem with its place in the configuration', () => {
  assert.deepEqual(refusal([FAULT], []).problems, [
    { ...FAULT, object: 'sites["a.test"].routes["/x"]', code: 'wrong-form' },
  ]);
});

test('what several sites or threads say of the same place is said once', () => {
  const other = { ...FAULT, message: 'It is wrong in another way' };
  const elsewhere = { ...FAULT, path: ['logs', 'access'] };
  const { problems } = refusal([FAULT, other, FAULT, elsewhere], []);
  assert.deepEqual(
    problems.map(({ object, message }) => [object, message]),
    [
      ['sites["a.test"].routes["/x"]', 'It is wrong'],
      ['sites["a.test"].routes["/x"]', 'It is wrong in another way'],
      ['logs.access', 'It is wrong'],
    ],
  );
});

const OPENING: readonly (readonly [string, string, RegExp, RegExp])[] = [
  ['*:80', 'EADDRINUSE', /Another program listens/, /another port/],
  ['*:80', 'EACCES', /may not open/, /port from 1024/],
  ['10.9.9.9:80', 'EADDRNOTAVAIL', /No network interface/, /ip addr/],
  ['[::1]:80', 'EAFNOSUPPORT', /no addresses of this kind/, /IPv4/],
  ['nowhere.test:80', 'EAI_AGAIN', /does not resolve now/, /IP address/],
  ['nowhere.test:80', 'ENOTFOUND', /does not resolve/, /IP address/],
  ['unix:/run/x', 'EADDRINUSE', /socket, or the path is no socket/, /another path/],
  ['unix:/none/x', 'EACCES', /directory of the socket does not exist/, /Create it/],
  ['*:80', 'EINVAL', /cannot be opened: what the system said/, /another address/],
  ['unix:/run/x', 'ENOTSUP', /cannot be opened: what the system said/, /another address/],
];
for (const [key, code, message, cure] of OPENING)
  test(`${code} for ${key} is told with a cure that fits`, () => {
    const { problems } = refusal([], [{ key, code, message: 'what the system said' }]);
    assert.equal(problems.length, 1);
    assert.equal(problems[0]?.object, `listen ${key}`);
    assert.equal(problems[0].code, 'address', 'the code by which serve looks for another port');
    assert.match(problems[0].message, message);
    assert.match(problems[0].cure, cure);
  });

test('each problem of a refusal gets the place of what it is about in the file', () => {
  const site = (listen: readonly (string | number)[]): object => ({
    listen,
    routes: { '/x': { respond: 204 } },
  });
  const sites = { 'a.test': site([80]), 'b.test': site([80, '[::1]:81']) };
  const { model } = resolveConfig({ sites }, { directory: '/' });
  assert.ok(model !== undefined);
  const open = ['*:80', '[::1]:81', '*:82'].map((key) => ({ key, code: 'EACCES', message: '' }));
  const place = {
    directory: '/',
    file: '/c.json',
    locate: (path: Path) => ({ line: path.length, column: 2 }),
  };
  assert.deepEqual(
    locateRefusal(refusal([FAULT], open), model, place).map(
      ({ object, file, line, column, code }) => [object, `${file}:${line}:${column}`, code],
    ),
    [
      ['sites["a.test"].routes["/x"]', '/c.json:4:2', 'wrong-form'],
      ['sites["a.test"].listen[0]', '/c.json:4:2', 'address'],
      ['sites["b.test"].listen[1]', '/c.json:4:2', 'address'],
      ['sites', '/c.json:1:2', 'address'],
    ],
  );
});

test('faults of sites come before those of addresses', () => {
  const { problems } = refusal([FAULT], [{ key: '*:80', code: 'EACCES', message: '' }]);
  assert.deepEqual(
    problems.map(({ code }) => code),
    ['wrong-form', 'address'],
  );
});
