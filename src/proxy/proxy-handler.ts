import { type Handler, PENDING } from '../pipeline/index.ts';
import { ProxiedRequest } from './proxied-request.ts';
import type { ProxyRoute } from './proxy-route.ts';

/** The content handler of a route that hands requests on to an upstream. nginx: `proxy_pass`. */
export function proxyHandler(route: ProxyRoute): Handler {
  return {
    name: `proxy ${route.upstream.name}`,
    phase: 'content',
    handle(context) {
      new ProxiedRequest(context, route).start();
      return PENDING;
    },
  };
}
