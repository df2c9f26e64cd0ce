/**
 * The one place that names the features of the program: which handlers a route of the configuration
 * becomes. Nothing registers itself; what is not named here does not exist.
 */
import type { RouteModel } from '../config/index.ts';
import type { Handler } from '../pipeline/index.ts';
import { proxyHandler, resolveProxyRoute, type Upstream } from '../proxy/index.ts';
import {
  type CompileText,
  filesModel,
  redirect,
  redirectModel,
  respond,
  respondModel,
  staticFiles,
  tryFiles,
  tryFilesModel,
  type WebPorts,
} from '../web/index.ts';

/** What building handlers needs from the thread that they will run on. */
export interface BuildPorts {
  readonly web: WebPorts;
  /** The upstream of a name, which the configuration was checked to have. */
  readonly upstream: (name: string) => Upstream | undefined;
  /** Compiles text with variables; throws where the text is wrong. */
  readonly compile: CompileText;
}

/** The handlers of a route, in the order of their phases. Throws a `TypeError` for a route of a kind that is not served yet. */
export function routeHandlers(route: RouteModel, ports: BuildPorts): readonly Handler[] {
  switch (route.kind) {
    case 'files': {
      const files = staticFiles(filesModel(route), ports.web);
      if (route.tryFiles === undefined) return [files.handler];
      return [tryFiles(tryFilesModel(route.tryFiles, ports.compile), files), files.handler];
    }
    case 'redirect':
      return [redirect(redirectModel(route, ports.compile))];
    case 'respond':
      return [respond(respondModel(route))];
    case 'proxy':
      return [proxy(route, ports)];
  }
}

function proxy(route: Extract<RouteModel, { kind: 'proxy' }>, ports: BuildPorts): Handler {
  const upstream = ports.upstream(route.proxy);
  if (upstream === undefined) throw new TypeError(`There is no upstream ${route.proxy}`);
  const { pattern } = route;
  const named = pattern.kind === 'prefix' || pattern.kind === 'exact' ? pattern.path : null;
  const prefix = named === null ? null : Buffer.from(named, 'utf8').toString('latin1');
  return proxyHandler(resolveProxyRoute(route, upstream, prefix, route.trustedProxies));
}
