import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkFolder } from './fixture.ts';
import { lintCheck } from './lint.ts';

const home = join(import.meta.dirname, '../..');
const settings = {
  'package.json': '{ "type": "module" }',
  'tsconfig.json': readFileSync(join(home, 'tsconfig.json'), 'utf8'),
  '.oxlintrc.json': readFileSync(join(home, '.oxlintrc.json'), 'utf8'),
};

test('lint: a promise that nobody awaits is a problem, that of node:test is not', async () => {
  const found = await checkFolder(lintCheck, {
    ...settings,
    'src/base/a.ts': `
import { test } from 'node:test';
test('x', () => {});
async function work(): Promise<void> {}
work();`,
  });
  assert.equal(found.length, 1);
  assert.match(found[0] ?? '', /src\/base\/a\.ts:5:\d+: .*no-floating-promises/);
  assert.match(found[0] ?? '', /\b1 problem\b/);
});

test('lint: what is only a warning fails as well', async () => {
  const found = await checkFolder(lintCheck, {
    ...settings,
    'src/base/a.ts': 'export const sorted = [2, 1].sort();',
  });
  assert.match(found.join('\n'), /Warning\/unicorn\(no-array-sort\)/);
});

test('lint: folders that do not exist are no problem, nor are sound files', async () => {
  assert.deepEqual(await checkFolder(lintCheck, settings), []);
  const text = 'export const one = 1;';
  assert.deepEqual(await checkFolder(lintCheck, { ...settings, 'src/base/a.ts': text }), []);
});
