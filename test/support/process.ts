import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { eventually } from './eventually.ts';

const RANGES = 220;
const RANGE = 100;
const FIRST_PORT = 10_000;

let range: Promise<number> | null = null;
let tried = 0;

/**
 * A port of the loopback address that nothing listens on now. Each process has a range of its own, below
 * the ports that the system gives to clients, so that tests that run side by side do not meet: a port that
 * one of them was given and does not listen on yet is not given to another.
 */
export async function freePort(): Promise<number> {
  range ??= claimRange();
  const first = await range;
  for (;;) {
    const port = first + (tried++ % (RANGE - 1));
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const server = await listening(port);
    if (server === null) continue;
    // oxlint-disable-next-line no-await-in-loop -- as above
    await new Promise((closed) => server.close(closed));
    return port;
  }
}

// The last port of a range is listened on as long as its process lives.
async function claimRange(): Promise<number> {
  for (let number = process.pid; ; number++) {
    const first = FIRST_PORT + (number % RANGES) * RANGE;
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    const guard = await listening(first + RANGE - 1);
    if (guard === null) continue;
    guard.unref();
    return first;
  }
}

function listening(port: number): Promise<Server | null> {
  return new Promise((done) => {
    const server = createServer();
    server.once('error', () => {
      done(null);
    });
    server.listen(port, '127.0.0.1', () => {
      done(server);
    });
  });
}

/** A program that a test started, with a directory of its own that goes when it ends. */
export class TestProcess {
  readonly directory: string;
  output = '';
  readonly #child: ChildProcess;
  #status: number | null | undefined;

  private constructor(child: ChildProcess, directory: string) {
    this.#child = child;
    this.directory = directory;
    child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString('latin1')));
    child.stderr?.on('data', (chunk: Buffer) => (this.output += chunk.toString('latin1')));
    child.on('exit', (code) => (this.#status = code));
  }

  /** Starts a program and waits until something answers on `port`. */
  static async start(
    command: string,
    args: readonly string[],
    port: number,
    directory: string,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<TestProcess> {
    const child = spawn(command, args, { cwd: directory, env: { ...process.env, ...environment } });
    const started = new TestProcess(child, directory);
    try {
      await untilAnswered(started, port);
    } catch (error) {
      await started.stop();
      throw new Error(`${command} did not start: ${started.output}`, { cause: error });
    }
    return started;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get running(): boolean {
    return this.#status === undefined;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Ends the program and removes its directory. */
  async stop(): Promise<void> {
    if (this.running) this.#child.kill('SIGTERM');
    try {
      await eventually('the end of the program', () => !this.running);
    } finally {
      if (this.running) this.#child.kill('SIGKILL');
      rmSync(this.directory, { recursive: true, force: true });
    }
  }
}

async function untilAnswered(started: TestProcess, port: number): Promise<void> {
  let answered = false;
  const ask = (): void => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => {
      answered = true;
      socket.destroy();
    });
    socket.on('error', () => {
      if (started.running) setTimeout(ask, 20);
    });
  };
  ask();
  await eventually(`an answer on port ${port}`, () => answered || !started.running);
  if (!started.running) throw new Error('it ended');
}

/** A new directory below the system's temporary one. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'daemun-test-'));
  if (directories.length === 0) {
    process.once('exit', () => {
      for (const made of directories) rmSync(made, { recursive: true, force: true });
    });
  }
  directories.push(directory);
  return directory;
}

const directories: string[] = [];

/** The command as the package installs it, here out of the sources: `bin/daemun.cjs`. */
export const LAUNCHER = resolve(import.meta.dirname, '../../bin/daemun.cjs');

/**
 * The command from where every user may read it, which takes a copy where the checkout is in a directory that is its
 * owner's alone.
 */
export function launcherForAll(): string {
  const checkout = resolve(import.meta.dirname, '../..');
  const isOpen = (path: string): boolean =>
    (statSync(path).mode & 0o005) === 0o005 && (path === dirname(path) || isOpen(dirname(path)));
  if (isOpen(checkout)) return LAUNCHER;
  const directory = temporaryDirectory();
  chmodSync(directory, 0o755);
  const names = new Set<string>();
  const need = (folder: string): void => {
    const text = readFileSync(join(checkout, folder, 'package.json'), 'utf8');
    const { dependencies = {} } = JSON.parse(text) as { readonly dependencies?: object };
    for (const name of Object.keys(dependencies).map((each) => join('node_modules', each))) {
      if (names.has(name)) continue;
      names.add(name);
      need(name);
    }
  };
  need('.');
  for (const name of ['bin', 'src', 'package.json', ...names])
    cpSync(join(checkout, name), join(directory, name), { recursive: true });
  return join(directory, 'bin/daemun.cjs');
}

/** The name of who runs the tests, where that is root, who would otherwise not be who serves. */
export const ROOT: string | undefined = process.getuid?.() === 0 ? userInfo().username : undefined;

/** Words for `daemun run` by which who runs the tests serves: the files of a test are theirs alone. */
export const AS_OWNER: readonly string[] = ROOT === undefined ? [] : ['--user', ROOT];

/** Where a server process begins, for supervisors that a test has in its own process. */
export const SERVER_ENTRY = resolve(import.meta.dirname, '../../src/cli/server-process.ts');

/** Starts `daemun run` on a configuration that listens on `port`. */
export async function startDaemun(port: number, config: unknown): Promise<TestProcess> {
  const directory = temporaryDirectory();
  const file = join(directory, 'site.json');
  writeFileSync(file, JSON.stringify(config));
  return TestProcess.start(process.execPath, [LAUNCHER, 'run', file, ...AS_OWNER], port, directory);
}

/** Starts nginx with the given `http` block; `{dir}` in it stands for its directory. */
export async function startNginx(
  program: string,
  port: number,
  http: string,
): Promise<TestProcess> {
  const directory = temporaryDirectory();
  const paths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((name) => `${name}_temp_path {dir}/${name};`)
    .join('\n');
  const text = `worker_processes 1; daemon off; pid {dir}/pid; error_log {dir}/error.log;
user root; events { worker_connections 512; }
http { ${paths} access_log {dir}/access.log; ${http} }`;
  const file = join(directory, 'nginx.conf');
  writeFileSync(file, text.replaceAll('{dir}', directory));
  return TestProcess.start(
    program,
    ['-c', file, '-e', join(directory, 'error.log')],
    port,
    directory,
  );
}
