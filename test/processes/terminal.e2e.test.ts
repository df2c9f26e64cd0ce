import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { get, refuses } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { needs } from '../support/needs.ts';
import { AS_OWNER, freePort, LAUNCHER, temporaryDirectory } from '../support/process.ts';
import { childrenOf, isRunning } from '../support/process-tree.ts';
import { AtTerminal } from '../support/pseudo-terminal.ts';

interface Served {
  readonly at: AtTerminal;
  readonly port: number;
  readonly pidFile: string;
}

async function served(t: TestContext): Promise<Served> {
  const [directory, port] = [temporaryDirectory(), await freePort()];
  const routes = { '/': { respond: 200, body: 'here' } };
  const sites = { '*': { listen: [`127.0.0.1:${port}`], routes } };
  const config = { threads: 1, pidFile: './d.pid', logs: { access: 'off' }, sites };
  writeFileSync(join(directory, 'c.json'), JSON.stringify(config));
  const words = [process.execPath, LAUNCHER, 'run', 'c.json', ...AS_OWNER];
  const at = await AtTerminal.start(words, directory, 'Ctrl-C');
  t.after(() => {
    at.kill();
    rmSync(directory, { recursive: true });
  });
  return { at, port, pidFile: join(directory, 'd.pid') };
}

const skip = needs('python3');

test(
  'a terminal whose size changes again and again ends no server process; Ctrl-C ends all',
  { skip },
  async (t) => {
    const { at, port } = await served(t);
    const before = childrenOf(at.pid);
    assert.equal(before.length, 1);
    for (let width = 80; width < 90; width++) {
      at.resize(30, width);
      // oxlint-disable-next-line no-await-in-loop -- the signal has to arrive each time
      await delay(20);
      // oxlint-disable-next-line no-await-in-loop -- as above
      assert.equal((await get(port)).body, 'here');
    }
    assert.deepEqual(childrenOf(at.pid), before);
    assert.doesNotMatch(at.shown, /WINCH/);
    at.interrupt();
    assert.equal(await at.exited, 0);
    assert.ok(before.every((pid) => !isRunning(pid)));
    assert.ok(await refuses(port));
  },
);

test(
  'while an upgrade runs, a terminal whose size changes ends the server process of before alone',
  { skip },
  async (t) => {
    const { at, port, pidFile } = await served(t);
    // There is none while one takes the place of the other.
    const pid = (): number =>
      (existsSync(pidFile) && Number(readFileSync(pidFile, 'utf8'))) || at.pid;
    const next = await upgraded();
    at.resize(30, 90);
    await eventually('a word of it', () => at.shown.includes('WINCH: The server process ends'));
    await eventually('the end of one', () => childrenOf(at.pid).every((child) => child === next));
    assert.equal((await get(port)).body, 'here');
    process.kill(next, 'SIGTERM');
    await eventually('the end of the upgrade', () => !isRunning(next));
    process.kill(at.pid, 'SIGHUP');
    await eventually('a server process again', () => childrenOf(at.pid).length === 1);
    await eventually('an answer', () => at.shown.includes('loaded again'));
    assert.equal((await get(port)).body, 'here');
    at.interrupt();
    assert.equal(await at.exited, 0);
    assert.ok(await refuses(port));

    async function upgraded(): Promise<number> {
      process.kill(at.pid, 'SIGUSR2');
      await eventually('another supervisor', () => pid() !== at.pid);
      const supervisor = pid();
      t.after(() => {
        if (isRunning(supervisor)) process.kill(supervisor, 'SIGKILL');
      });
      await eventually('its server process', () => childrenOf(supervisor).length > 0);
      return supervisor;
    }
  },
);
