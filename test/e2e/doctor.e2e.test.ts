import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { CliProcess } from '../support/cli-process.ts';
import { needs } from '../support/needs.ts';
import { freePort, temporaryDirectory } from '../support/process.ts';
import { ServedConfig } from '../support/served-config.ts';

interface Report {
  readonly file: string | null;
  readonly problems: number;
  readonly findings: readonly {
    readonly check: string;
    readonly level: string;
    readonly what: string;
  }[];
}

function folder(t: TestContext): string {
  const directory = temporaryDirectory();
  chmodSync(directory, 0o755);
  t.after(() => {
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

async function asked(
  t: TestContext,
  directory: string,
  words: readonly string[] = ['c.json'],
): Promise<{ readonly status: unknown; readonly report: Report }> {
  const command = new CliProcess(t, ['doctor', '--json', ...words], directory);
  const status = await command.over();
  assert.equal(command.stderr, '');
  return { status, report: JSON.parse(command.stdout) as Report };
}

function of(report: Report, check: string): readonly string[] {
  return report.findings.filter((one) => one.check === check).map(({ level }) => level);
}

test('the machine that the tests run on is looked at, and nothing is changed', async (t) => {
  const directory = folder(t);
  const [port, taken] = [await freePort(), await freePort()];
  const held = createServer().listen(taken, '127.0.0.1');
  t.after(() => held.close());
  const listen = [`127.0.0.1:${port}`, `127.0.0.1:${taken}`, `unix:${directory}/x.sock`];
  const sites = { '*': { listen, routes: { '/': { respond: 200 } } } };
  const config = { threads: 1, pidFile: 'd.pid', logs: { access: 'a.log' }, sites };
  writeFileSync(join(directory, 'c.json'), JSON.stringify(config), { mode: 0o644 });
  const { status, report } = await asked(t, directory);
  assert.equal(report.file, 'c.json');
  assert.deepEqual(of(report, 'addresses'), ['note'], 'the port that is held, and no other');
  assert.deepEqual(of(report, 'leftovers'), ['ok']);
  assert.equal(status, report.problems > 0 ? 1 : 0);
  for (const check of [
    'configuration',
    'Node',
    'rights',
    'logs',
    'descriptors',
    'processors',
    'memory',
    'disk',
    'clock',
  ])
    assert.ok(of(report, check).length > 0, check);
  assert.deepEqual(readdirSync(directory), ['c.json']);
});

test('without a configuration the machine alone is looked at, and one that is not there is told', async (t) => {
  const directory = folder(t);
  const { report } = await asked(t, directory, []);
  assert.equal(report.file, null);
  assert.deepEqual([of(report, 'addresses'), of(report, 'configuration')], [[], []]);
  const missing = await asked(t, directory, ['none.json']);
  assert.equal(missing.status, 1);
  assert.deepEqual(of(missing.report, 'configuration')[0], 'problem');
});

test('a mistake in the configuration is a problem, and the machine is looked at all the same', async (t) => {
  const directory = folder(t);
  writeFileSync(join(directory, 'c.json'), '{"surprise": 1}', { mode: 0o644 });
  const command = new CliProcess(t, ['doctor', 'c.json'], directory);
  assert.equal(await command.over(), 1);
  assert.match(command.stdout, /problem +configuration +2 mistakes in c\.json/);
  assert.match(command.stdout, /\$ daemun check c\.json\n/);
  assert.match(command.stdout, /ok +Node/);
});

test('the addresses of a Daemun that runs by its pid file are no finding', async (t) => {
  const directory = folder(t);
  const sites = {
    '*': { listen: [`127.0.0.1:${await freePort()}`], routes: { '/': { respond: 200 } } },
  };
  const server = await ServedConfig.start(
    { threads: 1, pidFile: './d.pid', logs: { access: 'off' }, sites },
    {},
    directory,
  );
  t.after(() => server.stop());
  const { report } = await asked(t, directory);
  assert.deepEqual([of(report, 'addresses'), of(report, 'leftovers')], [['ok'], ['ok']]);
  const found = report.findings.find(({ check }) => check === 'descriptors');
  assert.match(found?.what ?? '', new RegExp(`process ${server.pid}\\)`));
});

test(
  'root is told what the user who serves may not enter, and that others can change the configuration',
  { skip: needs('root') },
  async (t) => {
    const directory = folder(t);
    mkdirSync(join(directory, 'www'), { mode: 0o700 });
    const sites = { '*': { listen: [await freePort()], routes: { '/': { files: './www' } } } };
    const config = { user: 'www-data', logs: { access: 'off' }, sites };
    writeFileSync(join(directory, 'c.json'), JSON.stringify(config));
    chmodSync(join(directory, 'c.json'), 0o666);
    const { status, report } = await asked(t, directory);
    assert.equal(status, 1);
    assert.deepEqual(of(report, 'configuration'), ['problem']);
    // Where the tests run, the program itself may be closed to that user as well.
    const www = report.findings.filter(
      ({ check, what }) => check === 'rights' && / (?:\S*\/)?www[ ,.:(]/.test(`${what} `),
    );
    assert.ok(
      www.some(({ level }) => level === 'problem'),
      JSON.stringify(report.findings),
    );
  },
);
