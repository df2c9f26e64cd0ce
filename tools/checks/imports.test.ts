import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectOf } from '../source-tree.ts';
import { importsCheck } from './imports.ts';
import { OUTSIDE_RULES, SOURCE_RULES } from './import-table.ts';

async function problems(path: string, text: string): Promise<readonly string[]> {
  return importsCheck.run(projectOf({ [path]: text }));
}

const ALLOWED: readonly (readonly [string, string])[] = [
  ['src/schema/a.ts', `import { x } from '../base/index.ts'`],
  ['src/web/static/a.ts', `import { x } from '../compress/b.ts'`],
  ['src/web/static/a.ts', `import { x } from '../../http/message/index.ts'`],
  ['src/web/static/a.ts', `import mime from 'mime'`],
  ['src/wire/ajp/a.ts', `import type { x } from '../../http/message/index.ts'`],
  ['src/was/container/a.ts', `import { x } from '../api/index.ts'`],
  ['src/config/load.ts', `import { x } from '../web/static/options.ts'`],
  ['src/config/import/nginx/a.ts', `import { x } from '../../native.ts'`],
  ['src/web/static/options.ts', `import { x } from '../../schema/index.ts'`],
  ['src/admin/api/a.ts', `import { x } from '../../server/port.ts'`],
  ['src/cli/a.ts', `import { x } from '../config/import/nginx/index.ts'`],
  ['src/base/a.ts', `import { x } from 'node:net'`],
  ['src/http/h1/a.test.ts', `import fc from 'fast-check'; import net from 'node:net'`],
  ['src/http/h1/a.test.ts', `import { x } from '../../../test/support/three-ways.ts'`],
  ['test/support/a.ts', `import { x } from '../../src/proxy/index.ts'`],
  ['test/e2e/a.e2e.test.ts', `import { x } from 'daemun'; import { y } from '../support/a.ts'`],
  ['console/a.tsx', `import type { x } from '../src/admin/contract.ts'`],
  ['tools/a.ts', `import { parseSync } from 'oxc-parser'`],
];

const REFUSED: readonly (readonly [string, string, RegExp])[] = [
  [
    'src/base/a.ts',
    `import { x } from '../schema/index.ts'`,
    /src\/base may not import src\/schema/,
  ],
  ['src/web/a.ts', `import { x } from '../proxy/index.ts'`, /src\/web may not import src\/proxy/],
  ['src/proxy/a.ts', `import { x } from '../was/api/index.ts'`, /may not import src\/was\/api/],
  [
    'src/wire/a.ts',
    `import { x } from '../http/h1/index.ts'`,
    /src\/wire may not import src\/http/,
  ],
  ['src/web/a.ts', `import type { x } from '../was/api/index.ts'`, /may not import/],
  ['src/web/a.ts', `export * from '../net/index.ts'`, /may not import src\/net/],
  ['src/web/a.ts', `export { x } from '../net/index.ts'`, /may not import src\/net/],
  ['src/web/a.ts', `const x = await import('../net/index.ts')`, /may not import src\/net/],
  ['src/web/a.ts', `import '../net/index.ts'`, /may not import src\/net/],
  ['src/web/a.ts', `import { x } from '../http/message/uri.ts'`, /through its index\.ts/],
  ['src/web/a.ts', `import { x } from '../http/h1/deep/index.ts'`, /through its index\.ts/],
  ['src/server/a.ts', `import { x } from '../web/options.ts'`, /through its index\.ts/],
  ['src/config/a.ts', `import { x } from '../web/index.ts'`, /src\/config may not import src\/web/],
  ['src/config/import/nginx/a.ts', `import { x } from '../httpd/index.ts'`, /may not import/],
  ['src/was/jsp/a.ts', `import { x } from '../container/index.ts'`, /may not import/],
  ['src/server/a.ts', `import { x } from '../admin/index.ts'`, /may not import src\/admin/],
  ['src/admin/a.ts', `import { x } from '../server/index.ts'`, /may not import src\/server/],
  ['src/web/options.ts', `import { x } from '../base/index.ts'`, /only schema/],
  ['src/web/options.ts', `import { x } from './handler.ts'`, /only schema/],
  ['src/http/a.ts', `import { x } from 'node:net'`, /does no I\/O/],
  ['src/http/a.ts', `import { x } from 'node:fs/promises'`, /does no I\/O/],
  ['src/base/a.ts', `import { x } from 'fs'`, /write node:fs/],
  ['src/proxy/a.ts', `import mime from 'mime'`, /may not import the package mime/],
  ['src/web/a.ts', `import fc from 'fast-check'`, /package fast-check/],
  ['src/web/a.ts', `import { x } from '@aws-sdk/s3/x'`, /package @aws-sdk\/s3/],
  ['src/web/a.ts', `import { x } from '../../test/support/a.ts'`, /may not import test\/support/],
  ['src/web/a.test.ts', `import { x } from '../../test/e2e/a.ts'`, /may not import test/],
  ['src/web/a.test.ts', `import { x } from '../net/index.ts'`, /may not import src\/net/],
  ['test/e2e/a.ts', `import { x } from '../../src/web/index.ts'`, /test may not import src\/web/],
  ['test/support/a.ts', `import { x } from '../../src/web/deep.ts'`, /through its index\.ts/],
  ['tools/a.ts', `import { x } from '../src/base/index.ts'`, /tools may not import src\/base/],
  ['tools/a.ts', `import type { x } from '../src/base/index.ts'`, /tools may not import/],
  ['console/a.tsx', `import { x } from '../src/admin/contract.ts'`, /only types/],
  ['src/misc/a.ts', `export {}`, /no row of the import table/],
  ['src/was/a.ts', `export {}`, /no row of the import table/],
];

for (const [path, text] of ALLOWED) {
  test(`import table allows: ${path}: ${text}`, async () => {
    assert.deepEqual(await problems(path, text), []);
  });
}

for (const [path, text, complaint] of REFUSED) {
  test(`import table refuses: ${path}: ${text}`, async () => {
    const found = await problems(path, text);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', complaint);
  });
}

test('a refused import is reported with its line', async () => {
  const found = await problems('src/base/a.ts', `\n\nimport { x } from '../web/index.ts'`);
  assert.match(found[0] ?? '', /^src\/base\/a\.ts:3: /);
});

test('every name in the table is a part, a sub-folder or a file of one', () => {
  const parts = Object.keys(SOURCE_RULES);
  const rows = [...Object.values(SOURCE_RULES), ...Object.values(OUTSIDE_RULES)];
  for (const name of rows.flatMap(({ mayImport }) => mayImport)) {
    const known = parts.some(
      (part) =>
        part !== '' &&
        (name === part || part.startsWith(`${name}/`) || name.startsWith(`${part}/`)),
    );
    assert.ok(known, `${name} is no part`);
  }
});

test('parts allow each other in one direction only', () => {
  for (const one of Object.keys(SOURCE_RULES)) {
    for (const other of Object.keys(SOURCE_RULES)) {
      if (one !== other)
        assert.ok(!(reaches(one, other) && reaches(other, one)), `${one}, ${other}`);
    }
  }
});

function reaches(from: string, to: string): boolean {
  const allowed = SOURCE_RULES[from]?.mayImport ?? [];
  return allowed.some((name) => name === to || to.startsWith(`${name}/`));
}
