import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkFolder } from './fixture.ts';
import { formatCheck } from './format.ts';

const settings = {
  '.oxfmtrc.json': readFileSync(join(import.meta.dirname, '../../.oxfmtrc.json'), 'utf8'),
};

test('format: a file that oxfmt would change is named, one it would leave is not', async () => {
  const found = await checkFolder(formatCheck, {
    ...settings,
    'src/base/a.ts': 'export const a = "1"\n',
    'src/base/b.ts': "export const b = '1';\n",
  });
  assert.match(found.join('\n'), /src\/base\/a\.ts/);
  assert.doesNotMatch(found.join('\n'), /src\/base\/b\.ts/);
});

test('format: generated files are left alone', async () => {
  const files = { 'docs/reference/a.md': '| a|\n|-|\n', 'a.ts': "export const a = '1';\n" };
  assert.deepEqual(await checkFolder(formatCheck, { ...settings, ...files }), []);
});
