import type { Check } from './check.ts';
import { runTool } from './command.ts';

/** knip: files nobody imports, exports nobody uses, dependencies that are unused or not listed (knip.json). */
export const deadCodeCheck: Check = {
  name: 'dead code',
  run: ({ root }) =>
    runTool('knip/bin/knip.js', ['--no-progress', '--no-config-hints', '--reporter=compact'], root),
};
