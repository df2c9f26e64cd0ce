import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { get, refuses } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { LAUNCHER } from '../support/process.ts';

/** The demonstration below a shell, as npm starts it: the shell is what npm knows, and what ends with npm. */
class ShellDemo {
  said = '';
  /** Whether the shell and the demonstration are gone, who both hold the pipe. */
  over = false;
  readonly #shell: ChildProcess;

  constructor(t: TestContext, environment: NodeJS.ProcessEnv) {
    const env = { ...process.env, ...environment };
    // The command is not part of the test run that started it, nor of the npm command that started that.
    delete env['NODE_TEST_CONTEXT'];
    if (environment['npm_lifecycle_event'] === undefined) delete env['npm_lifecycle_event'];
    // A shell would put its last command in its own place, but for the one behind it.
    const words = ['-c', '"$0" "$1" demo; :', process.execPath, LAUNCHER];
    const shell = spawn('sh', words, { env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#shell = shell;
    shell.stdout.on('data', (chunk: Buffer) => (this.said += chunk.toString('utf8')));
    shell.on('close', () => (this.over = true));
    t.after(async () => {
      // Both are in the process group of the shell.
      if (!this.over) process.kill(-(shell.pid ?? 0), 'SIGKILL');
      await eventually('the end', () => this.over);
    });
  }

  async port(): Promise<number> {
    await eventually('the announcement', () => this.over || this.said.includes('Ctrl-C'));
    return Number(/http:\/\/127\.0\.0\.1:([0-9]+)\//.exec(this.said)?.[1]);
  }

  killShell(): void {
    this.#shell.kill('SIGKILL');
  }
}

test('the demonstration that npm started ends with the shell between them, and its port is free', async (t) => {
  const demo = new ShellDemo(t, { npm_lifecycle_event: 'start' });
  const port = await demo.port();
  assert.equal((await get(port)).status, 200);
  demo.killShell();
  await eventually('the end of the demonstration', () => demo.over);
  assert.ok(await refuses(port));
});

test('the demonstration that a person started outlives the shell', async (t) => {
  const demo = new ShellDemo(t, {});
  const port = await demo.port();
  demo.killShell();
  // Twice as long as it takes to notice. A server that ends later would go unnoticed; none is called faulty.
  await delay(1200);
  assert.equal((await get(port)).status, 200);
  assert.equal(demo.over, false);
});
