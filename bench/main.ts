// npm run bench -- [--only row,row] [--peers peer,peer] [--rounds N] [--seconds N] [--json] …; --help tells the rest.
//
// Daemun beside the servers that this machine has: CPU time of the server's processes for a finished request, one core
// for the server, another for the load generator, the servers in turns. Only ratios within one run mean something.
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBodies } from './bodies.ts';
import { readCommandLine, USAGE, UsageError } from './command-line.ts';
import type { BenchOptions } from './command-line.ts';
import { allowedCores, assignCores } from './cores.ts';
import { HISTORY_FILE, keepRecord } from './history.ts';
import { findProgram } from './peers/peer.ts';
import { peerNamed } from './peers/peers.ts';
import { Ports } from './ports.ts';
import { barName, recordOf, rowLines } from './report.ts';
import type { Circumstances } from './report.ts';
import { ROWS } from './rows.ts';
import type { Row } from './rows.ts';
import { runRow } from './run-row.ts';
import type { RowResult } from './run-row.ts';
import { killChildren } from './server.ts';
import { versionOf } from './setting.ts';
import type { Setting } from './setting.ts';
import { countSyscalls } from './syscalls.ts';

process.exitCode = await main(process.argv.slice(2));

async function main(args: readonly string[]): Promise<number> {
  let options: BenchOptions | 'help' | 'list';
  try {
    options = readCommandLine(args);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${error.message}\nbench --help names the flags.`);
    return 2;
  }
  if (options === 'help') {
    console.log(USAGE);
    return 0;
  }
  if (options === 'list') {
    for (const row of ROWS) console.log(listLine(row));
    return 0;
  }
  const cores = process.platform === 'linux' ? assignCores(allowedCores()) : undefined;
  const wrk = findProgram('wrk');
  if (cores === undefined)
    return refuse('Linux and two cores, one for the server, one for the load');
  if (wrk === undefined) return refuse('wrk, the load generator');
  if (findProgram('taskset') === undefined)
    return refuse('taskset, which pins a program to a core');
  const folder = mkdtempSync(join(tmpdir(), 'daemun-bench-'));
  // also after a fault or a signal nothing stays: neither a server nor a file
  process.on('exit', () => {
    killChildren();
    rmSync(folder, { recursive: true, force: true });
  });
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
  const root = join(folder, 'files');
  // servers that give up root have to get in
  chmodSync(folder, 0o755);
  writeBodies(root);
  const ports = new Ports(process.pid * 61);
  return await run(options, {
    rounds: options.rounds,
    seconds: options.seconds,
    cores,
    wrk,
    folder,
    root,
    ports,
    descriptors: descriptorLimit(),
    nodeFlags: () => [],
    say: (text) => console.error(text),
  });
}

function refuse(missing: string): number {
  console.error(`The benchmark needs ${missing}: not on this machine.`);
  return 1;
}

async function run(options: BenchOptions, setting: Setting): Promise<number> {
  switch (options.mode) {
    case 'table':
      return await printTable(options, setting);
    case 'profile':
      return await profile(options, setting);
    case 'syscalls':
      return await printSyscalls(options, setting);
  }
}

async function printTable(options: BenchOptions, setting: Setting): Promise<number> {
  const circumstances = circumstancesOf(options);
  const results: RowResult[] = [];
  if (!options.json) console.log(titleOf(circumstances));
  for (const row of options.rows) {
    // oxlint-disable-next-line no-await-in-loop -- rows would disturb each other
    const result = await runRow(row, options.peers, setting);
    results.push(result);
    if (!options.json) for (const line of rowLines(result)) console.log(line);
  }
  const record = recordOf(circumstances, results);
  if (options.json) console.log(JSON.stringify(record, undefined, 2));
  keepRecord(HISTORY_FILE, record);
  return failed(results) ? 1 : 0;
}

async function profile(options: BenchOptions, setting: Setting): Promise<number> {
  const kept = mkdtempSync(join(tmpdir(), 'daemun-profile-'));
  const results: RowResult[] = [];
  const folderOf = (row: Row): string => join(kept, row.name);
  const profiled: Setting = {
    ...setting,
    nodeFlags: (row) => ['--cpu-prof', `--cpu-prof-dir=${folderOf(row)}`],
  };
  for (const row of options.rows) {
    mkdirSync(folderOf(row));
    // oxlint-disable-next-line no-await-in-loop -- rows would disturb each other
    const result = await runRow(row, options.peers, profiled);
    results.push(result);
    for (const line of rowLines(result)) console.log(line);
    // a profile is written at the end of the process, if that is a gentle one
    const files = readdirSync(folderOf(row));
    if (files.length === 0) console.log('  no profile was written');
    for (const file of files) console.log(`  profile: ${join(folderOf(row), file)}`);
  }
  return failed(results) ? 1 : 0;
}

async function printSyscalls(options: BenchOptions, setting: Setting): Promise<number> {
  const strace = findProgram('strace');
  if (strace === undefined) return refuse('strace, which counts system calls');
  let status = 0;
  for (const row of options.rows) {
    const entrants = row.entrants.filter(
      ({ peer }) => options.peers.has(peer) && peerNamed(peer).find() !== undefined,
    );
    try {
      // oxlint-disable-next-line no-await-in-loop -- rows would disturb each other
      for (const line of await countSyscalls(strace, row, entrants, setting)) console.log(line);
    } catch (error) {
      console.error(`${row.name}: ${error instanceof Error ? error.message : String(error)}`);
      status = 1;
    }
  }
  return status;
}

function failed(results: readonly RowResult[]): boolean {
  return results.some(({ columns }) =>
    columns.some(({ fault, missing }) => fault !== undefined && missing !== true),
  );
}

function circumstancesOf(options: BenchOptions): Circumstances {
  const entrants = options.rows.flatMap((row) => row.entrants);
  const measured = entrants.filter(({ peer }) => options.peers.has(peer));
  return {
    date: new Date().toISOString(),
    commit: commit(),
    node: process.versions.node,
    peers: Object.fromEntries(measured.map((entrant) => [entrant.peer, versionOf(entrant)])),
    cpu: { model: cpus()[0]?.model ?? 'unknown', cores: allowedCores().length },
    kernel: release(),
    flags: {
      rounds: options.rounds,
      seconds: options.seconds,
      rows: options.rows.map(({ name }) => name),
      peers: [...options.peers],
    },
  };
}

function titleOf({ node, cpu, flags }: Circumstances): string {
  const method = `${flags.rounds} rounds of ${flags.seconds} s, medians`;
  return `Node ${node}, ${cpu.cores} × ${cpu.model}; ${method}`;
}

function listLine({ name, title, kind, entrants, bars }: Row): string {
  const labels = entrants.map(({ label }) => label).join(' · ');
  const names = bars.map((bar) => barName(kind, bar)).join(' and ');
  return `${name.padEnd(12)} ${title}: ${labels}${names === '' ? '' : `; bar ${names}`}`;
}

/** The commit that is measured; with a plus sign where files that git follows differ from it. */
function commit(): string | undefined {
  const head = git('rev-parse', '--short', 'HEAD');
  const changes = git('status', '--porcelain', '--untracked-files=no');
  return head === undefined ? undefined : `${head}${changes === '' ? '' : '+'}`;
}

/** What git prints, without the blanks around it; undefined where it fails or is missing. */
function git(...args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('git', args, {
    cwd: import.meta.dirname,
    encoding: 'utf8',
  });
  return status === 0 ? stdout.trim() : undefined;
}

/** Node has raised its own limit to what it may, and servers inherit that. */
function descriptorLimit(): number {
  const limits = readFileSync('/proc/self/limits', 'utf8');
  return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1] ?? 1024);
}
