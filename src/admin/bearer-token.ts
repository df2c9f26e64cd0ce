import { Secret } from '../base/index.ts';
import { dropTrailingBlanks, matchesAtIgnoreCaseAscii, skipBlanks } from '../http/message/index.ts';

const SCHEME = 'Bearer ';

/** A secret that a client shows (RFC 6750 section 2.1). */
export class BearerToken {
  readonly #secret: Secret;

  /** @throws TypeError for a token that is empty, which would be no secret, or that no header field can carry. */
  constructor(token: string) {
    if (!/^[\x21-\x7e]+$/.test(token)) {
      throw new TypeError('A token is one or more printable ASCII characters without spaces');
    }
    this.#secret = new Secret(token);
  }

  /** Whether the value of an `Authorization` field shows this token. */
  isIn(authorization: string): boolean {
    if (!matchesAtIgnoreCaseAscii(authorization, 0, SCHEME)) return false;
    const start = skipBlanks(authorization, SCHEME.length, authorization.length);
    const end = dropTrailingBlanks(authorization, start, authorization.length);
    return this.#secret.is(authorization.slice(start, end));
  }
}
