import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { get } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { needs, peerPath } from '../support/needs.ts';
import { LAUNCHER, launcherForAll, temporaryDirectory } from '../support/process.ts';

const UNITS = resolve(import.meta.dirname, '../../packaging/systemd');
const INSTALLED = '/usr/bin/node /opt/daemun/current/node_modules/daemun/bin/daemun.cjs';
const service = readFileSync(join(UNITS, 'daemun.service'), 'utf8');

/** The values of a setting, in the order of the unit. */
function values(name: string): readonly string[] {
  return [...service.matchAll(new RegExp(`^${name}=(.*)$`, 'gm'))].map(([, value]) => value ?? '');
}

test(
  'systemd finds nothing wrong with the units, and little that a service of theirs could do beyond its work',
  { skip: needs('systemd-analyze') },
  (t) => {
    const directory = temporaryDirectory();
    t.after(() => {
      rmSync(directory, { recursive: true });
    });
    assert.ok(service.includes(`ExecStart=${INSTALLED} run /etc/daemun/daemun.config.ts\n`));
    const file = join(directory, 'daemun.service');
    writeFileSync(file, service.replaceAll(INSTALLED, `${process.execPath} ${LAUNCHER}`));
    const socket = join(directory, 'daemun.socket');
    writeFileSync(socket, readFileSync(join(UNITS, 'daemun.socket')));
    const analyze = (...words: readonly string[]): readonly [number | null, string, string] => {
      const { status, stdout, stderr } = spawnSync(
        peerPath('systemd-analyze') ?? '',
        [...words, file, socket].slice(0, words[0] === 'verify' ? undefined : -1),
        { encoding: 'utf8' },
      );
      return [status, stdout, stderr];
    };
    assert.deepEqual(analyze('verify', '--man=no'), [0, '', '']);
    const [status, report] = analyze('security', '--offline=true', '--threshold=32', '--no-pager');
    assert.equal(status, 0, report);
  },
);

test('the unit ends the server in order before anything is killed, and lets it start as long as it may take', () => {
  const [quit, wait] = values('ExecStop');
  assert.equal(quit, '-/bin/kill -QUIT $MAINPID');
  const grace = Number(/\/timeout ([0-9]+) /.exec(wait ?? '')?.[1]);
  const [limit] = values('TimeoutStopSec').map(Number);
  // Each command of it has the limit for itself.
  assert.ok(grace > 0 && limit !== undefined && grace < limit, `${grace} of ${limit}`);
  assert.deepEqual([values('KillMode'), values('KillSignal')], [['mixed'], ['SIGTERM']]);
  assert.ok(Number(values('TimeoutStartSec')[0]) > 120);
});

test(
  'the rights that the unit leaves to root suffice: low ports, another user, its logs, signals, and a hand-over',
  { skip: needs('root', 'setpriv') },
  async (t) => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o755);
    const logs = join(directory, 'log');
    mkdirSync(logs, { mode: 0o755 });
    const ports = [await lowPort(150), await lowPort(450)];
    const write = (count: number): void => {
      const listen = ports.slice(0, count).map((port) => `127.0.0.1:${port}`);
      const sites = { '*': { listen, routes: { '/': { respond: 200 } } } };
      const config = {
        user: 'www-data',
        threads: 2,
        pidFile: './d.pid',
        logs: { access: './log/a.log' },
        sites,
      };
      writeFileSync(join(directory, 'c.json'), JSON.stringify(config));
    };
    write(1);
    const rights = values('CapabilityBoundingSet')
      .join(' ')
      .split(' ')
      .map((name) => name.replace('CAP_', '+').toLowerCase());
    const child = spawn(
      peerPath('setpriv') ?? '',
      [
        `--bounding-set=-all,${rights.join(',')}`,
        '--inh-caps=-all',
        '--no-new-privs',
        process.execPath,
        launcherForAll(),
        'run',
        'c.json',
      ],
      { cwd: directory, stdio: 'pipe' },
    );
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    const ended = new Promise((done) => child.on('close', done));
    t.after(async () => {
      child.kill('SIGKILL');
      await ended;
      rmSync(directory, { recursive: true });
    });
    await eventually('the start', () => said.includes('Ctrl-C') || child.exitCode !== null);
    assert.equal((await get(ports[0] ?? 0)).status, 200, said);
    write(2);
    child.kill('SIGHUP');
    await eventually(
      'the reload',
      () => said.includes('loaded again') || said.includes('not changed'),
    );
    assert.equal((await get(ports[1] ?? 0)).status, 200, said);
    const log = join(logs, 'a.log');
    await eventually('lines', () => readFileSync(log, 'latin1').split('\n').length === 3);
    assert.notEqual(statSync(log).uid, 0);
    child.kill('SIGTERM');
    assert.equal(await ended, 0, said);
  },
);

/** A port below 1024 that nothing listens on. */
async function lowPort(from: number): Promise<number> {
  for (let port = from; port < 1024; port++) {
    // oxlint-disable-next-line no-await-in-loop -- until one is free
    const free = await new Promise<boolean>((done) => {
      const server = createServer();
      server.once('error', () => {
        done(false);
      });
      server.listen(port, '127.0.0.1', () => {
        server.close(() => {
          done(true);
        });
      });
    });
    if (free) return port;
  }
  throw new Error('no low port is free');
}
