import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
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

  test('a file of two names is not given away', (t) => {
    const path = directory(t, 0o755);
    const [old, other] = [join(path, 'old.log'), join(path, 'other')];
    writeFileSync(other, '');
    linkSync(other, old);
    handLogsTo(WEB, [old]);
    assert.equal(statSync(old).uid, 0);
  });

  test('what root has not put on the way to a directory is not followed', (t) => {
    const path = directory(t, 0o755);
    const [secret, home] = [join(path, 'secret'), join(path, 'home')];
    mkdirSync(secret);
    writeFileSync(join(secret, 'error.log'), 'secret', { mode: 0o600 });
    mkdirSync(home);
    symlinkSync(secret, join(home, 'logs'));
    lchownSync(join(home, 'logs'), 33, 33);
    const log = join(home, 'logs/error.log');
    // The link is another's, or its directory is.
    for (const owner of [0, 33]) {
      chownSync(home, owner, owner);
      handLogsTo(WEB, [log, join(home, 'logs/made.log')]);
      assert.equal(statSync(log).uid, 0);
      assert.equal(existsSync(join(secret, 'made.log')), false);
      lchownSync(join(home, 'logs'), 0, 0);
    }
    // A directory of root's own below one of another's may be moved away.
    mkdirSync(join(home, 'own'));
    handLogsTo(WEB, [join(home, 'own/made.log')]);
    assert.equal(existsSync(join(home, 'own/made.log')), false);
  });

  test("a link that root has put into root's own directory is followed, also one to a link", (t) => {
    const path = directory(t, 0o755);
    mkdirSync(join(path, 'data/logs'), { recursive: true });
    symlinkSync('data/logs', join(path, 'link'));
    symlinkSync('../data/../link', join(path, 'data/other'));
    handLogsTo(WEB, [join(path, 'link/a.log'), join(path, 'data/other/b.log')]);
    for (const name of ['a.log', 'b.log'])
      assert.equal(statSync(join(path, 'data/logs', name)).uid, 33);
  });

  test('links that lead nowhere, or round and round, are left alone', (t) => {
    const path = directory(t, 0o755);
    symlinkSync('none', join(path, 'dangling'));
    symlinkSync('round', join(path, 'round'));
    handLogsTo(WEB, [join(path, 'dangling/a.log'), join(path, 'round/a.log')]);
    assert.deepEqual(readdirSync(path).toSorted(), ['dangling', 'round']);
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
