import {
  cookieAttribute,
  equalsIgnoreCaseAscii,
  FIELD,
  type Fields,
  parseSetCookie,
  serializeSetCookie,
  withCookieAttribute,
} from '../http/message/index.ts';

/** What is replaced in the cookies that servers set: pairs of what it was and what it becomes. */
export interface CookieRewrites {
  /** Domains, whole, in any case, a dot in front aside (nginx `proxy_cookie_domain`). */
  readonly domain: readonly (readonly [from: string, to: string])[];
  /** Beginnings of paths (nginx `proxy_cookie_path`). */
  readonly path: readonly (readonly [from: string, to: string])[];
}

/** Rewrites the `Set-Cookie` fields among `fields`; the first pair that fits an attribute counts. */
export function rewriteCookies(fields: Fields, rewrites: CookieRewrites): void {
  const { domain, path } = rewrites;
  if (domain.length === 0 && path.length === 0) return;
  let at = fields.indexOf(FIELD.setCookie);
  for (; at >= 0; at = fields.indexOf(FIELD.setCookie, at + 1)) {
    const rewritten = rewriteCookie(fields.valueAt(at), rewrites);
    if (rewritten !== null) fields.replaceAt(at, rewritten);
  }
}

function rewriteCookie(field: string, { domain, path }: CookieRewrites): string | null {
  const parsed = parseSetCookie(field);
  if (parsed === null) return null;
  let cookie = parsed;
  const oldDomain = cookieAttribute(cookie, 'domain');
  if (oldDomain !== null) {
    const dot = oldDomain.startsWith('.') ? 1 : 0;
    const bare = oldDomain.slice(dot);
    const pair = domain.find(([from]) => equalsIgnoreCaseAscii(withoutDot(from), bare));
    if (pair !== undefined) {
      cookie = withCookieAttribute(cookie, 'Domain', oldDomain.slice(0, dot) + withoutDot(pair[1]));
    }
  }
  const oldPath = cookieAttribute(cookie, 'path');
  if (oldPath !== null) {
    const pair = path.find(([from]) => oldPath.startsWith(from));
    if (pair !== undefined) {
      cookie = withCookieAttribute(cookie, 'Path', pair[1] + oldPath.slice(pair[0].length));
    }
  }
  return cookie === parsed ? null : serializeSetCookie(cookie);
}

function withoutDot(domain: string): string {
  return domain.startsWith('.') ? domain.slice(1) : domain;
}
