/** A server that runs until a signal ends it; what `run`, `serve` and `demo` share. */
import { type ConfigModel, formatProblems, type LoadedConfig } from '../config/index.ts';
import { systemClock } from '../base/index.ts';
import { fileURLToPath } from 'node:url';
import {
  locateRefusal,
  type Refusal,
  type ServedPort,
  type ServerProgram,
  Supervisor,
} from '../supervisor/index.ts';
import type { HeldSignals } from './held-signals.ts';
import { endOfParent, isAtTerminal, print, printError } from './terminal.ts';

type Problems = Parameters<typeof formatProblems>[0];
type Place = Parameters<typeof locateRefusal>[2];

/** What a command wants served, and how it says so. */
export interface Serving {
  readonly config: ConfigModel;
  /** Where the configuration was read from; tells the place of what is found wrong when it is served. */
  readonly place?: Place;
  /**
   * Loads the configuration again for HUP, while the addresses `own` are open; without it HUP is the closed terminal and ends, or is answered with a
   * line where there is no terminal.
   */
  readonly reload?: (own: readonly ServedPort[]) => Promise<LoadedConfig>;
  /** Ends with the process that started this one, too: with the shell that npm put between. False unless said. */
  readonly endsWithParent?: boolean;
  /** Signals since the start of the program; they count once the configuration is served. */
  readonly held: HeldSignals;
  /** The lines that follow "Daemun … serves". */
  readonly announce: (ports: readonly ServedPort[]) => string;
  readonly version: string;
}

/** How long QUIT waits for requests under way. */
const GRACE_MS = 60_000;

/** Prints problems the way every command does. */
export function printProblems(problems: Problems): void {
  printError(
    formatProblems(problems, {
      color: process.stderr.isTTY && process.env['NO_COLOR'] === undefined,
      width: process.stderr.columns,
      directory: process.cwd(),
    }),
  );
}

/**
 * Serves until INT, TERM or QUIT. The exit status is 0 after a signal, 1 where nothing could be served.
 * A refusal may be answered with another configuration by `retry`, or with null to give up.
 */
export async function serveUntilSignal(
  serving: Serving,
  retry: (refusal: Refusal) => ConfigModel | null = () => null,
): Promise<number> {
  const supervisor = new Supervisor({
    program: serverProgram(),
    serverName: 'Daemun',
    clock: systemClock,
    onTrouble: (sentence) => {
      printError(`${sentence}\n`);
    },
  });
  let started = await supervisor.apply(serving.config);
  while ('problems' in started) {
    const other = retry(started);
    if (other === null) {
      const { config, place } = serving;
      printProblems(place === undefined ? started.problems : locateRefusal(started, config, place));
      return 1;
    }
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    started = await supervisor.apply(other);
  }
  // Who waits for the announcement may send a signal as soon as it is there.
  const ended = untilSignal(supervisor, serving, started);
  print(serving.announce(started));
  return ended;
}

/** V8 goes on with its linear engine where an expression backtracks too long, if it is told from the start. */
const FLAGS = ['--enable-experimental-regexp-engine-on-excessive-backtracks'];

function serverProgram(): ServerProgram {
  // Only the ending differs between the sources and the built package.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const entry = fileURLToPath(new URL(`./server-process.${extension}`, import.meta.url));
  return { entry, flags: FLAGS };
}

function untilSignal(
  supervisor: Supervisor,
  serving: Serving,
  started: readonly ServedPort[],
): Promise<number> {
  return new Promise((resolve) => {
    let ending: number | null = null;
    let reloaded = Promise.resolve(started);
    const stop = async (grace: number): Promise<void> => {
      await supervisor.stop(grace);
      resolve(0);
    };
    const end = (grace: number): void => {
      // Who does not want to wait for QUIT any longer sends TERM.
      if (ending !== null && ending <= grace) return;
      ending = grace;
      void stop(grace);
    };
    process.on('SIGINT', () => {
      end(0);
    });
    process.on('SIGTERM', () => {
      end(0);
    });
    process.on('SIGQUIT', () => {
      end(GRACE_MS);
    });
    process.on('SIGUSR1', () => {
      supervisor.reopenLogs();
    });
    if (serving.endsWithParent === true) {
      endOfParent(() => {
        end(0);
      });
    }
    const endsOnHangUp = serving.reload === undefined && isAtTerminal();
    process.on('SIGHUP', () => {
      if (endsOnHangUp) {
        end(0);
        return;
      }
      // One after the other, so that the file as it was read last is what is served.
      if (ending === null) reloaded = reloaded.then((own) => reload(supervisor, serving, own));
    });
    serving.held.release();
  });
}

// Resolves to the addresses that are open then.
async function reload(
  supervisor: Supervisor,
  serving: Serving,
  own: readonly ServedPort[],
): Promise<readonly ServedPort[]> {
  if (serving.reload === undefined) {
    printError('HUP: there is no configuration file to load again\n');
    return own;
  }
  try {
    const loaded = await serving.reload(own);
    if (loaded.model === undefined) {
      printUnchanged(loaded.problems);
      return own;
    }
    const applied = await supervisor.apply(loaded.model);
    if ('problems' in applied) {
      printUnchanged(locateRefusal(applied, loaded.model, loaded.place));
      return own;
    }
    print('The configuration was loaded again\n');
    return applied;
  } catch (error) {
    printError(`The configuration was not changed: ${String(error)}\n`);
    return own;
  }
}

function printUnchanged(problems: Problems): void {
  printError('The configuration was not changed:\n');
  printProblems(problems);
}
