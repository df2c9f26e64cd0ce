/** A server that runs until a signal ends it; what `run`, `serve` and `demo` share. */
import { fileURLToPath } from 'node:url';
import { systemClock } from '../base/index.ts';
import type { ConfigModel, LoadedConfig } from '../config/index.ts';
import type { ReloadReport } from '../server/index.ts';
import {
  type InheritedSocket,
  locateRefusal,
  PidFile,
  type Refusal,
  type ServedPort,
  type ServerProgram,
  ServiceManager,
  SOCKETS_VARIABLE,
  Supervisor,
  takeInheritance,
} from '../supervisor/index.ts';
import { releaseStarter } from './background.ts';
import type { HeldSignals } from './held-signals.ts';
import { type Problems, printProblems, problemsText } from './problems.ts';
import { endOfParent, hasTerminal, isAtTerminal, print, printError } from './terminal.ts';
import { startUpgrade } from './upgrade.ts';

const ENDS = 'The server is ending; the configuration is not loaded again\n';

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
  /** Sockets that were open before this program; none unless said. */
  readonly inherited?: readonly InheritedSocket[];
  /** The lines that follow "Daemun … serves". */
  readonly announce: (ports: readonly ServedPort[]) => string;
  readonly version: string;
  /** The configuration file; null where the command line says all. */
  readonly configFile: string | null;
}

/** V8 goes on with its linear engine where an expression backtracks too long, if it is told from the start. */
const FLAGS = [
  '--enable-experimental-regexp-engine-on-excessive-backtracks',
  // Until the process listens for USR1 itself, it would open Node's debugger to every user of the machine.
  '--disable-sigusr1',
  // Types are stripped from the classes of web applications.
  '--disable-warning=ExperimentalWarning',
];

function serverProgram(): ServerProgram {
  // Only the ending differs between the sources and the built package.
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const entry = fileURLToPath(new URL(`./server-process.${extension}`, import.meta.url));
  // Those that the program itself was started with as well, such as those of a profiler.
  return { entry, flags: [...process.execArgv, ...FLAGS] };
}

// The supervisor that this one was started beside; null without one.
let predecessor: number | null = null;

/** The sockets that were open before this program; null where what passed them was no socket, which is told. */
export function inheritedSockets(): readonly InheritedSocket[] | null {
  if (process.env[SOCKETS_VARIABLE] !== undefined) predecessor = process.ppid;
  try {
    return takeInheritance(process.env, process.pid);
  } catch (error) {
    printError(`${textOf(error)}\n`);
    return null;
  }
}

/**
 * Serves until INT, TERM or QUIT. The exit status is 0 after a signal, 1 where nothing could be served.
 * A refusal may be answered with another configuration by `retry`, or with null to give up.
 */
export async function serveUntilSignal(
  serving: Serving,
  retry: (refusal: Refusal) => ConfigModel | null = () => null,
): Promise<number> {
  const { config, place } = serving;
  // What lists of processes show, as with nginx.
  process.title = `daemun: supervisor${serving.configFile === null ? '' : ` of ${serving.configFile}`}`;
  const supervisor = new Supervisor({
    program: serverProgram(),
    serverName: 'Daemun',
    clock: systemClock,
    inherited: serving.inherited ?? [],
    version: serving.version,
    configFile: serving.configFile,
    onTrouble: (sentence) => {
      printError(`${sentence}\n`);
    },
    onReload: () =>
      running?.reload() ??
      Promise.resolve({ taken: false, reasons: 'It is starting', ending: false }),
    onStop: (limit) => running?.end(limit),
  });
  let running: Running | null = null;
  let pidFile: PidFile | null = null;
  const early = new AbortController();
  serving.held.endWith(() => {
    early.abort();
    void supervisor.stop(0);
  });
  try {
    pidFile = config.pidFile === undefined ? null : PidFile.claim(config.pidFile);
    let started = await supervisor.apply(config);
    while ('problems' in started) {
      const other = retry(started);
      if (other === null) {
        printProblems(
          place === undefined ? started.problems : locateRefusal(started, config, place),
        );
        return 1;
      }
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      started = await supervisor.apply(other);
    }
    if (early.signal.aborted) {
      await supervisor.stop(0);
      return 0;
    }
    running = new Running(supervisor, serving, pidFile, started);
    // Who waits for the announcement may send a signal as soon as it is there.
    const ended = running.untilSignal();
    print(serving.announce(started));
    releaseStarter();
    return await ended;
  } catch (error) {
    if (!early.signal.aborted) printError(`${textOf(error)}\n`);
    await supervisor.stop(0);
    return early.signal.aborted ? 0 : 1;
  } finally {
    pidFile?.remove();
  }
}

