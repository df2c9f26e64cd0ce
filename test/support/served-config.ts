import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from './eventually.ts';
import { AS_OWNER, LAUNCHER, temporaryDirectory } from './process.ts';
import { childrenOf, isRunning } from './process-tree.ts';

/** Whether HUP led to another configuration, and if not, why. */
export interface Reloading {
  readonly taken: boolean;
  /** What was said of it on standard error, on one line; nothing where it was taken. */
  readonly reasons: string;
}

const FILE = 'c.json';

/** `daemun run` on a configuration that changes while it runs; in tests and in load commands. */
export class ServedConfig {
  readonly directory: string;
  #stdout = '';
  #stderr = '';
  #status: number | NodeJS.Signals | undefined;
  readonly #child: ChildProcess;
  /** Supervisors that were started in the place of the first, by USR2. */
  readonly #upgrades: number[] = [];
  #heard: () => void = () => {};

  private constructor(
    directory: string,
    environment: Readonly<Record<string, string>>,
    wrapper: readonly string[],
  ) {
    this.directory = directory;
    const env: NodeJS.ProcessEnv = { ...process.env, ...environment };
    // The server is not part of the test run that started it.
    delete env['NODE_TEST_CONTEXT'];
    const [program = '', ...words] = [
      ...wrapper,
      process.execPath,
      LAUNCHER,
      'run',
      FILE,
      ...AS_OWNER,
    ];
    const child = spawn(program, words, { cwd: directory, env });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      this.#stdout += chunk.toString('utf8');
      this.#heard();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#stderr += chunk.toString('utf8');
      this.#heard();
    });
    child.on('close', (code, signal) => {
      this.#status = code ?? signal ?? 0;
      this.#heard();
    });
  }

  /**
   * Starts the server and resolves when it serves. `directory` is its working directory, a temporary one
   * unless said; it goes when the server ends. `wrapper` are words of a program that becomes the server.
   */
  static async start(
    config: object,
    environment: Readonly<Record<string, string>> = {},
    directory: string = temporaryDirectory(),
    wrapper: readonly string[] = [],
  ): Promise<ServedConfig> {
    writeFileSync(join(directory, FILE), JSON.stringify(config));
    const server = new ServedConfig(directory, environment, wrapper);
    await server.#until(() => server.#stdout.includes('Ctrl-C'));
    return server;
  }

  get pid(): number {
    return this.#upgrades.at(-1) ?? this.#child.pid ?? 0;
  }

  /** The first port of the announcement. */
  get port(): number {
    return Number(/:([0-9]+)\//.exec(this.#stdout)?.[1]);
  }

  /** All that was said on standard error so far, on one line. */
  get complaint(): string {
    return this.#stderr.replaceAll(/\s+/g, ' ');
  }

  /** Loads another configuration, or a text that may be none. */
  async reload(config: object | string): Promise<Reloading> {
    const text = typeof config === 'string' ? config : JSON.stringify(config);
    writeFileSync(join(this.directory, FILE), text);
    const [said, complained] = [this.#stdout.length, this.#stderr.length];
    this.signal('SIGHUP');
    const taken = (): boolean => this.#stdout.includes('loaded again', said);
    const reasons = (): string => this.#stderr.slice(complained).replaceAll(/\s+/g, ' ');
    await this.#until(
      () => taken() || /was not changed: (?:Error: |.*[0-9]+ problem)/.test(reasons()),
    );
    return { taken: taken(), reasons: reasons() };
  }

  /** Resident memory of the server's processes in KiB; null where the system does not tell it below /proc. */
  get residentKib(): number | null {
    return this.#sum((process) => {
      const status = readFileSync(`/proc/${process}/status`, 'latin1');
      // One that has ended and is not asked for yet has none.
      return Number(/VmRSS:\s*([0-9]+)/.exec(status)?.[1] ?? 0);
    });
  }

  /** Open descriptors of the server's processes; null where the system does not tell them below /proc. */
  get descriptors(): number | null {
    return this.#sum((process) => readdirSync(`/proc/${process}/fd`).length);
  }

  /** The server processes, of which there are several after a hand-over. */
  get servers(): readonly number[] {
    return childrenOf(this.pid);
  }

  #sum(figure: (process: number) => number): number | null {
    if (!existsSync('/proc/self/status')) return null;
    let sum = 0;
    for (const process of [this.pid, ...this.servers]) {
      try {
        sum += figure(process);
      } catch {
        // It ended meanwhile.
      }
    }
    return sum;
  }

  /** Sends a signal to the supervisor. */
  signal(name: NodeJS.Signals): void {
    process.kill(this.pid, name);
  }

  /**
   * Starts the program anew beside this one, and ends the one before once the new one serves. The configuration must
   * name the pid file `daemun.pid`.
   */
  async upgrade(): Promise<void> {
    const before = this.pid;
    const predecessor = this.#upgrades.at(-2) ?? this.#child.pid ?? 0;
    // Of two programs neither starts a third.
    if (predecessor !== before)
      await eventually('the end of the program of before', () => !isRunning(predecessor));
    const [said, complained] = [this.#stdout.length, this.#stderr.length];
    process.kill(before, 'SIGUSR2');
    const goesOn = (): boolean =>
      /No other program|this one goes on/.test(this.#stderr.slice(complained));
    await this.#until(() => this.#stdout.includes('Ctrl-C', said) || goesOn());
    if (goesOn()) throw new Error(this.#stderr.slice(complained));
    const now = Number(readFileSync(join(this.directory, 'daemun.pid'), 'latin1'));
    if (now === before) throw new Error(`the pid file still says ${now}`);
    this.#upgrades.push(now);
    process.kill(before, 'SIGQUIT');
  }

  /** Resolves to the exit status when the server has ended, though another process still writes where it wrote. */
  get exited(): Promise<number | NodeJS.Signals> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null)
      return Promise.resolve(exitCode ?? signalCode ?? 0);
    return new Promise((resolve) => {
      this.#child.once('exit', (code, signal) => {
        resolve(code ?? signal ?? 0);
      });
    });
  }

  /** Ends the server and resolves to its exit status. Its directory is left to `remove`. */
  async stop(): Promise<number | NodeJS.Signals> {
    // With all that its upgrades started, who write where it wrote.
    const end = (name: NodeJS.Signals): void => {
      for (const pid of [this.#child.pid ?? 0, ...this.#upgrades])
        if (isRunning(pid)) process.kill(pid, name);
    };
    if (this.#status === undefined) end('SIGTERM');
    const late = setTimeout(() => {
      end('SIGKILL');
    }, 10_000);
    await new Promise<void>((resolve) => {
      this.#heard = () => {
        if (this.#status !== undefined) resolve();
      };
      this.#heard();
    });
    clearTimeout(late);
    return this.#status ?? 0;
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #until(holds: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#heard = () => {
        if (holds() || this.#status !== undefined) resolve();
      };
      this.#heard();
    });
    this.#heard = () => {};
    if (!holds()) throw new Error(`it ended with ${this.#status}: ${this.#stderr}`);
  }
}
