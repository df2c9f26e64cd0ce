import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { type Clock, ManualClock } from '../base/index.ts';
import { filesModelFor } from '../../test/support/files-model.ts';
import { laterClock } from '../../test/support/memory-context.ts';
import { WatchedFileSystem } from '../../test/support/watched-file-system.ts';
import { FileLoader, type Found } from './file-loader.ts';
import type { FilesModel } from './routes.ts';

let root = '';
let files = new WatchedFileSystem();

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'daemun-load-'));
  files = new WatchedFileSystem();
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  assert.equal(files.opened.size, 0, 'a descriptor stayed open');
});

function loaderOf(changes: Partial<FilesModel> = {}, clock: Clock = laterClock()): FileLoader {
  return new FileLoader(filesModelFor(root, changes), files, clock);
}

function load(loader: FileLoader, path: string): Promise<{ found: Found; settled: boolean }> {
  const name = loader.nameOf(path);
  assert.ok(name !== null);
  return new Promise((resolve) =>
    loader.load(name, (found, settled) => resolve({ found, settled })),
  );
}

test('a file is settled once a later write is sure to change its times', async () => {
  writeFileSync(join(root, 'a'), 'one');
  const changed = statSync(join(root, 'a')).ctimeMs;
  // A time of whole seconds comes from a file system that keeps no smaller unit.
  const tick = changed % 1000 === 0 ? 2000 : 50;
  for (const [age, expected] of [
    [0, false],
    [tick, false],
    [tick + 1, true],
    [-tick, false],
    [-tick - 1, true],
  ] as const) {
    const { settled } = await load(loaderOf({}, new ManualClock(changed + age)), '/a');
    assert.equal(settled, expected, String(age));
  }
});

test('a twin that was written a moment ago is as unsettled as a file', async () => {
  writeFileSync(join(root, 'a'), 'one');
  writeFileSync(join(root, 'a.gz'), 'gz');
  const { ctimeMs } = statSync(join(root, 'a.gz'));
  const clock = new ManualClock(ctimeMs);
  assert.equal((await load(loaderOf({ precompressed: ['gzip'] }, clock), '/a')).settled, false);
});

test('large files and twins are open while the answer is decided, and no longer', async () => {
  writeFileSync(join(root, 'a'), 'plain');
  writeFileSync(join(root, 'a.gz'), 'gz');
  const loader = loaderOf({ precompressed: ['gzip'], keptFileSize: 0 });
  const name = loader.nameOf('/a');
  assert.ok(name !== null);
  await new Promise<void>((resolve) => {
    loader.load(name, (found) => {
      assert.ok(found.kind === 'file');
      assert.equal(files.opened.size, 2);
      assert.ok(found.open?.isOpen);
      assert.ok(found.twins[0]?.open?.isOpen);
      resolve();
    });
  });
});

test('directories and unreadable files are no twins', async () => {
  writeFileSync(join(root, 'a'), 'plain');
  mkdirSync(join(root, 'a.br'));
  writeFileSync(join(root, 'a.gz'), 'gz');
  const loader = loaderOf({ precompressed: ['br', 'gzip'] });
  files.beforeNext('read', () => files.beforeNext('read', () => files.failNext('read', 'EIO')));
  const { found } = await load(loader, '/a');
  assert.ok(found.kind === 'file');
  assert.deepEqual(found.codings, []);
});

test('names that twins have are known by the codings of the route', () => {
  const loader = loaderOf({ precompressed: ['gzip', 'zstd'] });
  assert.equal(loader.originalOf('/a.js.gz'), '/a.js');
  assert.equal(loader.originalOf('/a.zst'), '/a');
  assert.equal(loader.originalOf('/a.br'), null);
  assert.equal(loader.originalOf('/agz'), null);
  assert.equal(loaderOf().originalOf('/a.gz'), null);
});

test('a name that is never served is no name', () => {
  assert.equal(loaderOf().nameOf('/.env'), null);
  assert.equal(loaderOf().refused('/.env').fault.code, 'name-refused');
});
