import type { Check } from './check.ts';
import { runTool } from './command.ts';

/** `tsc --noEmit` over everything that tsconfig.json includes. */
export const typesCheck: Check = {
  name: 'types',
  run: (project) =>
    runTool('typescript/bin/tsc', ['-p', '.', '--noEmit', '--pretty', 'false'], project.root),
};
