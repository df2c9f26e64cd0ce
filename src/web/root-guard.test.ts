import assert from 'node:assert/strict';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { ManualClock } from '../base/index.ts';
import { type FileSystem, nodeFileSystem, realPathByName } from './file-system.ts';
import { RootGuard, type SymlinkPolicy } from './root-guard.ts';

let base = '';

before(() => {
  base = mkdtempSync(join(tmpdir(), 'daemun-guard-'));
  mkdirSync(join(base, 'v1/dir'), { recursive: true });
  mkdirSync(join(base, 'v2/dir'), { recursive: true });
  mkdirSync(join(base, 'v1-twin'));
  for (const name of ['v1/file', 'v1/dir/file', 'v2/file', 'v1-twin/file', 'outside']) {
    writeFileSync(join(base, name), name);
  }
  symlinkSync('v1', join(base, 'current'));
  symlinkSync('file', join(base, 'v1/link'));
  symlinkSync('dir', join(base, 'v1/dirlink'));
  symlinkSync('../outside', join(base, 'v1/out'));
  symlinkSync('..', join(base, 'v1/up'));
  symlinkSync('../v1-twin', join(base, 'v1/near'));
});

after(() => rmSync(base, { recursive: true, force: true }));

const byName: FileSystem = {
  ...nodeFileSystem,
  realPathOfOpen: (_descriptor, path, status, done) => realPathByName(path, status, done),
};

function check(
  guard: RootGuard,
  root: string,
  inner: string,
  between = (): void => {},
): Promise<boolean> {
  const path = root + inner;
  const descriptor = openSync(path, 'r');
  between();
  return new Promise((resolve) => {
    guard.check(descriptor, Buffer.from(path), inner, fstatSync(descriptor), (allowed) => {
      closeSync(descriptor);
      resolve(allowed);
    });
  });
}

for (const [how, files] of [
  ['by descriptor', nodeFileSystem],
  ['by name', byName],
] as const) {
  const guardOf = (root: string, policy: SymlinkPolicy): RootGuard =>
    new RootGuard(Buffer.from(root), policy, files, new ManualClock());

  test(`each policy follows the links that it says, asked ${how}`, async () => {
    for (const [inner, within, deny] of [
      ['/file', true, true],
      ['//dir///file', true, true],
      ['/dir/', true, true],
      ['/', true, true],
      ['', true, true],
      ['/link', true, false],
      ['/dirlink/file', true, false],
      ['/dirlink', true, false],
      ['/out', false, false],
      ['/up/outside', false, false],
      ['/up', false, false],
      ['/near/file', false, false],
      ['/up/v1/file', true, false],
    ] as const) {
      for (const name of ['v1', 'current']) {
        const root = join(base, name);
        assert.equal(
          await check(guardOf(root, 'within-root'), root, inner),
          within,
          `${name}${inner}`,
        );
        assert.equal(await check(guardOf(root, 'deny'), root, inner), deny, `${name}${inner}`);
        assert.equal(await check(guardOf(root, 'follow'), root, inner), true, `${name}${inner}`);
      }
    }
  });

  test(`the root of the file system holds everything, asked ${how}`, async () => {
    const inner = join(base, 'v1/file');
    assert.equal(await check(guardOf('', 'within-root'), '', inner), true);
    assert.equal(await check(guardOf('', 'deny'), '', inner), true);
    assert.equal(await check(guardOf('', 'deny'), '', join(base, 'v1/link')), false);
  });
}

test('a root that is a link may be switched: files of the new one are served at once', async () => {
  const root = join(base, 'switched');
  symlinkSync('v1', root);
  const guard = new RootGuard(Buffer.from(root), 'within-root', nodeFileSystem, new ManualClock());
  assert.equal(await check(guard, root, '/file'), true);
  symlinkSync('v2', `${root}.new`);
  renameSync(`${root}.new`, root);
  assert.equal(await check(guard, root, '/file'), true);
});

test('after a second the old root counts no more', async () => {
  const root = join(base, 'moved');
  symlinkSync('v1', root);
  const clock = new ManualClock();
  const guard = new RootGuard(Buffer.from(root), 'within-root', nodeFileSystem, clock);
  assert.equal(await check(guard, root, '/file'), true);
  symlinkSync('v2', `${root}.new`);
  renameSync(`${root}.new`, root);
  symlinkSync('../v1/file', join(base, 'v2/back'));
  clock.advance(1000);
  assert.equal(await check(guard, root, '/back'), false);
});

test('a link that is exchanged between opening and checking does not open what it led to', async () => {
  const root = join(base, 'v1');
  for (const files of [nodeFileSystem, byName]) {
    const guard = new RootGuard(Buffer.from(root), 'within-root', files, new ManualClock());
    rmSync(join(root, 'race'), { force: true });
    symlinkSync('../outside', join(root, 'race'));
    const exchange = (): void => {
      rmSync(join(root, 'race'));
      symlinkSync('file', join(root, 'race'));
    };
    assert.equal(await check(guard, root, '/race', exchange), false);
  }
});

test('a file that was replaced after it was opened is still the one that was asked for', async () => {
  const root = join(base, 'v1');
  for (const policy of ['within-root', 'deny'] as const) {
    const guard = new RootGuard(Buffer.from(root), policy, nodeFileSystem, new ManualClock());
    writeFileSync(join(root, 'old'), 'old');
    const replace = (): void => {
      writeFileSync(join(root, 'new'), 'new');
      renameSync(join(root, 'new'), join(root, 'old'));
    };
    // Only Linux tells where a deleted file was.
    const expected = process.platform === 'linux';
    assert.equal(await check(guard, root, '/old', replace), expected, policy);
  }
});
