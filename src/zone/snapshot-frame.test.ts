import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import {
  openSnapshot,
  readingOf,
  SNAPSHOT_VERSION,
  type SnapshotKind,
  SnapshotReader,
  SnapshotWriter,
} from './snapshot-frame.ts';

function written(): Uint8Array {
  const writer = new SnapshotWriter('table');
  writer.uint16(0xffff);
  writer.int32(-2);
  writer.float64(0.1);
  writer.text('\u0000\u00ff');
  for (let i = 0; i < 1000; i++) writer.float64(i);
  return writer.finish();
}

/** The frame with a number in its head changed and the checksum made to fit. */
function reframed(change: (view: DataView) => void): Uint8Array {
  const bytes = written();
  change(new DataView(bytes.buffer));
  const digest = createHash('sha256').update(bytes.subarray(0, 16)).update(bytes.subarray(48));
  bytes.set(digest.digest(), 16);
  return bytes;
}

test('what was written is read, also out of the middle of a buffer', () => {
  const bytes = written();
  const around = new Uint8Array(bytes.length + 10);
  around.set(bytes, 5);
  const reader = openSnapshot(around.subarray(5, 5 + bytes.length), 'table');
  assert.ok(reader instanceof SnapshotReader);
  assert.equal(reader.uint16(), 0xffff);
  assert.equal(reader.int32(), -2);
  assert.equal(reader.float64(), 0.1);
  assert.equal(reader.text(), '\u0000\u00ff');
  assert.throws(() => {
    reader.end();
  }, RangeError);
  for (let i = 0; i < 1000; i++) assert.equal(reader.float64(), i);
  reader.end();
  assert.throws(() => reader.uint16(), RangeError);
});

test('each reason to refuse is told', () => {
  const reasonFor = (bytes: Uint8Array, kind: SnapshotKind = 'table'): string => {
    const answer = openSnapshot(bytes, kind);
    assert.ok(typeof answer === 'string');
    return answer;
  };
  assert.match(reasonFor(new Uint8Array(47)), /has 47 bytes, less than its head/);
  assert.match(reasonFor(new Uint8Array(48)), /no snapshot of a zone/);
  const version = reframed((view) => {
    view.setUint16(4, SNAPSHOT_VERSION + 1, true);
  });
  assert.match(reasonFor(version), /has version 2; only 1/);
  assert.match(reasonFor(written(), 'counters'), /not one of a counters zone/);
  assert.match(reasonFor(written().subarray(0, -1)), /bytes instead of/);
  const broken = written();
  (broken[100] as number)++;
  assert.match(reasonFor(broken), /checksum does not fit/);
});

test('only faults of the content become reasons', () => {
  assert.deepEqual(
    readingOf(() => 5),
    { value: 5 },
  );
  assert.equal(
    readingOf(() => {
      throw new RangeError('too early');
    }),
    'too early',
  );
  assert.throws(() =>
    readingOf(() => {
      throw new TypeError('ours');
    }),
  );
});
