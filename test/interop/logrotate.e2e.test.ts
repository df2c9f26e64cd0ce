import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { get } from '../support/cli-process.ts';
import { eventually } from '../support/eventually.ts';
import { needs, peerPath } from '../support/needs.ts';
import { freePort, temporaryDirectory } from '../support/process.ts';
import { ServedConfig } from '../support/served-config.ts';

const RULES = resolve(import.meta.dirname, '../../packaging/logrotate/daemun');
const ROTATIONS = 3;

test(
  'logrotate with our rules loses no line of a server that answers meanwhile, and none is there twice',
  { skip: needs('logrotate') },
  async (t) => {
    const directory = temporaryDirectory();
    chmodSync(directory, 0o755);
    const logs = join(directory, 'log');
    mkdirSync(logs, { mode: 0o755 });
    const rules = join(directory, 'rules');
    const text = readFileSync(RULES, 'utf8')
      .replaceAll('/var/log/daemun', logs)
      .replaceAll('/run/daemun/daemun.pid', join(directory, 'd.pid'));
    assert.ok(!text.includes('/run/') && !text.includes('/var/'));
    writeFileSync(rules, text, { mode: 0o644 });

    const port = await freePort();
    const format = { path: './log/access.log', format: '$request_uri' };
    const config = {
      threads: 2,
      pidFile: './d.pid',
      logs: { access: format, error: './log/error.log' },
      sites: { '*': { listen: [`127.0.0.1:${port}`], routes: { '/': { respond: 200 } } } },
    };
    const server = await ServedConfig.start(config, {}, directory);
    t.after(async () => {
      await server.stop();
      server.remove();
    });

    const asked: string[] = [];
    const over = new AbortController();
    const asking = [0, 1].map(async (client) => {
      for (let i = 0; !over.signal.aborted; i++) {
        const path = `/${client}/${i}`;
        // oxlint-disable-next-line no-await-in-loop -- one after the other
        assert.equal((await get(port, path)).status, 200);
        asked.push(path);
      }
    });
    const names = (): readonly string[] =>
      readdirSync(logs).filter((name) => name.startsWith('access.log'));
    const current = join(logs, 'access.log');
    for (let round = 1; round <= ROTATIONS; round++) {
      const before = asked.length;
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await eventually('lines', () => asked.length > before + 20 && statSync(current).size > 0);
      const { status, stderr } = spawnSync(
        peerPath('logrotate') ?? '',
        ['-f', '-s', join(directory, 'state'), rules],
        { encoding: 'utf8' },
      );
      assert.deepEqual([status, stderr], [0, '']);
      // oxlint-disable-next-line no-await-in-loop -- as above
      await eventually(
        'a new file with lines',
        () => names().includes('access.log') && statSync(current).size > 0,
      );
    }
    over.abort();
    await Promise.all(asking);

    const lines = (): readonly string[] =>
      names().flatMap((name) => {
        const bytes = readFileSync(join(logs, name));
        const read = name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
        return read.toString('latin1').split('\n').slice(0, -1);
      });
    await eventually('all lines', () => lines().length >= asked.length);
    assert.deepEqual(lines().toSorted(), asked.toSorted());
    assert.deepEqual(names().toSorted(), [
      'access.log',
      'access.log.1',
      'access.log.2.gz',
      'access.log.3.gz',
    ]);
  },
);
