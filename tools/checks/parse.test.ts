import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectOf } from '../source-tree.ts';
import { parseCheck } from './parse.ts';

test('a file that does not parse is named, one that does is not', async () => {
  const project = projectOf({ 'src/base/a.ts': 'const = 1', 'src/base/b.ts': 'const b = 1' });
  const found = await parseCheck.run(project);
  assert.ok(found.length > 0);
  assert.ok(found.every((problem) => problem.startsWith('src/base/a.ts: ')));
});
