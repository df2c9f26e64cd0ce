// `npm run build`: JavaScript and declarations of src/ in dist/, for the published package only; a checkout runs src/.
import { globSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runTool } from './checks/command.ts';

// DAEMUN_BUILD_ROOT lets the test of this command build a folder made for that
const root = resolve(process.env['DAEMUN_BUILD_ROOT'] ?? join(import.meta.dirname, '..'));

// what an earlier build left would be published, too
rmSync(join(root, 'dist'), { recursive: true, force: true });
const problems =
  globSync('src/**/*.ts', { cwd: root }).length === 0
    ? ['src has no files to build']
    : await runTool('typescript/bin/tsc', ['-p', 'tsconfig.build.json', '--pretty', 'false'], root);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
