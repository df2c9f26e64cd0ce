import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { ManualClock } from '../base/index.ts';
import { filesModelFor } from '../../test/support/files-model.ts';
import { laterClock } from '../../test/support/memory-context.ts';
import { until, WatchedFileSystem } from '../../test/support/watched-file-system.ts';
import { FileCache } from './file-cache.ts';
import type { Found } from './file-loader.ts';
import { HotMemory } from './hot-memory.ts';
import type { FilesModel } from './routes.ts';
import type { StoredFile } from './stored-file.ts';

let root = '';
let files = new WatchedFileSystem();
let clock = laterClock();
let memory = new HotMemory(1 << 20);

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'daemun-cache-'));
  files = new WatchedFileSystem();
  clock = laterClock();
  memory = new HotMemory(1 << 20);
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  assert.equal(files.opened.size, 0, 'a descriptor stayed open');
});

function cacheOf(changes: Partial<FilesModel> = {}): FileCache {
  return new FileCache(filesModelFor(root, changes), { clock, files, memory });
}

function put(name: string, content: string): void {
  writeFileSync(join(root, name), content);
}

function find(cache: FileCache, path: string): Promise<Found> {
  return new Promise((resolve) => cache.find(path, resolve));
}

async function fileAt(cache: FileCache, path: string): Promise<StoredFile> {
  const found = await find(cache, path);
  assert.ok(found.kind === 'file');
  return found;
}

async function faultAt(cache: FileCache, path: string): Promise<string> {
  const found = await find(cache, path);
  assert.ok(found.kind === 'missing');
  return found.fault.code;
}

test('a small file is opened once and served from memory for as long as it is believed', async () => {
  put('a', 'one');
  const cache = cacheOf();
  assert.equal(cache.peek('/a'), null);
  const first = await fileAt(cache, '/a');
  assert.equal(first.content, 'one');
  clock.advance(999);
  assert.equal(cache.peek('/a'), first);
  assert.equal(await find(cache, '/a'), first);
  assert.equal(files.calls.open, 1);
  assert.equal(files.calls.stat, 0);
});

test('after that the file system is asked once, for all requests that wait, and the file stays', async () => {
  put('a', 'one');
  const cache = cacheOf();
  const first = await fileAt(cache, '/a');
  clock.advance(1000);
  assert.equal(cache.peek('/a'), null);
  const again = await Promise.all([find(cache, '/a'), find(cache, '/a'), find(cache, '/a')]);
  assert.deepEqual(
    again.map((found) => found === first),
    [true, true, true],
  );
  assert.equal(files.calls.stat, 1);
  assert.equal(files.calls.open, 1);
  assert.equal(cache.peek('/a'), first);
});

test('requests that miss the same file together open it once', async () => {
  put('a', 'one');
  put('large', 'x'.repeat(100));
  const cache = cacheOf({ keptFileSize: 50 });
  for (const path of ['/a', '/large']) {
    const before = files.calls.open;
    const found = await Promise.all([find(cache, path), find(cache, path), find(cache, path)]);
    assert.equal(files.calls.open, before + 1);
    assert.ok(found.every((each) => each === found[0]));
  }
});

test('a changed file comes with its own validators, however it was changed', async () => {
  const cache = cacheOf();
  const past = 1_700_000_000;
  put('a', 'one');
  utimesSync(join(root, 'a'), past, past);
  let before = await fileAt(cache, '/a');
  for (const [how, change] of [
    ['longer', () => put('a', 'longer')],
    ['same length, other time', () => put('a', 'LONGER')],
    [
      'same length, time set back',
      () => {
        put('a', 'letter');
        utimesSync(join(root, 'a'), past, past);
      },
    ],
    [
      'replaced by rename, same length and time',
      () => {
        put('b', 'better');
        utimesSync(join(root, 'b'), past, past);
        renameSync(join(root, 'b'), join(root, 'a'));
      },
    ],
    ['emptied', () => put('a', '')],
  ] as const) {
    change();
    clock.advance(1000);
    const now = await fileAt(cache, '/a');
    assert.notEqual(now, before, how);
    assert.notEqual(now.content, before.content, how);
    assert.equal(now.size, now.content?.length, how);
    assert.equal(now.fields.getByName('ETag'), now.etag, how);
    before = now;
  }
});

