import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Check } from './check.ts';
import { runTool } from './command.ts';

// named one by one: with no path oxlint also reads what lies beside the sources
const FOLDERS = ['bin', 'src', 'tools', 'test', 'bench', 'examples', 'console'];

/** oxlint with its type-aware rules; a warning fails as an error does. */
export const lintCheck: Check = {
  name: 'lint',
  run: ({ root }) => {
    const folders = FOLDERS.filter((folder) => existsSync(join(root, folder)));
    if (folders.length === 0) return [];
    const flags = ['--type-aware', '--deny-warnings', '--format=unix'];
    return runTool('oxlint/bin/oxlint', [...flags, ...folders], root);
  },
};
