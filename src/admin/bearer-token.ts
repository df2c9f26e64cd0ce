import { createHash, timingSafeEqual } from 'node:crypto';
import { dropTrailingBlanks, matchesAtIgnoreCaseAscii, skipBlanks } from '../http/message/index.ts';

const SCHEME = 'Bearer ';

/**
 * A secret that a client shows (RFC 6750 section 2.1). Only its digest is kept, so that neither a dump of the object nor
 * an error message can have it, and digests are of one length, so that comparing takes one time.
 */
export class BearerToken {
  readonly #digest: Buffer;

  /** @throws TypeError for a token that is empty, which would be no secret, or that no header field can carry. */
  constructor(token: string) {
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw new TypeError('A token is one or more printable ASCII characters without spaces');
    }
    this.#digest = digestOf(token);
  }

  /** Whether the value of an `Authorization` field shows this token. */
  isIn(authorization: string): boolean {
    if (!matchesAtIgnoreCaseAscii(authorization, 0, SCHEME)) return false;
    const start = skipBlanks(authorization, SCHEME.length, authorization.length);
    const end = dropTrailingBlanks(authorization, start, authorization.length);
    return timingSafeEqual(digestOf(authorization.slice(start, end)), this.#digest);
  }
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token, 'latin1').digest();
}
