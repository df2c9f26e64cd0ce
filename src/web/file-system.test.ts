import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { makePipe } from '../../test/support/make-pipe.ts';
import { type Done, nodeFileSystem, realPathByName } from './file-system.ts';

let root = '';

before(() => {
  root = mkdtempSync(join(tmpdir(), 'daemun-fs-'));
  writeFileSync(join(root, 'a'), 'content');
  symlinkSync('a', join(root, 'link'));
});

after(() => rmSync(root, { recursive: true, force: true }));

function at(name: string): Buffer {
  return Buffer.from(join(root, name));
}

function outcome<T>(start: (done: Done<T>) => void): Promise<T | string> {
  return new Promise((resolve) => {
    start((error, value) => resolve(error === null ? value : (error.code ?? error.message)));
  });
}

test('a pipe that nobody writes to is opened without waiting', async () => {
  makePipe(join(root, 'pipe'));
  const descriptor = await outcome<number>((done) => nodeFileSystem.open(at('pipe'), done));
  assert.ok(typeof descriptor === 'number');
  nodeFileSystem.close(descriptor);
});

test('an open file is read from a place, to a place, and tells where it lies', async () => {
  const descriptor = await outcome<number>((done) => nodeFileSystem.open(at('link'), done));
  assert.ok(typeof descriptor === 'number');
  const target = Buffer.alloc(5, '.');
  const count = await outcome<number>((done) =>
    nodeFileSystem.read(descriptor, target, 1, 3, 2, done),
  );
  assert.equal(count, 3);
  assert.equal(target.toString(), '.nte.');
  const real = await outcome<Buffer>((done) =>
    nodeFileSystem.realPathOfOpen(descriptor, at('link'), statSync(at('a')), done),
  );
  const straight = await outcome<Buffer>((done) => nodeFileSystem.realPath(at('a'), done));
  assert.deepEqual(real, straight);
  nodeFileSystem.close(descriptor);
});

test('a path that leads to another file than the open one is noticed', async () => {
  const status = statSync(at('a'));
  const same = await outcome<Buffer>((done) => realPathByName(at('link'), status, done));
  assert.ok(Buffer.isBuffer(same));
  assert.ok(same.toString().endsWith('/a'));
  writeFileSync(at('b'), 'other');
  renameSync(at('b'), at('a'));
  const other = await outcome<Buffer>((done) => realPathByName(at('link'), status, done));
  assert.equal(other, 'The file was replaced while it was opened');
  const gone = await outcome<Buffer>((done) => realPathByName(at('none'), status, done));
  assert.equal(gone, 'ENOENT');
});

test('errors of the operating system come with their code', async () => {
  assert.equal(await outcome<number>((done) => nodeFileSystem.open(at('none'), done)), 'ENOENT');
  assert.equal(await outcome((done) => nodeFileSystem.stat(at('a/b'), done)), 'ENOTDIR');
});
