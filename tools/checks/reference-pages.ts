import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REFERENCE_PAGES } from '../reference-pages.ts';
import type { Check } from './check.ts';

/** Each generated page under docs/reference is what `npm run docs` would write now, and its sources are sound. */
export const referencePagesCheck: Check = {
  name: 'reference pages',
  run: (project) => {
    const problems: string[] = [];
    for (const page of REFERENCE_PAGES) {
      const { text, problems: found } = page.generate(project.sources());
      problems.push(...found);
      if (readOrEmpty(join(project.root, page.path)) !== text) {
        problems.push(`${page.path}: differs from its sources; run npm run docs`);
      }
    }
    return problems;
  },
};

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // a page that was never generated differs like one that is out of date
    return '';
  }
}
