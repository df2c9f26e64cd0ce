import { tmpdir } from 'node:os';
import type { CallTimeouts } from '../http/message/index.ts';
import type { Network } from '../schema/index.ts';
import type { CookieRewrites } from './cookie-rewrite.ts';
import { type ForwardedMode, TrustedHops } from './forwarded.ts';
import type { NextUpstreamCondition, ProxyRouteModel } from './options.ts';
import { defaultRewrites, type RedirectRewrite } from './redirect-rewrite.ts';
import type { SpoolLimits } from './spooled-body.ts';
import type { Upstream } from './upstream.ts';

/** A proxy route with everything resolved that is the same for all its requests. */
export interface ProxyRoute {
  readonly upstream: Upstream;
  /** What replaces `prefix` at the beginning of the path; null passes the target on as it came. */
  readonly uri: string | null;
  /** The beginning of the path that the route names, decoded; null for a regular expression. */
  readonly prefix: string | null;
  /** `Host` for the server; null leaves it to `preserveHost`. */
  readonly hostHeader: string | null;
  readonly preserveHost: boolean;
  readonly timeouts: CallTimeouts;
  readonly forwarded: ForwardedMode;
  readonly trusted: TrustedHops;
  readonly buffersRequest: boolean;
  readonly buffersResponse: boolean;
  readonly spool: SpoolLimits;
  readonly redirects: readonly RedirectRewrite[];
  readonly cookies: CookieRewrites;
  readonly conditions: ReadonlySet<NextUpstreamCondition>;
  /** Servers tried for one request, the first included. */
  readonly tries: number;
  /** Milliseconds in which further servers are tried, 0 for no limit. */
  readonly retryTimeout: number;
  readonly websocket: boolean;
}

/**
 * Resolves the options of a proxy route. `prefix` is the part of the path that the route names (`/app/`
 * for `/app/*`), null for a regular expression; `trusted` are the networks that count where the route
 * names none.
 */
export function resolveProxyRoute(
  model: ProxyRouteModel,
  upstream: Upstream,
  prefix: string | null,
  trusted: readonly Network[],
): ProxyRoute {
  const uri = model.uri ?? null;
  const { mode, replace } = model.redirectRewrite;
  const known = new Set([...upstream.peers.map((peer) => peer.authority), upstream.name]);
  if (model.hostHeader !== undefined) known.add(model.hostHeader);
  return {
    upstream,
    uri,
    prefix,
    hostHeader: model.hostHeader ?? null,
    preserveHost: model.preserveHost,
    timeouts: { connect: model.connectTimeout, send: model.sendTimeout, read: model.readTimeout },
    forwarded: model.forwarded,
    trusted: new TrustedHops(model.trustedProxies ?? trusted),
    buffersRequest: model.requestBody === 'buffer',
    buffersResponse: model.responseBody === 'buffer',
    spool: {
      memory: model.bodySpool.memory,
      file: model.bodySpool.file,
      directory: model.bodySpool.directory ?? tmpdir(),
    },
    redirects:
      mode === 'default'
        ? defaultRewrites([...known], uri, prefix)
        : mode === 'off'
          ? []
          : Object.entries(replace),
    cookies: {
      domain: Object.entries(model.cookieRewrite.domain),
      path: Object.entries(model.cookieRewrite.path),
    },
    conditions: new Set(model.nextUpstream.conditions),
    tries:
      model.nextUpstream.tries === 0
        ? upstream.size
        : Math.min(model.nextUpstream.tries, upstream.size),
    retryTimeout: model.nextUpstream.timeout,
    websocket: model.websocket,
  };
}
