/**
 * Keys as a table keeps them: byte strings, packed four to a word into a scratch of the thread, so that a
 * look-up makes nothing. What is longer than an entry has room for is replaced by its HMAC-SHA-256, never
 * cut: two addresses that differ in their last byte are two keys.
 */
import { createHmac } from 'node:crypto';
import { halfSipHash } from './half-sip-hash.ts';
import { KEY_BYTES, KEY_WORDS, SECRET_WORDS } from './table-layout.ts';

/** In the length of a key: its bytes are a digest. */
export const DIGESTED = 0x100;
const DIGEST_BYTES = 32;

/** A scratch of one thread for the bytes, length and hash of what it looks up. */
export class PackedKey {
  readonly #secrets: Int32Array;
  /** The bytes, the first lowest; words behind the key are 0. */
  readonly words = new Int32Array(KEY_WORDS);
  /** Number of bytes, with `DIGESTED` where they stand for a longer key. */
  length = 0;
  /** Keyed hash of the bytes. */
  hash = 0;

  /** `secrets` begins with the `SECRET_WORDS` of the table, which are looked at for each key. */
  constructor(secrets: Int32Array) {
    this.#secrets = secrets;
  }

  /** Takes a key up. @throws RangeError for text that is no byte string. */
  pack(key: string): void {
    const length = key.length;
    let seen = 0;
    if (length <= KEY_BYTES) {
      const { words } = this;
      let word = 0;
      let at = 0;
      for (let i = 0; i < length; i++) {
        const code = key.charCodeAt(i);
        seen |= code;
        word |= code << ((i & 3) << 3);
        if ((i & 3) === 3) {
          words[at++] = word;
          word = 0;
        }
      }
      // Words behind the key are zeros, so that all can be compared and copied without a second length.
      for (; at < KEY_WORDS; at++) {
        words[at] = word;
        word = 0;
      }
    } else for (let i = 0; i < length; i++) seen |= key.charCodeAt(i);
    if (seen > 0xff) throw new RangeError('A key is a string of bytes: no character is above 255');
    if (length <= KEY_BYTES) this.length = length;
    else this.#digest(key);
    this.#rehash();
  }

  /** Takes up what a table gave away: bytes of a key, or of its digest. */
  packKept(bytes: string, digested: boolean): void {
    this.pack(bytes);
    if (digested) {
      this.length |= DIGESTED;
      this.#rehash();
    }
  }

  #digest(key: string): void {
    const secrets = this.#secrets.slice(2, SECRET_WORDS);
    const digest = createHmac('sha256', new Uint8Array(secrets.buffer))
      .update(key, 'latin1')
      .digest();
    this.words.fill(0);
    for (let i = 0; i < DIGEST_BYTES / 4; i++) this.words[i] = digest.readInt32LE(i * 4);
    this.length = DIGEST_BYTES | DIGESTED;
  }

  #rehash(): void {
    const secrets = this.#secrets;
    this.hash = halfSipHash(
      this.words,
      this.length & ~DIGESTED,
      secrets[0] as number,
      secrets[1] as number,
    );
  }
}

/** The bytes of a packed key as a byte string. */
export function unpackKey(words: Int32Array, at: number, length: number): string {
  let key = '';
  for (let i = 0; i < length; i++)
    key += String.fromCharCode(((words[at + (i >> 2)] as number) >>> ((i & 3) << 3)) & 0xff);
  return key;
}