test('a file that vanishes is missed, and one that comes is found, within the second', async () => {
  const cache = cacheOf();
  assert.equal(await faultAt(cache, '/a'), 'file-not-found');
  put('a', 'one');
  clock.advance(999);
  assert.equal(await faultAt(cache, '/a'), 'file-not-found');
  clock.advance(1);
  assert.equal((await fileAt(cache, '/a')).content, 'one');
  rmSync(join(root, 'a'));
  clock.advance(1000);
  assert.equal(await faultAt(cache, '/a'), 'file-not-found');
  assert.equal(memory.count, 0);
});

test('a file that is written while it is read is read again, never half old and half new', async () => {
  put('a', 'one');
  const cache = cacheOf();
  files.beforeNext('read', () => put('a', 'other'));
  const found = await fileAt(cache, '/a');
  assert.equal(found.content, 'other');
  assert.equal(found.size, 5);
});

test('a file that changes with every read is not kept in memory', async () => {
  put('a', 'one');
  const cache = cacheOf();
  let n = 0;
  const grow = (): void => {
    put('a', 'x'.repeat(++n));
    files.beforeNext('read', grow);
  };
  files.beforeNext('read', grow);
  const found = await fileAt(cache, '/a');
  assert.equal(found.content, null);
  assert.equal(found.size, n);
});

test('a file that shrinks while it is read is served as it is then', async () => {
  put('a', 'long content');
  const cache = cacheOf();
  files.beforeNext('read', () => put('a', 'short'));
  assert.equal((await fileAt(cache, '/a')).content, 'short');
});

test('a file that was written a moment ago is served and not kept', async () => {
  put('a', 'one');
  clock = new ManualClock(Date.now());
  const cache = cacheOf();
  assert.equal((await fileAt(cache, '/a')).content, 'one');
  assert.equal(cache.peek('/a'), null);
  assert.equal(memory.count, 0);
});

test('only files up to the limit have their content kept', async () => {
  put('at', '12345');
  put('above', '123456');
  put('empty', '');
  const cache = cacheOf({ keptFileSize: 5 });
  assert.equal((await fileAt(cache, '/at')).content, '12345');
  assert.equal((await fileAt(cache, '/above')).content, null);
  assert.equal((await fileAt(cache, '/empty')).content, '');
  const none = cacheOf({ keptFileSize: 0 });
  assert.equal((await fileAt(none, '/at')).content, null);
  assert.equal((await fileAt(none, '/empty')).content, null);
});

test('above the total the file goes that was not used for the longest time', async () => {
  for (const name of ['a', 'b', 'c']) put(name, name.repeat(10_000));
  memory = new HotMemory(25_000);
  const cache = cacheOf();
  await find(cache, '/a');
  await find(cache, '/b');
  assert.notEqual(cache.peek('/a'), null);
  await find(cache, '/c');
  assert.equal(cache.peek('/b'), null);
  assert.notEqual(cache.peek('/a'), null);
  assert.notEqual(cache.peek('/c'), null);
  assert.ok(memory.held <= memory.limit);
});

test('random names neither fill the memory nor drive files out', async () => {
  put('hot', 'x');
  const cache = cacheOf();
  await find(cache, '/hot');
  const { held } = memory;
  for (let i = 0; i < 1100; i++) await find(cache, `/random${i}`);
  await find(cache, `/${'long'.repeat(400)}`);
  assert.equal(cache.missingCount, 1024);
  assert.equal(memory.held, held);
  assert.notEqual(cache.peek('/hot'), null);
  assert.equal(cache.peek('/random0'), null);
  assert.notEqual(cache.peek('/random1099'), null);
});

test('a fault of the machine is not remembered', async () => {
  put('a', 'one');
  const cache = cacheOf();
  for (const code of ['EMFILE', 'ENFILE', 'ENOMEM']) {
    files.failNext('open', code);
    assert.equal(await faultAt(cache, '/a'), 'descriptors-exhausted', code);
  }
  files.failNext('read', 'EIO');
  assert.equal(await faultAt(cache, '/a'), 'file-unreadable');
  files.failNext('fstat', 'EIO');
  assert.equal(await faultAt(cache, '/a'), 'file-unreadable');
  assert.equal((await fileAt(cache, '/a')).content, 'one');
});

test('what the operating system says decides between not found and forbidden', async () => {
  const cache = cacheOf();
  for (const [code, fault] of [
    ['ENOENT', 'file-not-found'],
    ['ENOTDIR', 'file-not-found'],
    ['ENAMETOOLONG', 'file-not-found'],
    ['EACCES', 'file-forbidden'],
    ['EPERM', 'file-forbidden'],
    ['ELOOP', 'file-forbidden'],
    ['ENXIO', 'not-a-plain-file'],
    ['EIO', 'file-unreadable'],
  ] as const) {
    files.failNext('open', code);
    assert.equal(await faultAt(cache, `/${code}`), fault, code);
  }
});

