import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cutOut, partialContent } from './range-body.ts';
import { StoredFile } from './stored-file.ts';

const content = '0123456789';
const file = new StoredFile(
  { bytes: Buffer.from('/a'), inner: '/a' },
  { device: 0, inode: 0, size: 10, modifiedMs: 0, changedMs: 0 },
  content,
  {
    contentType: 'text/plain',
    etag: true,
    cacheControl: 'no-cache',
    coding: null,
    varies: true,
    ranges: true,
  },
);

test('one range is the bytes alone, and its place is told', () => {
  const part = partialContent(file, [{ start: 3, end: 5 }], Math.random);
  assert.equal(cutOut(content, part.pieces), '34');
  assert.equal(part.length, 2);
  assert.equal(part.fields.getByName('Content-Range'), 'bytes 3-4/10');
  assert.equal(part.fields.getByName('Content-Type'), 'text/plain');
  assert.equal(part.fields.getByName('Accept-Ranges'), null);
  assert.equal(part.fields.getByName('ETag'), '"0-a"');
  assert.equal(part.fields.getByName('Vary'), 'Accept-Encoding');
  assert.equal(part.fields.getByName('Cache-Control'), 'no-cache');
});

test("several ranges are parts in nginx's format, in the order that was asked for", () => {
  const ranges = [
    { start: 8, end: 10 },
    { start: 0, end: 1 },
  ];
  const part = partialContent(file, ranges, () => 0.000_000_000_000_007);
  const boundary = '00000000000000000007';
  const body = cutOut(content, part.pieces);
  assert.equal(
    body,
    `\r\n--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 8-9/10\r\n\r\n89` +
      `\r\n--${boundary}\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-0/10\r\n\r\n0` +
      `\r\n--${boundary}--\r\n`,
  );
  assert.equal(part.length, body.length);
  assert.equal(part.fields.getByName('Content-Range'), null);
  assert.equal(part.fields.getByName('Content-Type'), `multipart/byteranges; boundary=${boundary}`);
  // The file's own fields serve other requests.
  assert.equal(file.fields.getByName('Content-Type'), 'text/plain');
});
