import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { REFERENCE_PAGES } from '../reference-pages.ts';
import { openProject } from '../source-tree.ts';
import { referencePagesCheck } from './reference-pages.ts';

test('a page that is missing or differs by one character is a problem, the generated one is not', async () => {
  const root = mkdtempSync(join(tmpdir(), 'daemun-pages-'));
  try {
    const project = openProject(root);
    const complaints = REFERENCE_PAGES.map(
      ({ path }) => `${path}: differs from its sources; run npm run docs`,
    );
    assert.deepEqual(await referencePagesCheck.run(project), complaints);
    mkdirSync(join(root, 'docs/reference'), { recursive: true });
    for (const page of REFERENCE_PAGES) {
      writeFileSync(join(root, page.path), page.generate(project.sources()).text);
    }
    assert.deepEqual(await referencePagesCheck.run(project), []);
    for (const page of REFERENCE_PAGES) {
      writeFileSync(join(root, page.path), `${page.generate(project.sources()).text} `);
    }
    assert.deepEqual(await referencePagesCheck.run(project), complaints);
  } finally {
    rmSync(root, { recursive: true });
  }
});
