// The README's test command. `test.ts` runs the unit tests in one process, then the end-to-end tests isolated from
// each other; `test.ts processes` runs those in which server processes come and go, die and stand still, which take
// minutes, and `test.ts interop` those that talk to foreign programs.
import { spawn } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { MISSING_PEERS_FILE, readMissingPeers } from '../test/support/needs.ts';
import { addTallies } from './testing/tally.ts';
import type { Tally } from './testing/tally.ts';
import { verdictOf } from './testing/verdict.ts';

interface Run {
  readonly title: string;
  readonly globs: readonly string[];
  readonly flags: readonly string[];
}

const ISOLATED = ['--test-isolation=process', '--test-concurrency=2', '--test-timeout=300000'];
const SUITES: Readonly<Record<string, readonly Run[]>> = {
  '': [
    {
      title: 'unit tests',
      globs: ['src/**/*.test.ts', 'tools/**/*.test.ts', 'bench/**/*.test.ts'],
      // one process for all: a process a file takes fifty times as long
      flags: ['--test-isolation=none', '--test-timeout=60000'],
    },
    { title: 'end-to-end tests', globs: ['test/e2e/**/*.e2e.test.ts'], flags: ISOLATED },
  ],
  processes: [
    {
      title: 'tests of processes that come and go',
      globs: ['test/processes/**/*.e2e.test.ts'],
      flags: ISOLATED,
    },
  ],
  interop: [
    { title: 'tests with peers', globs: ['test/interop/**/*.e2e.test.ts'], flags: ISOLATED },
  ],
};

// DAEMUN_TEST_ROOT lets the test of this command run it over a folder made for that
const root = resolve(process.env['DAEMUN_TEST_ROOT'] ?? join(import.meta.dirname, '..'));
const suite = process.argv[2] ?? '';
const runs = SUITES[suite];
if (runs === undefined) {
  console.error(
    `no tests are named ${suite}; there are: processes, interop, and without a name the others`,
  );
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'daemun-test-'));
const record = join(folder, 'missing-peers');
const tallies: Tally[] = [];
let crashed = false;
try {
  for (const run of runs) {
    const globs = run.globs.filter((glob) => globSync(glob, { cwd: root }).length > 0);
    if (globs.length === 0) continue;
    console.log(`== ${run.title}`);
    // oxlint-disable-next-line no-await-in-loop -- the machine's cores belong to one run at a time
    const { code, tally } = await runNode(run, globs, join(folder, `tally-${tallies.length}`));
    if (tally !== undefined) tallies.push(tally);
    if (code !== 0 || tally === undefined) crashed = true;
  }
  const { lines, ok } = verdictOf(addTallies(tallies), readMissingPeers(record), crashed);
  for (const line of lines) console.log(line);
  if (!ok) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}

async function runNode(
  run: Run,
  globs: readonly string[],
  tallyFile: string,
): Promise<{ readonly code: number; readonly tally: Tally | undefined }> {
  const reporter = process.stdout.isTTY
    ? 'spec'
    : join(import.meta.dirname, 'testing/plain-reporter.ts');
  const { promise, resolve: done, reject } = Promise.withResolvers<number>();
  const child = spawn(
    process.execPath,
    [
      '--conditions=daemun-source',
      '--test',
      ...run.flags,
      `--test-reporter=${reporter}`,
      '--test-reporter-destination=stdout',
      `--test-reporter=${join(import.meta.dirname, 'testing/tally-reporter.ts')}`,
      `--test-reporter-destination=${tallyFile}`,
      ...globs,
    ],
    { cwd: root, stdio: 'inherit', env: environment() },
  );
  child.on('error', reject);
  child.on('close', (code) => done(code ?? 1));
  const code = await promise;
  return { code, tally: readTally(tallyFile) };
}

function environment(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    [MISSING_PEERS_FILE]: record,
    // hundreds of tests start the program, most of whose start is compiling the same sources
    NODE_COMPILE_CACHE: join(folder, 'compiled'),
  };
  // a runner that finds itself inside another one reports to that instead of to its reporters
  delete env['NODE_TEST_CONTEXT'];
  return env;
}

/** Undefined where the run died before it could say how it ended. */
function readTally(file: string): Tally | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Tally;
  } catch {
    return undefined;
  }
}
