import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { resolveConfig } from '../config/index.ts';
import { mayBecomeOthers } from './account.ts';
import { handLogsTo, logPaths } from './log-files.ts';

const WEB = { name: 'web', uid: 33, group: 'web', gid: 33 };

function directory(t: TestContext, mode: number): string {
  const path = mkdtempSync(join(tmpdir(), 'daemun-logs-'));
  chmodSync(path, mode);
  t.after(() => {
    rmSync(path, { recursive: true });
  });
  return path;
}

test('every file is told once, whoever writes to it', () => {
  const routes = { '/': { respond: 204 } };
  const { model } = resolveConfig(
    {
      logs: { access: './a.log', error: { path: './e.log', level: 'info' } },
      sites: {
        'a.test': { listen: [80], routes },
        'b.test': { listen: [80], routes, accessLog: './b.log', errorLog: 'stderr' },
        'c.test': { listen: [80], routes, accessLog: 'off', errorLog: './e.log' },
      },
    },
    { directory: '/var' },
    { lookup: (path) => (path === '/var' ? 'directory' : undefined), tryLog: () => null },
  );
  assert.ok(model !== undefined);
  assert.deepEqual(logPaths(model), ['/var/a.log', '/var/e.log', '/var/b.log']);
});

// Only root can give a file away.
if (mayBecomeOthers()) {
  test("in root's own directory a log is made, and given to who serves", (t) => {
    const path = directory(t, 0o755);
    const [made, old] = [join(path, 'made.log'), join(path, 'old.log')];
    writeFileSync(old, 'lines\n', { mode: 0o600 });
    handLogsTo(WEB, [made, old, join(path, 'none/x.log')]);
    for (const log of [made, old])
      assert.deepEqual([statSync(log).uid, statSync(log).gid], [33, 33]);
    assert.equal(statSync(made).mode & 0o777, 0o640);
    assert.equal(readFileSync(old, 'utf8'), 'lines\n');
  });

  test('a directory, a device and a link are not given away', (t) => {
    const path = directory(t, 0o755);
    const [folder, target, link] = [join(path, 'd'), join(path, 'target'), join(path, 'link')];
    mkdirSync(folder);
    writeFileSync(target, '');
    symlinkSync(target, link);
    handLogsTo(WEB, [folder, link, '/dev/null']);
    for (const file of [folder, target, '/dev/null']) assert.equal(statSync(file).uid, 0);
  });

  for (const mode of [0o777, 0o775, 0o757])
    test(`in a directory that others may write to (${mode.toString(8)}), nothing is done`, (t) => {
      const path = directory(t, mode);
      const [made, old] = [join(path, 'made.log'), join(path, 'old.log')];
      writeFileSync(old, '');
      handLogsTo(WEB, [made, old]);
      assert.deepEqual([existsSync(made), statSync(old).uid], [false, 0]);
    });
}
