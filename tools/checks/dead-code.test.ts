import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { deadCodeCheck } from './dead-code.ts';
import { checkFolder } from './fixture.ts';

const settings = {
  'package.json': '{ "name": "x", "type": "module" }',
  'tsconfig.json': '{ "compilerOptions": { "allowImportingTsExtensions": true, "noEmit": true } }',
  'knip.json': readFileSync(join(import.meta.dirname, '../../knip.json'), 'utf8'),
};
const index = `export { used } from './a.ts';`;

test('dead code: a file nobody imports, an export nobody uses and a package nobody lists are problems', async () => {
  const found = await checkFolder(deadCodeCheck, {
    ...settings,
    'src/base/index.ts': index,
    'src/base/a.ts': `import 'left-pad';\nexport const used = 1;\nexport const forgotten = 2;`,
    'src/base/orphan.ts': 'export const orphan = 1;',
  });
  const text = found.join('\n');
  assert.match(text, /src\/base\/orphan\.ts/);
  assert.match(text, /src\/base\/a\.ts: forgotten/);
  assert.match(text, /left-pad/);
  assert.doesNotMatch(text, /\bused\b/);
});

test('dead code: what a part names in its index.ts counts as used', async () => {
  const files = { 'src/base/index.ts': index, 'src/base/a.ts': 'export const used = 1;' };
  assert.deepEqual(await checkFolder(deadCodeCheck, { ...settings, ...files }), []);
});
