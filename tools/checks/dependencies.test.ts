import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockProblems, rangeProblems } from './dependencies.ts';

function lock(entry: object): string {
  return JSON.stringify({ packages: { '': { name: 'x' }, 'node_modules/a': entry } });
}

test('a locked package with a hash and no address is sound', () => {
  assert.deepEqual(lockProblems(lock({ version: '1.0.0', integrity: 'sha512-x' })), []);
  assert.deepEqual(lockProblems(lock({ resolved: 'tools/a', link: true })), []);
  assert.deepEqual(lockProblems(lock({ version: '1.0.0', inBundle: true })), []);
});

test('an address in the lock file is a problem, whatever its scheme', () => {
  for (const resolved of ['https://registry.example/a.tgz', 'git+ssh://git@example/a.git']) {
    const found = lockProblems(lock({ integrity: 'sha512-x', resolved }));
    assert.equal(found.length, 1);
    assert.match(found[0] ?? '', /node_modules\/a is bound to a host/);
  }
});

test('a locked package without a hash is a problem', () => {
  assert.match(lockProblems(lock({ version: '1.0.0' }))[0] ?? '', /has no integrity hash/);
});

test('a locked package that runs a script on installation is a problem', () => {
  const found = lockProblems(lock({ integrity: 'sha512-x', hasInstallScript: true }));
  assert.match(found[0] ?? '', /node_modules\/a runs a script when it is installed/);
});

for (const [version, count] of [
  ['1.2.3', 0],
  ['1.2.3-beta.1', 0],
  ['file:tools/node-runtime', 0],
  ['^1.2.3', 1],
  ['~1.2.3', 1],
  ['1.2', 1],
  ['1.2.x', 1],
  ['latest', 1],
  ['>=1.2.3', 1],
] as const) {
  test(`version ${version} in package.json makes ${count} problems`, () => {
    assert.equal(rangeProblems(JSON.stringify({ dependencies: { a: version } })).length, count);
    assert.equal(rangeProblems(JSON.stringify({ devDependencies: { a: version } })).length, count);
  });
}
