import type { Check } from './check.ts';
import { runTool } from './command.ts';

/** oxfmt has nothing to change; `npm run format` mends it. */
export const formatCheck: Check = {
  name: 'format',
  run: ({ root }) => runTool('oxfmt/bin/oxfmt', ['--check', '.'], root),
};
