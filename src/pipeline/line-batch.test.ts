import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineBatch } from './line-batch.ts';

test('lines come out as they went in, over every growth, and nothing of them comes out twice', () => {
  const batch = new LineBatch(1 << 16);
  for (let round = 0; round < 3; round++) {
    let expected = '';
    for (let i = 0; i < 3000; i++) {
      const line = `${i} ${'\xe9'.repeat(i % 97)}\n`;
      expected += line;
      batch.add(line);
      assert.equal(batch.length, expected.length);
    }
    const taken = batch.take();
    assert.equal(taken.toString('latin1'), expected);
    assert.equal(batch.length, 0);
    assert.equal(batch.take().length, 0);
  }
});

test('a batch that was taken is not written over by the lines that follow', () => {
  const batch = new LineBatch(1 << 16);
  batch.add('one\n');
  const one = batch.take();
  batch.add('two\n');
  assert.equal(one.toString('latin1'), 'one\n');
  assert.equal(batch.take().toString('latin1'), 'two\n');
});

test('a line longer than everything before it fits', () => {
  for (const size of [4095, 4096, 4097, 100_000]) {
    const batch = new LineBatch(1 << 16);
    batch.add('a');
    batch.add('b'.repeat(size));
    assert.equal(batch.take().toString('latin1'), `a${'b'.repeat(size)}`);
  }
});

test('the buffers of a busy log are used again once they were written, others are not', () => {
  for (const [bytes, again] of [
    [4097, false],
    [40_000, false],
    [65_536, true],
    [262_144, true],
    [262_145, false],
  ] as const) {
    const batch = new LineBatch(1 << 16);
    batch.add('a'.repeat(bytes));
    const first = batch.take();
    batch.add('b');
    assert.equal(
      first.toString('latin1'),
      'a'.repeat(bytes),
      'what is being written stays as it is',
    );
    batch.written();
    assert.equal(batch.take().toString('latin1'), 'b');
    batch.add('c');
    const third = batch.take();
    assert.equal(third.toString('latin1'), 'c');
    assert.equal(third.buffer === first.buffer, again);
  }
});
