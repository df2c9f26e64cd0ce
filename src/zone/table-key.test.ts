import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DIGESTED, PackedKey, unpackKey } from './table-key.ts';
import { KEY_BYTES, SECRET_WORDS } from './table-layout.ts';

const SECRETS = Int32Array.from({ length: SECRET_WORDS }, (_, i) => i * 0x01010101);

function packed(key: string, secrets = SECRETS): readonly (number | string)[] {
  const result = new PackedKey(secrets);
  result.pack(key);
  return [result.hash, result.length, result.words.join()];
}

test('every byte of a key is kept as it is, up to the stated length', () => {
  const key = new PackedKey(SECRETS);
  const all = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i));
  for (let length = 0; length <= KEY_BYTES; length++)
    for (const from of [0, 256 - KEY_BYTES]) {
      const text = all.slice(from, from + length);
      key.pack(text);
      assert.equal(key.length, length);
      assert.equal(unpackKey(key.words, 0, length), text);
    }
});

test('one byte more is a digest of 32 bytes, and no byte of a long key is without effect', () => {
  const long = 'k'.repeat(KEY_BYTES + 1);
  const key = new PackedKey(SECRETS);
  key.pack(long);
  assert.equal(key.length, 32 | DIGESTED);
  const seen = new Set([packed(long).join()]);
  for (let i = 0; i < long.length; i++)
    seen.add(packed(`${long.slice(0, i)}x${long.slice(i + 1)}`).join());
  seen.add(packed(`${long}k`).join());
  assert.equal(seen.size, long.length + 2);
});

test('a short key that equals the digest of a long one is another key', () => {
  const key = new PackedKey(SECRETS);
  key.pack('k'.repeat(100));
  const digest = unpackKey(key.words, 0, 32);
  const long = [key.hash, key.length, key.words.join()];
  assert.notDeepEqual(packed(digest), long);
  key.packKept(digest, true);
  assert.deepEqual([key.hash, key.length, key.words.join()], long);
});

test('what a longer key left behind is not in the next one', () => {
  const key = new PackedKey(SECRETS);
  key.pack('x'.repeat(KEY_BYTES));
  key.pack('ab');
  assert.deepEqual([key.hash, key.length, key.words.join()], packed('ab'));
});

test('keys that are prefixes of each other, also by zero bytes, differ', () => {
  const keys = ['', '\0', '\0\0', 'a', 'a\0', 'a\0\0', 'a\0\0\0', 'a\0\0\0\0'];
  const lengths = keys.map((key) => packed(key).join());
  assert.equal(new Set(lengths).size, keys.length);
});

test('both secrets matter: one for the hash, one for the digests', () => {
  const other = SECRETS.slice();
  (other[0] as number)++;
  assert.notEqual(packed('a', other)[0], packed('a')[0]);
  const third = SECRETS.slice();
  (third[SECRET_WORDS - 1] as number)++;
  assert.equal(packed('a', third)[0], packed('a')[0]);
  const long = 'a'.repeat(64);
  assert.notEqual(packed(long, third)[2], packed(long)[2]);
});

test('text that is no byte string is refused, short or long', () => {
  for (const key of ['\u0100', `${'a'.repeat(100)}\u0100`, 'a\u{1f600}'])
    assert.throws(() => packed(key), /string of bytes/);
});
