import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineBatch } from './line-batch.ts';
import { escapeText } from './log-escape.ts';

test('lines come out as they went in, over every growth, and nothing of them comes out twice', () => {
  const batch = new LineBatch(1 << 16);
  for (let round = 0; round < 3; round++) {
    let expected = '';
    for (let i = 0; i < 3000; i++) {
      const line = `${i} ${'\xe9'.repeat(i % 97)}\n`;
      expected += line;
      batch.text(line);
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
  batch.text('one\n');
  const one = batch.take();
  batch.text('two\n');
  assert.equal(one.toString('latin1'), 'one\n');
  assert.equal(batch.take().toString('latin1'), 'two\n');
});

test('a line longer than everything before it fits', () => {
  for (const size of [4095, 4096, 4097, 100_000]) {
    const batch = new LineBatch(1 << 16);
    batch.text('a');
    batch.text('b'.repeat(size));
    assert.equal(batch.take().toString('latin1'), `a${'b'.repeat(size)}`);
  }
});

test('pieces of every length and number stand one behind the other, across every growth', () => {
  const batch = new LineBatch(1 << 16);
  let expected = '';
  for (let round = 0; round < 300; round++) {
    const plain = 'abc\xe9\x01"'.repeat(round % 17);
    batch.text(plain);
    batch.escaped('xyz~ !'.repeat(round % 19));
    batch.decimal(round * round);
    expected += plain + 'xyz~ !'.repeat(round % 19) + String(round * round);
  }
  for (const number of [0, 9, 10, 99, 100, 999, 1000, 1001, 4_294_967_296, 2 ** 53 - 1]) {
    batch.decimal(number);
    batch.text(',');
    expected += `${number},`;
  }
  assert.equal(batch.take().toString('latin1'), expected);
});

test('text of a client is escaped wherever it stands, as escapeText has it', () => {
  for (let code = 0; code < 256; code++) {
    const byte = String.fromCharCode(code);
    for (const text of [byte, `${byte}a`, `a${byte}`, `a${byte}${byte}b`, 'a'.repeat(60) + byte]) {
      const batch = new LineBatch(1 << 16);
      batch.text('<');
      batch.escaped(text);
      batch.text('>');
      assert.equal(batch.take().toString('latin1'), `<${escapeText(text)}>`);
    }
  }
});

test('what was cut is not there, and what follows stands in its place', () => {
  const batch = new LineBatch(1 << 16);
  batch.text('one\n');
  const before = batch.length;
  batch.text('b'.repeat(10_000));
  batch.cut(before);
  batch.text('two\n');
  assert.equal(batch.take().toString('latin1'), 'one\ntwo\n');
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
    batch.text('a'.repeat(bytes));
    const first = batch.take();
    batch.text('b');
    assert.equal(
      first.toString('latin1'),
      'a'.repeat(bytes),
      'what is being written stays as it is',
    );
    batch.written();
    assert.equal(batch.take().toString('latin1'), 'b');
    batch.text('c');
    const third = batch.take();
    assert.equal(third.toString('latin1'), 'c');
    assert.equal(third.buffer === first.buffer, again);
  }
});
