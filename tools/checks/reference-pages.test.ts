import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { errorCodesPage } from '../error-codes.ts';
import { openProject } from '../source-tree.ts';
import { referencePagesCheck } from './reference-pages.ts';

test('a page that is missing or differs by one character is a problem, the generated one is not', async () => {
  const root = mkdtempSync(join(tmpdir(), 'daemun-pages-'));
  try {
    const project = openProject(root);
    const { text } = errorCodesPage.generate(project.sources());
    const complaint = ['docs/reference/error-codes.md: differs from its sources; run npm run docs'];
    assert.deepEqual(await referencePagesCheck.run(project), complaint);
    mkdirSync(join(root, 'docs/reference'), { recursive: true });
    writeFileSync(join(root, errorCodesPage.path), text);
    assert.deepEqual(await referencePagesCheck.run(project), []);
    writeFileSync(join(root, errorCodesPage.path), `${text} `);
    assert.deepEqual(await referencePagesCheck.run(project), complaint);
  } finally {
    rmSync(root, { recursive: true });
  }
});
