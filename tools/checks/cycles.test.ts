import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectOf } from '../source-tree.ts';
import { cyclesCheck } from './cycles.ts';

test('a tree whose branches meet is no cycle', async () => {
  const project = projectOf({
    'src/base/a.ts': `import './b.ts'; import './c.ts'`,
    'src/base/b.ts': `import './d.ts'`,
    'src/base/c.ts': `import './d.ts'`,
    'src/base/d.ts': `import './missing.ts'; import 'node:fs'`,
  });
  assert.deepEqual(await cyclesCheck.run(project), []);
});

test('a cycle over three files is reported once with its way', async () => {
  const project = projectOf({
    'src/base/start.ts': `import './a.ts'`,
    'src/base/a.ts': `import './b.ts'`,
    'src/base/b.ts': `import './sub/c.ts'`,
    'src/base/sub/c.ts': `export * from '../a.ts'`,
  });
  assert.deepEqual(await cyclesCheck.run(project), [
    'import cycle: src/base/a.ts -> src/base/b.ts -> src/base/sub/c.ts -> src/base/a.ts',
  ]);
});

test('a file that imports itself, and a cycle of types, are cycles', async () => {
  const project = projectOf({
    'src/base/self.ts': `import './self.ts'`,
    'src/base/a.ts': `import type { B } from './b.ts'`,
    'src/base/b.ts': `import type { A } from './a.ts'`,
  });
  assert.equal((await cyclesCheck.run(project)).length, 2);
});
