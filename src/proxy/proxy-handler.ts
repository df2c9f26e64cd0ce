import { type Handler, PENDING } from '../pipeline/index.ts';
import { ProxiedRequest } from './proxied-request.ts';
import type { ProxyRoute } from './proxy-route.ts';
import type { TraceWants } from './upstream-trace.ts';

const NOTHING: TraceWants = { tries: false, fields: false };

/**
 * The content handler of a route that hands requests on to an upstream. nginx: `proxy_pass`. `wants` says,
 * for each request anew, what is recorded of its tries: see `upstreamVariables`.
 */
export function proxyHandler(route: ProxyRoute, wants: TraceWants = NOTHING): Handler {
  return {
    name: `proxy ${route.upstream.name}`,
    phase: 'content',
    handle(context) {
      new ProxiedRequest(context, route, wants).start();
      return PENDING;
    },
  };
}