test('a directory has the first index that exists as a file, and says so for a second', async () => {
  mkdirSync(join(root, 'd/index.html'), { recursive: true });
  put('d/second.html', '2');
  const cache = cacheOf({ index: ['none.html', 'index.html', 'second.html'] });
  assert.deepEqual(await find(cache, '/d/'), { kind: 'directory', index: 'second.html' });
  put('d/none.html', '1');
  assert.deepEqual(cache.peek('/d/'), { kind: 'directory', index: 'second.html' });
  clock.advance(1000);
  assert.deepEqual(await find(cache, '/d/'), { kind: 'directory', index: 'none.html' });
  assert.deepEqual(await find(cache, '/d'), { kind: 'directory', index: null });
  assert.deepEqual(await find(cacheOf({ index: [] }), '/d/'), { kind: 'directory', index: null });
});

test('an index that may not be read is the index all the same; a fault of the machine is told', async () => {
  put('index.html', 'x');
  const cache = cacheOf();
  files.beforeNext('fstat', () => files.failNext('open', 'EACCES'));
  assert.deepEqual(await find(cache, '/'), { kind: 'directory', index: 'index.html' });
  clock.advance(1000);
  files.beforeNext('fstat', () => files.failNext('open', 'EMFILE'));
  assert.equal(await faultAt(cache, '/'), 'descriptors-exhausted');
});

test('a twin that comes, changes or goes is noticed with its file', async () => {
  put('a', 'plain');
  const cache = cacheOf({ precompressed: ['br', 'gzip'] });
  assert.deepEqual((await fileAt(cache, '/a')).codings, []);
  put('a.gz', 'gz');
  clock.advance(1000);
  const withTwin = await fileAt(cache, '/a');
  assert.deepEqual(withTwin.codings, ['gzip']);
  assert.equal(withTwin.twins[0]?.content, 'gz');
  clock.advance(1000);
  assert.equal(await fileAt(cache, '/a'), withTwin);
  put('a.gz', 'GZIP');
  put('a.br', 'br');
  clock.advance(1000);
  const both = await fileAt(cache, '/a');
  assert.deepEqual(
    both.twins.map((twin) => [twin.coding, twin.content]),
    [
      ['br', 'br'],
      ['gzip', 'GZIP'],
    ],
  );
  rmSync(join(root, 'a.gz'));
  clock.advance(1000);
  assert.deepEqual((await fileAt(cache, '/a')).codings, ['br']);
});

test('a large file is open for those that read it together and closed behind the last', async () => {
  put('large', 'x'.repeat(100));
  const cache = cacheOf({ keptFileSize: 10 });
  const stored = await fileAt(cache, '/large');
  await until(() => files.opened.size === 0);
  const seen: unknown[] = [];
  for (let i = 0; i < 2; i++) {
    cache.open(stored, (file) => {
      assert.ok(file !== null && !('kind' in file));
      file.retain();
      seen.push(file);
    });
  }
  await until(() => seen.length === 2);
  assert.equal(seen[0], seen[1]);
  assert.equal(files.opened.size, 1);
  cache.open(stored, (file) => assert.equal(file, seen[0]));
  stored.open?.release();
  assert.equal(files.opened.size, 1);
  stored.open?.release();
  assert.equal(files.opened.size, 0);
  assert.throws(() => stored.open?.retain());
  assert.throws(() => stored.open?.release());
});

test('a large file that changed since it was found is not opened as what it was', async () => {
  put('large', 'x'.repeat(100));
  const cache = cacheOf({ keptFileSize: 10 });
  const stored = await fileAt(cache, '/large');
  put('large', 'y'.repeat(100));
  const opened = await new Promise((resolve) => cache.open(stored, resolve));
  assert.equal(opened, null);
  cache.forget('/large');
  assert.equal(memory.count, 0);
});

test('a route that is given up lets go of its memory', async () => {
  put('a', 'one');
  const cache = cacheOf();
  await find(cache, '/a');
  await find(cache, '/none');
  cache.clear();
  assert.equal(memory.held, 0);
  assert.equal(cache.missingCount, 0);
  assert.equal(cache.peek('/a'), null);
});
