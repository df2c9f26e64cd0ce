// `npm run check [-- name …]`: every rule that is a program, in one command. CI runs the same.
import { resolve } from 'node:path';
import type { Check } from './checks/check.ts';
import { cyclesCheck } from './checks/cycles.ts';
import { deadCodeCheck } from './checks/dead-code.ts';
import { dependenciesCheck } from './checks/dependencies.ts';
import { docstringsCheck } from './checks/docstrings.ts';
import { fileSizeCheck } from './checks/file-size.ts';
import { formatCheck } from './checks/format.ts';
import { importsCheck } from './checks/imports.ts';
import { lintCheck } from './checks/lint.ts';
import { parseCheck } from './checks/parse.ts';
import { referencePagesCheck } from './checks/reference-pages.ts';
import { typesCheck } from './checks/types.ts';
import { openProject } from './source-tree.ts';
import type { Project } from './source-tree.ts';

// those that start a process come first, so that the ones in this process run while they work
const CHECKS: readonly Check[] = [
  typesCheck,
  lintCheck,
  deadCodeCheck,
  formatCheck,
  parseCheck,
  importsCheck,
  cyclesCheck,
  fileSizeCheck,
  docstringsCheck,
  referencePagesCheck,
  dependenciesCheck,
];

async function runCheck(check: Check, project: Project): Promise<boolean> {
  let problems: readonly string[];
  try {
    problems = await check.run(project);
  } catch (error) {
    problems = [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
  if (problems.length === 0) {
    console.log(`${check.name}: ok`);
    return true;
  }
  console.log(`${check.name}: failed`);
  for (const problem of problems) console.log(problem.replaceAll(/^/gm, '  '));
  return false;
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !CHECKS.some((check) => check.name === name));
if (unknown.length > 0) {
  console.error(
    `no check is named ${unknown.join(', ')}; there are: ${CHECKS.map(({ name }) => name).join(', ')}`,
  );
  process.exit(2);
}
const chosen = CHECKS.filter((check) => wanted.length === 0 || wanted.includes(check.name));
const project = openProject(resolve(import.meta.dirname, '..'));
const passed = await Promise.all(chosen.map((check) => runCheck(check, project)));
const failed = chosen.filter((_, index) => passed[index] === false);
if (failed.length > 0) {
  console.log(
    `${failed.length} of ${chosen.length} checks failed: ${failed.map(({ name }) => name).join(', ')}`,
  );
  process.exitCode = 1;
} else console.log(`${chosen.length} checks passed`);
