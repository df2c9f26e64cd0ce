/**
 * The session of one request: the id that the client sent, what it stands for, and the cookie that carries a
 * new one back.
 */
import { FIELD, type Fields, findCookie } from '../../../http/message/index.ts';
import type { Context } from '../../../pipeline/index.ts';
import { type HttpSession, IllegalStateException } from '../../api/index.ts';
import { type MemorySessions, readSessionId, type Session } from '../../session/index.ts';
import { pathParameter } from '../path/request-path.ts';
import type { SessionTracking } from './session-tracking.ts';

/** Where the cookie of a session is written. */
export interface CookiePlace {
  isCommitted(): boolean;
  /** Sets a cookie in place of one with the same name that was set before. */
  replaceCookie(name: string, value: string): void;
}

/** See the head of this file. */
export class RequestSession {
  readonly #sessions: MemorySessions;
  readonly #tracking: SessionTracking;
  readonly #isSecure: boolean;
  readonly #response: CookiePlace;
  /** The id that the client sent, as it sent it; null for none. */
  readonly requestedId: string | null;
  /** How it came. */
  readonly requestedFrom: 'COOKIE' | 'URL' | null;
  #session: Session | null = null;

  constructor(
    sessions: MemorySessions,
    tracking: SessionTracking,
    { request, exchange }: Context,
    response: CookiePlace,
  ) {
    this.#sessions = sessions;
    this.#tracking = tracking;
    this.#isSecure = exchange.connection.secure;
    this.#response = response;
    const inUrl = tracking.byUrl ? pathParameter(request.path, tracking.parameterName) : null;
    const inCookies = tracking.byCookie ? [...sentIds(request.fields, tracking.cookieName)] : [];
    let requested = inCookies[0] ?? inUrl;
    // A browser may send several of one name, for different paths; the one that means something counts.
    for (const sent of inCookies.length > 0 ? inCookies : [inUrl]) {
      this.#session = sent === null ? null : this.#known(sent);
      if (this.#session === null) continue;
      requested = sent;
      break;
    }
    this.requestedId = requested;
    if (inCookies.length > 0) this.requestedFrom = 'COOKIE';
    else this.requestedFrom = inUrl === null ? null : 'URL';
  }

  #known(sent: string): Session | null {
    const id = readSessionId(sent);
    return id === null ? null : this.#sessions.find(id);
  }

  get isRequestedIdValid(): boolean {
    const session = this.#session;
    if (session === null || !session.isValid || this.requestedId === null) return false;
    return readSessionId(this.requestedId) === session.getId();
  }

  get(create: boolean): HttpSession | null {
    const session = this.#session;
    if (session !== null && session.isValid) return session;
    if (!create) return null;
    this.#refuseCommitted();
    this.#session = this.#sessions.create();
    this.#tell(this.#session);
    return this.#session;
  }

  changeId(): string {
    const session = this.#session;
    if (session === null || !session.isValid) {
      throw new IllegalStateException('There is no session whose id could change');
    }
    this.#refuseCommitted();
    const id = this.#sessions.changeId(session);
    this.#tell(session);
    return id;
  }

  /** An address with the id of the session in it, where the client sends no cookie; see `SessionTracking`. */
  encode(url: string, base: string): string {
    const session = this.#session;
    if (!this.#tracking.byUrl || this.requestedFrom === 'COOKIE') return url;
    if (session === null || !session.isValid) return url;
    return this.#tracking.encode(url, session.getId(), base);
  }

  #refuseCommitted(): void {
    if (!this.#response.isCommitted()) return;
    throw new IllegalStateException('A session was asked for behind the commit of the response');
  }

  #tell(session: Session): void {
    const { cookieName, byCookie } = this.#tracking;
    if (!byCookie) return;
    const value = this.#tracking.cookie(session.getId(), this.#isSecure);
    this.#response.replaceCookie(cookieName, value);
  }
}

function* sentIds(fields: Fields, name: string): Generator<string> {
  for (let at = fields.indexOf(FIELD.cookie); at >= 0; at = fields.indexOf(FIELD.cookie, at + 1)) {
    for (const pair of fields.valueAt(at).split(';')) {
      const value = findCookie(pair, name);
      if (value !== null) yield value;
    }
  }
}
