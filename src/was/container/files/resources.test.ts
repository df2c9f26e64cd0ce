import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  realpathSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { makePipe } from '../../../../test/support/make-pipe.ts';
import { temporaryDirectory } from '../../../../test/support/process.ts';
import { Resources } from './resources.ts';

describe('files of an application', () => {
  const base = realpathSync(temporaryDirectory());
  const root = join(base, 'app');
  let resources: Resources;

  before(() => {
    for (const name of ['dir/sub', 'WEB-INF', 'dir ü']) {
      mkdirSync(join(root, name), { recursive: true });
    }
    const files = [
      'a.txt',
      'dir/b.txt',
      'WEB-INF/web.xml',
      '.dot',
      'dir ü/ß %41.txt',
      'x..y',
      'c;d',
    ];
    for (const name of files) writeFileSync(join(root, name), `in ${name}`);
    writeFileSync(join(base, 'secret.txt'), 'outside');
    mkdirSync(join(base, 'app-twin'));
    writeFileSync(join(base, 'app-twin/twin.txt'), 'outside');
    utimesSync(join(root, 'a.txt'), 1_700_000_000.123, 1_700_000_000.123);
    symlinkSync('../secret.txt', join(root, 'out.txt'));
    symlinkSync('../app-twin', join(root, 'out'));
    symlinkSync('a.txt', join(root, 'in.txt'));
    symlinkSync('dir', join(root, 'in'));
    symlinkSync('nowhere', join(root, 'dangling'));
    symlinkSync('loop', join(root, 'loop'));
    symlinkSync(root, join(base, 'current'));
    makePipe(join(root, 'pipe'));
    resources = new Resources(root);
  });

  test('a file tells size, modification and the tag that Tomcat makes of them', () => {
    assert.deepEqual(resources.find('/a.txt'), {
      kind: 'file',
      path: '/a.txt',
      file: join(root, 'a.txt'),
      size: 8,
      modified: 1_700_000_000_123,
      etag: 'W/"8-1700000000123"',
    });
  });

  test('a modification before 1970 counts as 1970', () => {
    writeFileSync(join(root, 'old'), '');
    utimesSync(join(root, 'old'), new Date(-5000), new Date(-5000));
    assert.equal(resources.find('/old')?.etag, 'W/"0-0"');
    unlinkSync(join(root, 'old'));
  });

  test('directories are found with and without their slash, files only without', () => {
    assert.equal(resources.find('/dir')?.kind, 'directory');
    assert.equal(resources.find('/dir/')?.path, '/dir');
    assert.equal(resources.find('/')?.path, '/');
    assert.equal(resources.find('/')?.file, root);
    assert.equal(resources.find('/a.txt/'), null);
    assert.equal(resources.find('/a.txt/b'), null);
  });

  test('names are taken as they are, decoded once and no further', () => {
    for (const path of ['/dir ü/ß %41.txt', '/x..y', '/c;d', '/.dot', '/WEB-INF/web.xml']) {
      assert.equal(resources.find(path)?.path, path);
    }
    assert.equal(resources.find('/%61.txt'), null);
  });

  test('what is not there is null', () => {
    for (const path of ['/missing', '/missing/', '/dir/missing', `/${'a'.repeat(300)}`]) {
      assert.equal(resources.find(path), null);
    }
  });

  test('paths that are not canonical lead nowhere', () => {
    const paths = [
      '',
      'a.txt',
      './a.txt',
      '../secret.txt',
      '//a.txt',
      '/dir//b.txt',
      '/dir/.',
      '/..',
    ];
    paths.push(
      '/./a.txt',
      '/dir/../a.txt',
      '/../secret.txt',
      '/../app/a.txt',
      '/dir/..',
      '//',
      '/.',
    );
    paths.push(
      '/../app-twin/twin.txt',
      join(root, 'a.txt'),
      '/dir\\b.txt',
      '/dir\\..\\a.txt',
      '\\a.txt',
    );
    paths.push('/a.txt\0', '/\0', '/a.txt\0/../b', '/dir/b.txt//', '/\ud800');
    for (const path of paths) assert.equal(resources.find(path), null, JSON.stringify(path));
  });

  test('a symbolic link is no way in, whether or not it leaves the application', () => {
    const paths = [
      '/out.txt',
      '/out',
      '/out/',
      '/out/twin.txt',
      '/in.txt',
      '/in',
      '/in/',
      '/in/b.txt',
    ];
    for (const path of [...paths, '/dangling', '/loop', '/loop/x']) {
      assert.equal(resources.find(path), null, path);
    }
  });

  test('the directory of the application may be a link', () => {
    const current = new Resources(join(base, 'current'));
    assert.equal(current.find('/a.txt')?.file, join(root, 'a.txt'));
  });

  test('pipes, sockets and devices are no files', async () => {
    const server = createServer();
    await new Promise<void>((listening) => {
      server.listen(join(root, 'socket'), listening);
    });
    assert.equal(resources.find('/socket'), null);
    await new Promise((closed) => server.close(closed));
    assert.equal(resources.find('/pipe'), null);
    assert.equal(new Resources('/dev').find('/null'), null);
  });

  test('a name in another case is another name', () => {
    for (const path of ['/A.txt', '/a.TXT', '/DIR/b.txt', '/web-inf/web.xml']) {
      assert.equal(resources.find(path), null, path);
    }
  });

  test('a directory lists what can be found, directories with a slash', () => {
    const all = ['/.dot', '/WEB-INF/', '/a.txt', '/c;d', '/dir ü/', '/dir/', '/x..y'];
    assert.deepEqual(resources.list('/')?.toSorted(), all.toSorted());
    assert.deepEqual(resources.list('/dir'), ['/dir/b.txt', '/dir/sub/']);
    assert.deepEqual(resources.list('/dir/'), ['/dir/b.txt', '/dir/sub/']);
    assert.deepEqual(resources.list('/dir/sub'), []);
    for (const path of ['/a.txt', '/missing', '/in', '/..'])
      assert.equal(resources.list(path), null);
  });

  test('a real path need not exist, and stays in the application', () => {
    const paths = {
      '/': `${root}/`,
      '/a.txt': join(root, 'a.txt'),
      '/dir/': `${join(root, 'dir')}/`,
      '/new/file.txt': join(root, 'new/file.txt'),
      '/new/': `${join(root, 'new')}/`,
      '/dir/../a.txt': join(root, 'a.txt'),
      '//dir//./b.txt': join(root, 'dir/b.txt'),
      '/dir/..': `${root}/`,
    };
    for (const [path, file] of Object.entries(paths)) assert.equal(resources.realPath(path), file);
    const refused = [
      '',
      'a.txt',
      '/..',
      '/../app/a.txt',
      '/dir/../../secret.txt',
      '/a\0b',
      '/a\\b',
    ];
    refused.push(
      '/out',
      '/out/twin.txt',
      '/out/new.txt',
      '/in/new.txt',
      '/dangling',
      '/dangling/x',
      '/loop',
    );
    for (const path of refused) assert.equal(resources.realPath(path), null, JSON.stringify(path));
  });

  test('what was found goes with the file', () => {
    const file = join(root, 'passing');
    writeFileSync(file, '12');
    assert.equal(resources.find('/passing')?.size, 2);
    unlinkSync(file);
    assert.equal(resources.find('/passing'), null);
  });

  test('an application without a directory is refused', () => {
    assert.throws(() => new Resources(join(base, 'missing')), { code: 'ENOENT' });
    assert.throws(() => new Resources(join(root, 'a.txt')), /is not a directory/);
  });

  test('the root of the file system can be one', () => {
    const found = new Resources('/').find(join(root, 'a.txt'));
    assert.equal(found?.file, join(root, 'a.txt'));
  });

  test('a directory that may not be read hides what is in it', () => {
    mkdirSync(join(root, 'closed'));
    writeFileSync(join(root, 'closed/x'), '');
    chmodSync(join(root, 'closed'), 0);
    // Who runs as root reads it all the same.
    const expected = process.getuid?.() === 0 ? 'file' : undefined;
    assert.equal(resources.find('/closed/x')?.kind, expected);
    chmodSync(join(root, 'closed'), 0o700);
    assert.ok(existsSync(join(root, 'closed/x')));
  });
});
