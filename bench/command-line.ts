import { parseArgs } from 'node:util';
import { PEERS } from './peers/peers.ts';
import { ROWS, SUBJECT } from './rows.ts';
import type { Row } from './rows.ts';

/** The text of `--help`: every flag with its default, and what the exit status means. */
export const USAGE = `usage: npm run bench -- [flags]

Measures Daemun beside the servers that this machine has, and prints what each of them costs: CPU time for a request,
memory for an idle connection. Server and load generator are pinned to cores of their own. The result is appended to
bench/results/history.jsonl. The exit status is 1 where a server could not be measured; a missed bar does not change it.

  --only row,row     only these rows (--list names them)
  --peers peer,peer  only these servers: ${[...PEERS.keys()].join(', ')}
  --rounds N         measurements of each server, of which the median counts (default 3)
  --seconds N        length of each of them (default 4)
  --json             prints the result as JSON instead of the table
  --profile          runs Daemun alone, under Node's CPU profiler, and says where the profile lies; keeps no result
  --syscalls         prints what strace counts in one short run of each server; keeps no result
  --list             names the rows, their servers and bars
  --help             this text`;

/** What a run is asked to do. */
export interface BenchOptions {
  /** Rows to measure, in the table's order; of a profile and of system calls only those under load. */
  readonly rows: readonly Row[];
  /** Names of the peers to measure. */
  readonly peers: ReadonlySet<string>;
  /** Measurements of each server. */
  readonly rounds: number;
  /** Length of a measurement in seconds. */
  readonly seconds: number;
  /** Prints JSON in place of the table. */
  readonly json: boolean;
  /** Whether figures are taken (`table`), or a profile of Daemun, or counts of system calls. */
  readonly mode: 'table' | 'profile' | 'syscalls';
}

/** A command line that cannot be followed; the message tells what is wrong with it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/**
 * Reads the command line, without the program's name.
 * @throws UsageError for an unknown flag, row or peer, and for a number out of range.
 */
export function readCommandLine(args: readonly string[]): BenchOptions | 'help' | 'list' {
  const values = flagsOf(args);
  if (values.help) return 'help';
  if (values.list) return 'list';
  if (values.profile && values.syscalls) {
    throw new UsageError('--profile and --syscalls cannot be taken in one run');
  }
  const only = chosen('row', values.only, new Set(ROWS.map(({ name }) => name)));
  const peers = chosen('peer', values.peers, new Set(PEERS.keys()));
  if (values.profile && !peers.has(SUBJECT)) {
    throw new UsageError(`--profile is of ${SUBJECT}, which --peers leaves out`);
  }
  const rows = ROWS.filter(({ name }) => only.has(name));
  const underLoad = rows.filter(({ kind }) => kind === 'requests');
  const mode = values.profile ? 'profile' : values.syscalls ? 'syscalls' : 'table';
  if (mode !== 'table' && underLoad.length === 0) {
    throw new UsageError(`--${mode} is of rows under load, which --only leaves out`);
  }
  return {
    rows: mode === 'table' ? rows : underLoad,
    peers: values.profile ? new Set([SUBJECT]) : peers,
    rounds: count('--rounds', values.rounds, 99),
    seconds: count('--seconds', values.seconds, 600),
    json: values.json,
    mode,
  };
}

interface Flags {
  readonly only: string | undefined;
  readonly peers: string | undefined;
  readonly rounds: string;
  readonly seconds: string;
  readonly json: boolean;
  readonly profile: boolean;
  readonly syscalls: boolean;
  readonly list: boolean;
  readonly help: boolean;
}

function flagsOf(args: readonly string[]): Flags {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        only: { type: 'string' },
        peers: { type: 'string' },
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '4' },
        json: { type: 'boolean', default: false },
        profile: { type: 'boolean', default: false },
        syscalls: { type: 'boolean', default: false },
        list: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false, short: 'h' },
      },
    });
    return { ...values, only: values.only, peers: values.peers };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function chosen(
  noun: string,
  list: string | undefined,
  known: ReadonlySet<string>,
): ReadonlySet<string> {
  if (list === undefined) return known;
  const names = list.split(',').filter((name) => name !== '');
  const unknown = names.filter((name) => !known.has(name));
  if (unknown.length > 0 || names.length === 0) {
    const what = names.length === 0 ? 'nothing' : unknown.join(', ');
    throw new UsageError(`no ${noun} is named ${what}; there are: ${[...known].join(', ')}`);
  }
  return new Set(names);
}

function count(flag: string, text: string, most: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > most) {
    throw new UsageError(`${flag} takes a whole number from 1 to ${most}, not ${text}`);
  }
  return value;
}
