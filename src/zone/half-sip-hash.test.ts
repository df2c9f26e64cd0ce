import assert from 'node:assert/strict';
import { test } from 'node:test';
import { halfSipHash } from './half-sip-hash.ts';

// The first vectors of the authors' reference implementation, HalfSipHash-2-4 with 32 bits of result:
// key 00 01 … 07, message 00 01 … of as many bytes as the index says.
const VECTORS =
  'a9359f5b 27475ab8 fa62a603 8afee704 2a6e4689 c5fab669 5863fc23 8bcf63c5 ' +
  'd0b8848f f806e779 94b07934 08083050 57f0872f 77e663ff d6fff87c 74fe2b97';

test('it is HalfSipHash, by the vectors of its authors', () => {
  const bytes = Uint8Array.from({ length: 16 }, (_, i) => i);
  for (const [length, expected] of VECTORS.split(' ').entries()) {
    const message = new Uint8Array(16);
    message.set(bytes.subarray(0, length));
    const hash = halfSipHash(new Int32Array(message.buffer), length, 0x03020100, 0x07060504, 2, 4);
    const result = Buffer.alloc(4);
    result.writeInt32LE(hash);
    assert.equal(result.toString('hex'), expected, `${length} bytes`);
  }
});

test('length, secret and rounds all matter', () => {
  const zeros = new Int32Array(4);
  const hashes = [
    halfSipHash(zeros, 0, 1, 2),
    halfSipHash(zeros, 1, 1, 2),
    halfSipHash(zeros, 4, 1, 2),
    halfSipHash(zeros, 4, 1, 3),
    halfSipHash(zeros, 4, 2, 2),
    halfSipHash(zeros, 4, 1, 2, 2, 4),
  ];
  assert.equal(new Set(hashes).size, hashes.length);
});
