import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { ManualClock } from '../base/index.ts';
import { WatchedFileSystem } from '../../test/support/watched-file-system.ts';
import { type Missing, missingBecause, OpenFile, openFile } from './open-file.ts';
import { RootGuard } from './root-guard.ts';

let root = '';
let files = new WatchedFileSystem();

before(() => {
  root = mkdtempSync(join(tmpdir(), 'daemun-open-'));
  writeFileSync(join(root, 'file'), 'content');
  symlinkSync('/etc/passwd', join(root, 'out'));
});

beforeEach(() => {
  files = new WatchedFileSystem();
});

after(() => rmSync(root, { recursive: true, force: true }));

function open(inner: string): Promise<OpenFile | Missing> {
  const guard = new RootGuard(Buffer.from(root), 'within-root', files, new ManualClock());
  const path = { bytes: Buffer.from(root + inner), inner };
  return new Promise((resolve) => openFile(files, path, guard, resolve));
}

test('files and directories are handed over open', async () => {
  for (const [inner, isFile] of [
    ['/file', true],
    ['/', false],
  ] as const) {
    const file = await open(inner);
    assert.ok(file instanceof OpenFile);
    assert.equal(file.status.isFile(), isFile);
    assert.equal(files.opened.size, 1);
    file.release();
    assert.equal(files.opened.size, 0);
  }
});

test('whatever goes wrong after opening closes the descriptor again', async () => {
  for (const prepare of [
    () => files.failNext('fstat', 'EIO'),
    () => files.failNext('realPathOfOpen', 'EIO'),
    () => files.failNext('realPath', 'EACCES'),
  ]) {
    prepare();
    const missing = await open('/file');
    assert.ok(!(missing instanceof OpenFile));
    assert.equal(files.opened.size, 0);
  }
  const refused = await open('/out');
  assert.ok(!(refused instanceof OpenFile));
  assert.equal(refused.fault.code, 'link-refused');
  assert.equal(files.opened.size, 0);
});

test('the last of those that hold a file closes it', async () => {
  const file = await open('/file');
  assert.ok(file instanceof OpenFile);
  file.retain();
  file.release();
  assert.ok(file.isOpen);
  file.release();
  assert.equal(file.isOpen, false);
  assert.throws(() => file.retain());
  assert.throws(() => file.release());
  assert.equal(files.calls.close, 1);
});

test('the log learns the path and what the operating system said', () => {
  const error = Object.assign(new Error('no'), { code: 'EACCES' });
  const missing = missingBecause(error, Buffer.from('/srv/caf\u00e9'));
  assert.equal(missing.detail, '/srv/caf\u00e9: EACCES');
  assert.equal(missing.fault.status, 403);
  assert.equal(missingBecause(new Error('odd'), Buffer.from('/a')).detail, '/a: odd');
});

test('reads go through the pool after two slow ones close to each other, not after one now and then', () => {
  const file = (): OpenFile => new OpenFile(1, statSync('.'), files);
  for (const between of [0, 1, 15]) {
    const slow = file();
    slow.readTook(6);
    for (let i = 0; i < between; i++) slow.readTook(5);
    assert.equal(slow.isSlow, false);
    slow.readTook(5.1);
    assert.equal(slow.isSlow, true, `${between} quick reads between`);
  }
  const quick = file();
  for (let i = 0; i < 100; i++) {
    quick.readTook(1000);
    for (let later = 0; later < 16; later++) quick.readTook(0);
    assert.equal(quick.isSlow, false);
  }
});
