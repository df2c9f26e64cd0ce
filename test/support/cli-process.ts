import { type ChildProcess, spawn } from 'node:child_process';
import { request } from 'node:http';
import type { TestContext } from 'node:test';
import { eventually } from './eventually.ts';
import { AS_OWNER, LAUNCHER } from './process.ts';

/** The command as a person runs it: a process of its own, which ends with its test at the latest. */
export class CliProcess {
  stdout = '';
  stderr = '';
  /** Exit status, or the signal that ended it; undefined while it runs. */
  status: number | NodeJS.Signals | undefined;
  readonly #child: ChildProcess;

  /** Starts `daemun` with `words` in `directory`. */
  constructor(t: TestContext, words: readonly string[], directory: string) {
    const env = { ...process.env };
    // The command is not part of the test run that started it.
    delete env['NODE_TEST_CONTEXT'];
    const child = spawn(
      process.execPath,
      [LAUNCHER, ...words, ...(words[0] === 'run' ? AS_OWNER : [])],
      { cwd: directory, env },
    );
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => (this.stdout += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (this.stderr += chunk.toString('utf8')));
    // Not `exit`: what it said comes first.
    child.on('close', (code, signal) => (this.status = code ?? signal ?? 0));
    t.after(async () => {
      if (this.status === undefined) child.kill('SIGKILL');
      await this.over();
    });
  }

  /** Standard error on one line, whatever the width at which its lines were broken. */
  get complaint(): string {
    return this.stderr.replaceAll(/\s+/g, ' ');
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** Resolves to the exit status. */
  async over(): Promise<number | NodeJS.Signals | undefined> {
    await this.#until('the end of the command', () => this.status !== undefined);
    return this.status;
  }

  /** Waits until standard output fits `what`. */
  async says(what: RegExp): Promise<RegExpExecArray> {
    await this.#until(
      `${String(what)} on standard output`,
      () => what.test(this.stdout) || this.status !== undefined,
    );
    const found = what.exec(this.stdout);
    if (found === null) throw new Error(`it ended with ${this.status}: ${this.stderr}`);
    return found;
  }

  /** Waits until `complaint` fits `what`. */
  async complains(what: RegExp): Promise<void> {
    await this.#until(
      `${String(what)} on standard error`,
      () => what.test(this.complaint) || this.status !== undefined,
    );
    if (!what.test(this.complaint)) throw new Error(`it ended with ${this.status}: ${this.stderr}`);
  }

  /** Waits for the announcement, and resolves to the first port in it. */
  async port(): Promise<number> {
    const [, port] = await this.says(/http:\/\/[^/ ]+:([0-9]+)\/[^]*Ctrl-C/);
    return Number(port);
  }

  async #until(what: string, holds: () => boolean): Promise<void> {
    try {
      await eventually(what, holds);
    } catch (error) {
      throw new Error(`${what}; it said: ${this.stdout}${this.stderr}`, { cause: error });
    }
  }
}

/** An answer, as much of it as these tests look at. */
export interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Asks a port of 127.0.0.1, or a unix socket, on a connection of its own. */
export function get(
  where: number | string,
  path = '/',
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const place =
    typeof where === 'number' ? { host: '127.0.0.1', port: where } : { socketPath: where };
  return new Promise((done, failed) => {
    const asked = request({ ...place, path, headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => (body += chunk.toString('latin1')));
      response.on('end', () => {
        done({ status: response.statusCode ?? 0, body });
      });
      response.on('error', failed);
    });
    asked.on('error', failed);
    asked.end();
  });
}

/** Whether nothing accepts connections there. */
export async function refuses(where: number | string): Promise<boolean> {
  try {
    await get(where);
    return false;
  } catch {
    return true;
  }
}
