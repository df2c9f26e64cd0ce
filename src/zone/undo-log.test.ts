import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StoreWatch } from '../../test/support/zone-images.ts';
import { UndoLog, undoLogWords } from './undo-log.ts';

const PAIRS = 3;
const DATA = undoLogWords(PAIRS);

function filled(): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(4 * (DATA + 4));
  new Int32Array(memory).set([10, 20, 30, 40], DATA);
  return memory;
}

function dataOf(memory: SharedArrayBuffer): readonly number[] {
  return [...new Int32Array(memory)].slice(DATA);
}

test('a group of changes that is not committed is taken back, also where a word changed twice', () => {
  const memory = filled();
  const words = new Int32Array(memory);
  const log = new UndoLog(words, PAIRS);
  log.change(0, DATA, 11);
  log.change(0, DATA + 1, -1);
  log.change(0, DATA, 12);
  assert.deepEqual(dataOf(memory), [12, -1, 30, 40]);
  assert.ok(log.rollback(0));
  assert.deepEqual(dataOf(memory), [10, 20, 30, 40]);
  assert.ok(!log.rollback(0));
});

test('a committed group stays, and the log has its room again', () => {
  const memory = filled();
  const log = new UndoLog(new Int32Array(memory), PAIRS);
  for (let i = 0; i < PAIRS; i++) log.change(0, DATA + i, i);
  assert.throws(() => {
    log.change(0, DATA + 3, 3);
  }, RangeError);
  log.commit(0);
  assert.ok(!log.rollback(0));
  log.change(0, DATA + 3, 3);
  assert.deepEqual(dataOf(memory), [0, 1, 2, 3]);
});

test('whatever store a thread dies before, rolling back leaves all of a group or nothing', () => {
  const watch = new StoreWatch(filled());
  const log = new UndoLog(watch.words, PAIRS);
  const images = watch.watch(() => {
    log.change(0, DATA, 1);
    log.change(0, DATA + 2, 3);
    log.change(0, DATA, 2);
    log.commit(0);
  });
  assert.ok(images.length > 10);
  for (const image of images.slice(0, -1)) {
    const mend = new UndoLog(new Int32Array(image), PAIRS);
    mend.rollback(0);
    assert.deepEqual(dataOf(image), [10, 20, 30, 40]);
    mend.rollback(0);
    assert.deepEqual(dataOf(image), [10, 20, 30, 40]);
  }
  const last = images.at(-1) as SharedArrayBuffer;
  new UndoLog(new Int32Array(last), PAIRS).rollback(0);
  assert.deepEqual(dataOf(last), [2, 20, 3, 40]);
});
