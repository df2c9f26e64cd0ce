import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CliProcess, get } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';

// Says on standard error that it is read, and is done once there is a file `go`.
const CONFIG = `
import { existsSync, writeSync } from 'node:fs';
writeSync(2, 'reading');
while (!existsSync(new URL('go', import.meta.url))) await new Promise((done) => setTimeout(done, 5));
export default { sites: { '*': { listen: ['127.0.0.1:0'], routes: { '/': { respond: 204 } } } } };
`;

async function signalled(t: TestContext, signals: readonly NodeJS.Signals[]): Promise<CliProcess> {
  const directory = mkdtempSync(join(tmpdir(), 'daemun-early-'));
  t.after(() => {
    rmSync(directory, { recursive: true });
  });
  writeFileSync(join(directory, 'daemun.config.mjs'), CONFIG);
  const run = new CliProcess(t, ['run'], directory);
  await run.complains(/reading/);
  for (const signal of signals) run.signal(signal);
  writeFileSync(join(directory, 'go'), '');
  return run;
}

test('HUP and USR1 while the configuration is read neither end the program nor open a debugger', async (t) => {
  const run = await signalled(t, ['SIGUSR1', 'SIGHUP']);
  const port = await run.port();
  assert.equal((await get(port)).status, 204);
  await run.says(/loaded again/);
  assert.equal(run.complaint, 'readingreading');
  run.signal('SIGTERM');
  assert.equal(await run.over(), 0);
});

test('QUIT while the configuration is read ends in order', async (t) => {
  const run = await signalled(t, ['SIGQUIT']);
  assert.equal(await run.over(), 0);
  assert.equal(run.complaint, 'reading');
});

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  test(`${signal} while the server process starts ends in order, and nothing is left`, async (t) => {
    const directory = mkdtempSync(join(tmpdir(), 'daemun-early-'));
    t.after(() => {
      rmSync(directory, { recursive: true });
    });
    const config = {
      pidFile: './daemun.pid',
      admin: { listen: `unix:${directory}/admin.sock` },
      sites: { '*': { listen: [`unix:${directory}/x.sock`], routes: { '/': { respond: 204 } } } },
    };
    writeFileSync(join(directory, 'c.json'), JSON.stringify(config));
    const run = new CliProcess(t, ['run', 'c.json'], directory);
    await eventually('the pid file', () => existsSync(join(directory, 'daemun.pid')));
    run.signal(signal);
    assert.equal(await run.over(), 0);
    assert.deepEqual([run.stderr, readdirSync(directory)], ['', ['c.json']]);
  });
