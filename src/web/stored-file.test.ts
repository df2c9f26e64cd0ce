import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Stats } from 'node:fs';
import { isEntityTag } from '../http/message/index.ts';
import { isShared } from './shared-fields.ts';
import {
  entityTagOf,
  type FieldsModel,
  type FileVersion,
  isVersion,
  modifiedSeconds,
  StoredFile,
  versionOf,
} from './stored-file.ts';

const version: FileVersion = {
  device: 1,
  inode: 2,
  size: 36,
  modifiedMs: 1_700_000_000_999.5,
  changedMs: 1_700_000_001_000,
};

const model: FieldsModel = {
  contentType: 'text/plain',
  etag: true,
  cacheControl: null,
  coding: null,
  varies: false,
  ranges: true,
};

function fieldsOf(changes: Partial<FieldsModel>): readonly (readonly [string, string])[][] {
  const path = { bytes: Buffer.from('/a'), inner: '/a' };
  const file = new StoredFile(path, version, 'x', { ...model, ...changes });
  assert.ok(isShared(file.fields) && isShared(file.unmodifiedFields));
  return [[...file.fields.entries()], [...file.unmodifiedFields.entries()]];
}

function status(changes: Partial<Stats>): Stats {
  const made = {
    dev: 1,
    ino: 2,
    size: 36,
    mtimeMs: version.modifiedMs,
    ctimeMs: version.changedMs,
  };
  return Object.assign(Object.create(Stats.prototype) as Stats, made, changes);
}

test("the entity tag is nginx's: whole seconds and size in hexadecimal", () => {
  assert.equal(entityTagOf(version), '"6553f100-24"');
  assert.equal(entityTagOf({ ...version, size: 0, modifiedMs: 0 }), '"0-0"');
  assert.equal(entityTagOf({ ...version, size: 2 ** 40, modifiedMs: -5 }), '"0-10000000000"');
  assert.ok(isEntityTag(entityTagOf(version)));
  assert.equal(modifiedSeconds(version), 1_700_000_000);
});

test('anything that tells versions apart is compared', () => {
  assert.ok(isVersion(version, status({})));
  assert.deepEqual(versionOf(status({})), version);
  for (const change of [{ dev: 9 }, { ino: 9 }, { size: 9 }, { mtimeMs: 9 }, { ctimeMs: 9 }]) {
    assert.equal(isVersion(version, status(change)), false, JSON.stringify(change));
  }
});

test('a 200 says everything about the file, a 304 only what may have changed', () => {
  const date = ['Last-Modified', 'Tue, 14 Nov 2023 22:13:20 GMT'];
  const tag = ['ETag', '"6553f100-24"'];
  assert.deepEqual(fieldsOf({}), [
    [['Content-Type', 'text/plain'], date, tag, ['Accept-Ranges', 'bytes']],
    [date, tag],
  ]);
  assert.deepEqual(fieldsOf({ etag: false, ranges: false, cacheControl: 'no-cache' }), [
    [['Content-Type', 'text/plain'], date, ['Cache-Control', 'no-cache']],
    [date, ['Cache-Control', 'no-cache']],
  ]);
  const vary = ['Vary', 'Accept-Encoding'];
  assert.deepEqual(fieldsOf({ varies: true, coding: 'br', ranges: false }), [
    [['Content-Type', 'text/plain'], date, vary, tag, ['Content-Encoding', 'br']],
    [date, vary, tag],
  ]);
});

test('a kept file costs its content, its twins and something for itself', () => {
  const path = { bytes: Buffer.from('/a'), inner: '/a' };
  const large = new StoredFile(path, version, 'x'.repeat(1000), model);
  const onDisk = new StoredFile(path, version, null, model);
  assert.equal(large.cost - onDisk.cost, 1000);
  assert.ok(onDisk.cost > 500);
  const alone = onDisk.cost;
  onDisk.twins = [large];
  assert.equal(onDisk.cost, alone + large.cost);
});
