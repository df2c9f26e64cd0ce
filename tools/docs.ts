// `npm run docs`: writes the generated pages under docs/reference.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { REFERENCE_PAGES } from './reference-pages.ts';
import { openProject } from './source-tree.ts';

const root = resolve(import.meta.dirname, '..');
const project = openProject(root);
for (const page of REFERENCE_PAGES) {
  const { text, problems } = page.generate(project.sources());
  for (const problem of problems) {
    console.error(problem);
    process.exitCode = 1;
  }
  const file = join(root, page.path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  console.log(page.path);
}