/** A server at work, and what signals do to it: what they do to nginx. */
class Running {
  readonly #supervisor: Supervisor;
  readonly #serving: Serving;
  readonly #pidFile: PidFile | null;
  readonly #manager = new ServiceManager(process.env);
  // The addresses that are open, once all that was asked for is done.
  #reloaded: Promise<readonly ServedPort[]>;
  #ending: number | null = null;
  #ended: () => void = () => {};
  #upgrading = false;

  constructor(
    supervisor: Supervisor,
    serving: Serving,
    pidFile: PidFile | null,
    started: readonly ServedPort[],
  ) {
    this.#supervisor = supervisor;
    this.#serving = serving;
    this.#pidFile = pidFile;
    this.#reloaded = Promise.resolve(started);
  }

  /** Resolves to the exit status when a signal has ended it. */
  untilSignal(): Promise<number> {
    const isTerminal = isAtTerminal();
    const actions: Partial<Record<NodeJS.Signals, () => void>> = {
      SIGINT: () => this.end(0),
      SIGTERM: () => this.end(0),
      SIGQUIT: () => this.end(this.#supervisor.drainTimeout),
      SIGHUP: () => {
        if (this.#serving.reload === undefined && isTerminal) this.end(0);
        else void this.reload();
      },
      SIGUSR1: () => this.#supervisor.reopenLogs(),
      SIGUSR2: () => this.#upgrade(),
      // A terminal sends it whenever its size changes, to what runs in its background pipe as well.
      SIGWINCH: () => {
        if (this.#upgrading || !hasTerminal()) this.#rest();
      },
    };
    for (const [signal, action] of Object.entries(actions)) process.on(signal, action);
    if (this.#serving.endsWithParent === true) endOfParent(() => this.end(0));
    this.#manager.tell('ready', 'Serving');
    // Signals alone keep no program alive, and there may be no server process for a while.
    const alive = setInterval(() => {}, 2 ** 30);
    return new Promise((resolve) => {
      this.#ended = () => {
        clearInterval(alive);
        resolve(0);
      };
      this.#serving.held.release();
    });
  }

  /** Ends the server; connections have `grace` milliseconds. */
  end(grace: number): void {
    // Who does not want to wait for QUIT any longer sends TERM.
    if (this.#ending !== null && this.#ending <= grace) return;
    this.#ending = grace;
    // Of two supervisors one goes on: the service does not end.
    const goesOn = this.#upgrading || process.ppid === predecessor;
    if (!goesOn) this.#manager.tell('stopping', 'Ending');
    this.#supervisor.stop(grace).then(this.#ended, this.#ended);
  }

  /** Loads the configuration again. */
  reload(): Promise<ReloadReport> {
    if (this.#ending !== null)
      return Promise.resolve({ taken: false, reasons: ENDS, ending: true });
    const { reload } = this.#serving;
    if (reload === undefined) {
      const reasons = 'There is no configuration file to load again\n';
      printError(`HUP: ${reasons}`);
      return Promise.resolve({ taken: false, reasons, ending: false });
    }
    // One after the other, so that the file as it was read last is what is served.
    return new Promise((resolve) => {
      this.#reloaded = this.#reloaded.then(async (own) => {
        if (this.#ending === null)
          this.#manager.tell('reloading', 'Loading the configuration again');
        const outcome = this.#ending === null ? await this.#load(reload, own) : ENDS;
        // It is no fault of the configuration, and the manager knows more by now.
        if (this.#isEnding) {
          if (outcome === ENDS) printError(ENDS);
          const isTaken = typeof outcome !== 'string';
          resolve({ taken: isTaken, reasons: isTaken ? '' : outcome, ending: true });
          return isTaken ? outcome : own;
        }
        const taken = typeof outcome !== 'string';
        this.#supervisor.countReload(taken);
        this.#manager.tell(
          'ready',
          taken ? 'Serving' : 'Serving; a later configuration was refused',
        );
        resolve({ taken, reasons: taken ? '' : outcome, ending: false });
        return taken ? outcome : own;
      });
    });
  }

  // It may have begun while something was waited for.
  get #isEnding(): boolean {
    return this.#ending !== null;
  }

  // The addresses that are open then; why not, where the configuration was not taken.
  async #load(
    reload: NonNullable<Serving['reload']>,
    own: readonly ServedPort[],
  ): Promise<readonly ServedPort[] | string> {
    try {
      const loaded = await reload(own);
      if (loaded.model === undefined) return this.#refuse(loaded.problems);
      const applied = await this.#supervisor.apply(loaded.model);
      if ('problems' in applied) {
        return this.#refuse(locateRefusal(applied, loaded.model, loaded.place));
      }
      printProblems(loaded.notes);
      for (const { object, message } of loaded.notes)
        this.#supervisor.note('warn', `${object}: ${message}`);
      print('The configuration was loaded again\n');
      this.#supervisor.note('notice', 'The configuration was loaded again');
      return applied;
    } catch (error) {
      if (this.#isEnding) return ENDS;
      this.#tell(`The configuration was not changed: ${String(error)}`);
      void this.#supervisor.wake();
      return `${String(error)}\n`;
    }
  }

  #refuse(problems: Problems): string {
    printError('The configuration was not changed:\n');
    printProblems(problems);
    for (const { file, line, column, object, message } of problems) {
      const place = line === undefined ? file : `${file}:${line}:${column}`;
      const where = [place, object].filter((word) => word !== undefined && word !== '').join(' ');
      this.#supervisor.note('crit', `The configuration was not changed: ${where}: ${message}`);
    }
    // Who has ended the server process wants it back, with the configuration of before if need be.
    void this.#supervisor.wake();
    return problemsText(problems, { color: false });
  }

  #upgrade(): void {
    if (this.#ending !== null) return;
    const why = this.#upgrading
      ? 'the program that was started in the place of this one still runs'
      : process.ppid === predecessor
        ? `this one was started in the place of process ${predecessor}, which still runs`
        : null;
    if (why !== null) {
      // Of three, one would be in no pid file.
      this.#note(
        `USR2: No other program is started: ${why}. QUIT ends one with its last connection, TERM at once`,
      );
      return;
    }
    if (this.#serving.configFile === null) {
      printError('USR2: Only "daemun run" can be replaced while it serves\n');
      return;
    }
    this.#upgrading = true;
    try {
      this.#pidFile?.giveWay(true);
      this.#supervisor.shareSockets(true);
      const { pid } = startUpgrade(this.#supervisor.inheritance, {
        onEnd: (how, wanted) => {
          // It may have given its sockets and its pid file to another one: nothing is to be taken back.
          if (this.#ending !== null) return;
          const cure = wanted ? '' : `. "daemun check ${this.#serving.configFile}" may say why`;
          const said = `The program that was started in the place of this one ${how}; this one goes on`;
          this.#goOn(`${said}${cure}`, wanted);
        },
        onComplaint: (text) => {
          for (const line of text.split('\n').filter((each) => each.trim() !== ''))
            this.#supervisor.note('crit', `The program in the place of this one: ${line}`);
        },
      });
      if (pid === undefined) return;
      this.#supervisor.note('notice', `Process ${pid} was started in the place of this one`);
    } catch (error) {
      this.#goOn(
        `No program could be started in the place of this one: ${textOf(error)}; this one goes on`,
        false,
      );
    }
  }

  // Nobody takes the place of this one.
  #goOn(said: string, wanted: boolean): void {
    this.#upgrading = false;
    this.#supervisor.shareSockets(false);
    try {
      this.#pidFile?.giveWay(false);
    } catch (error) {
      this.#tell(`The pid file could not be written again: ${textOf(error)}`);
    }
    if (wanted) this.#note(said);
    else this.#tell(said);
    // It may have ended its server process for the other one.
    void this.#supervisor.wake();
    // The other one may have said that it is the main process.
    this.#manager.tell('ready', 'Serving');
  }

  #tell(sentence: string): void {
    printError(`${sentence}\n`);
    this.#supervisor.note('crit', sentence);
  }

  #note(sentence: string): void {
    printError(`${sentence}\n`);
    this.#supervisor.note('notice', sentence);
  }

  #rest(): void {
    this.#note('WINCH: The server process ends; HUP starts another one');
    void this.#supervisor.rest();
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
