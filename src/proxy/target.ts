/**
 * The request target for the server, made as nginx makes it for `proxy_pass` with and without a URI.
 *
 * Without one the target goes on as the client sent it, byte for byte, unless a rewrite changed the
 * path. With one, the part of the decoded, normalised path that the route names is replaced, and what
 * follows it is encoded again.
 */
import { resolvePath } from '../http/message/index.ts';
import type { Context } from '../pipeline/index.ts';

/** The part of a request that its target is made from. */
export type TargetSource = Pick<Context, 'path' | 'query' | 'redirects'> & {
  readonly request: Pick<Context['request'], 'path' | 'query'>;
  readonly host: Pick<Context['host'], 'mergeSlashes'>;
};

/**
 * The target for the server. `uri` replaces `prefix` at the beginning of the path; null passes the path
 * on. A route that names no beginning (a regular expression) has the prefix null.
 */
export function upstreamTarget(
  source: TargetSource,
  uri: string | null,
  prefix: string | null,
): string {
  const { path, query, request } = source;
  if (uri === null && isUnchanged(source)) {
    return request.query === null ? request.path : `${request.path}?${request.query}`;
  }
  const replaced = uri !== null && prefix !== null && path.startsWith(prefix) ? prefix.length : 0;
  const rest = path.slice(replaced);
  // nginx leaves a path alone that came without an escape, and encodes it after an internal redirect.
  const encodes = source.redirects > 0 || request.path.includes('%') || !isWritable(rest);
  return withQuery((uri ?? '') + (encodes ? encodeRest(rest) : rest), query);
}

function isUnchanged({ path, query, request, host }: TargetSource): boolean {
  if (query !== request.query) return false;
  if (path === request.path || request.path.charCodeAt(0) !== 0x2f) return true;
  return resolvePath(request.path, { mergeSlashes: host.mergeSlashes }) === path;
}

function withQuery(path: string, query: string | null): string {
  return query === null || query === '' ? path : `${path}?${query}`;
}

// Whether no byte would end the target on the wire.
function isWritable(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code === 0x7f || code === 0x3f || code === 0x23) return false;
  }
  return true;
}

// What nginx (since 1.21.1) encodes in a changed URI: controls, DEL, bytes above ASCII, and these.
const ENCODED = new Set(Array.from(' "#%<>?\\^`{|}', (char) => char.charCodeAt(0)));
const HEX = '0123456789ABCDEF';

function encodeRest(text: string): string {
  let encoded = '';
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code > 0x20 && code < 0x7f && !ENCODED.has(code)) continue;
    encoded += `${text.slice(from, at)}%${HEX.charAt(code >> 4)}${HEX.charAt(code & 15)}`;
    from = at + 1;
  }
  return from === 0 ? text : encoded + text.slice(from);
}
