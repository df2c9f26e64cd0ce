import { FIELD, type Fields, matchesAtIgnoreCaseAscii } from '../http/message/index.ts';

/** What is replaced at the beginning of `Location` and `Refresh`, and by what. */
export type RedirectRewrite = readonly [from: string, to: string];

/**
 * The rewrites of nginx's `proxy_redirect default`: the address of the server, with the URI that the
 * route puts in front, becomes the part of the path that the route names. `authorities` are the names
 * that the server is known by.
 */
export function defaultRewrites(
  authorities: readonly string[],
  uri: string | null,
  prefix: string | null,
): readonly RedirectRewrite[] {
  const replacement = uri === null ? '/' : (prefix ?? '/');
  return authorities.map((authority) => [`http://${authority}${uri ?? '/'}`, replacement] as const);
}

/** Rewrites `Location` and the URL in `Refresh`; the first rewrite that fits counts. */
export function rewriteRedirects(fields: Fields, rewrites: readonly RedirectRewrite[]): void {
  if (rewrites.length === 0) return;
  const location = fields.indexOf(FIELD.location);
  if (location >= 0) rewriteAt(fields, location, 0, rewrites);
  const refresh = fields.indexOf(FIELD.refresh);
  if (refresh >= 0) {
    const url = urlOfRefresh(fields.valueAt(refresh));
    if (url >= 0) rewriteAt(fields, refresh, url, rewrites);
  }
}

function rewriteAt(
  fields: Fields,
  index: number,
  from: number,
  rewrites: readonly RedirectRewrite[],
): void {
  const value = fields.valueAt(index);
  for (const [before, after] of rewrites) {
    if (!value.startsWith(before, from)) continue;
    fields.replaceAt(index, value.slice(0, from) + after + value.slice(from + before.length));
    return;
  }
}

// Where the URL begins in `5; url=http://…`, -1 where there is none.
function urlOfRefresh(value: string): number {
  for (let at = 0; at < value.length; at++) {
    if (matchesAtIgnoreCaseAscii(value, at, 'url=')) return at + 4;
  }
  return -1;
}
