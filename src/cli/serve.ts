import { userInfo } from 'node:os';
import { resolve } from 'node:path';
import { checkConfig, type ConfigModel, resolveConfig } from '../config/index.ts';
import {
  addressProbe,
  mayBecomeOthers,
  type Refusal,
  type ServedPort,
} from '../supervisor/index.ts';
import { MISUSE_STATUS } from './command-line.ts';
import type { HeldSignals } from './held-signals.ts';
import { printProblems } from './problems.ts';
import { serveUntilSignal } from './serving.ts';
import { openness, portUrl } from './url.ts';

/** What `daemun serve` and `daemun demo` serve. */
export interface ServeOptions {
  /** Relative to the working directory. */
  readonly directory: string;
  /** As `listen` in a configuration; null for 127.0.0.1:8080 or the next free port. */
  readonly listen: string | null;
  /** Web threads; `auto` for one a processor core. */
  readonly threads: number | 'auto';
  /** Ends with the process that started it, too. */
  readonly endsWithParent: boolean;
  /** See `Serving.held`. */
  readonly held: HeldSignals;
  /** Of the program, for the announcement. */
  readonly version: string;
  /** Lines behind the address. */
  readonly advice: (url: string) => string;
}

const FIRST_PORT = 8080;
const LAST_PORT = 8180;

/** Serves the files of one directory; resolves to the exit status. */
export async function serve(options: ServeOptions): Promise<number> {
  let port = FIRST_PORT;
  const first = await checked(options);
  if (typeof first === 'number') return first;
  const announce = ([served]: readonly ServedPort[]): string => {
    const url = served === undefined ? '' : portUrl(served);
    const open = served === undefined ? '' : openness(served);
    const root = mayBecomeOthers()
      ? 'It runs as root. On the internet, use "daemun run", which serves as an ordinary user.\n'
      : '';
    const busy = port > FIRST_PORT ? ` (${FIRST_PORT} is taken)` : '';
    return `Daemun ${options.version} serves ${resolve(options.directory)}\n\n  ${url}${open}${busy}\n\n${options.advice(url)}${root}Ctrl-C ends it.\n`;
  };
  const config = first;
  const { version, endsWithParent, held } = options;
  const serving = { config, announce, version, endsWithParent, held, configFile: null };
  return serveUntilSignal(serving, (refusal) => {
    if (options.listen !== null || !isTaken(refusal) || ++port > LAST_PORT) return null;
    const next = resolveConfig(configOf(options, `127.0.0.1:${port}`), here());
    return next.model ?? null;
  });
}

function isTaken({ problems }: Refusal): boolean {
  return problems.length > 0 && problems.every(({ code }) => code === 'address');
}

// The same way as a configuration file would go, so that every check is the same; the exit status where it fails.
async function checked(options: ServeOptions): Promise<ConfigModel | number> {
  const { listen } = options;
  // Where no address is asked for, one that is taken leads to the next.
  const probe = listen === null ? {} : { probe: addressProbe() };
  const input = configOf(options, listen ?? `127.0.0.1:${FIRST_PORT}`);
  const loaded = await checkConfig(input, here(), probe);
  if (loaded.model !== undefined) return loaded.model;
  printProblems(loaded.problems.map(asTyped));
  // What no address and no number can be is misuse; what the machine refuses was tried and failed.
  return loaded.problems.some(isMisuse) ? MISUSE_STATUS : 1;
}

function isMisuse({ code }: Problem): boolean {
  return code === 'wrong-form' || code === 'out-of-range';
}

function here(): { readonly directory: string } {
  return { directory: process.cwd() };
}

function configOf({ threads, directory }: ServeOptions, listen: string): object {
  const routes = { '/': { files: directory, charset: 'utf-8' } };
  // Who tries something out wants to see the own files, whoever that is.
  const user = mayBecomeOthers() ? { user: userInfo().username } : {};
  return { threads, ...user, sites: { '*': { listen: [listen], routes } } };
}

type Problem = Parameters<typeof printProblems>[0][number];

// There is no configuration file to look into: what is wrong is a word of the command line.
function asTyped(problem: Problem): Problem {
  const { path } = problem;
  if (path.includes('listen')) return { ...problem, object: '--listen' };
  if (path.includes('files')) {
    return { ...problem, object: 'serve [dir]', cure: 'Name a directory that is there' };
  }
  return path.includes('threads') ? { ...problem, object: '--threads' } : problem;
}
