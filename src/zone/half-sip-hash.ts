/**
 * HalfSipHash (Aumasson, Bernstein: SipHash's 32-bit sibling): a hash of short keys that nobody can steer
 * who does not know its 64-bit secret. With an unkeyed hash a client that picks its keys could put them all
 * in one chain and make every look-up of a zone slow. 32-bit arithmetic is what JavaScript does fast.
 */

/** Rounds a word, and at the end. Tables use 1 and 3, as Linux and Rust do for theirs. */
const COMPRESSION = 1;
const FINALISATION = 3;

/**
 * Hashes `length` bytes that lie in `words`, four to a word, the first byte lowest, and the unused bytes of
 * the last word 0. `k0` and `k1` are the secret. Answers a signed 32-bit number.
 */
export function halfSipHash(
  words: Int32Array,
  length: number,
  k0: number,
  k1: number,
  compression = COMPRESSION,
  finalisation = FINALISATION,
): number {
  let v0 = k0 | 0;
  let v1 = k1 | 0;
  let v2 = 0x6c796765 ^ k0;
  let v3 = 0x74656462 ^ k1;
  const whole = length >> 2;
  const partial = (length & 3) === 0 ? 0 : (words[whole] as number);
  for (let step = 0; step <= whole + 1; step++) {
    let m = 0;
    let rounds = compression;
    if (step < whole) m = words[step] as number;
    else if (step === whole) m = partial | (length << 24);
    else {
      rounds = finalisation;
      v2 ^= 0xff;
    }
    v3 ^= m;
    for (let round = 0; round < rounds; round++) {
      v0 = (v0 + v1) | 0;
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
      v0 = (v0 << 16) | (v0 >>> 16);
      v2 = (v2 + v3) | 0;
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
      v2 = (v2 << 16) | (v2 >>> 16);
    }
    v0 ^= m;
  }
  return v1 ^ v3;
}
