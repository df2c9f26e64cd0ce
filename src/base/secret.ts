import { createHash, timingSafeEqual } from 'node:crypto';

/**
 * Text that somebody else has to know. Only its digest is kept, so that neither a dump of the object nor an error message
 * can have it, and digests are of one length, so that comparing takes one time.
 */
export class Secret {
  readonly #digest: Buffer;

  constructor(text: string) {
    this.#digest = digestOf(text);
  }

  /** Whether `text` is the same, of which each character counts with its low byte. */
  is(text: string): boolean {
    return timingSafeEqual(digestOf(text), this.#digest);
  }
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text, 'latin1').digest();
}
