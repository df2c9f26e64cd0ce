/**
 * The one place that names the features of the program: which handlers a route of the configuration
 * becomes, and which variables its texts may use. Nothing registers itself; what is not named here does not exist.
 */
import { hostname } from 'node:os';
import { pid } from 'node:process';
import type { RouteModel } from '../config/index.ts';
import {
  CORE_FAMILIES,
  coreVariables,
  type Handler,
  type ProcessFacts,
  Variables,
} from '../pipeline/index.ts';
import {
  proxyHandler,
  resolveProxyRoute,
  type TraceWants,
  type Upstream,
  upstreamVariables,
} from '../proxy/index.ts';
import {
  type Alarm,
  type AwayLimits,
  type CompileText,
  ConnectionLimit,
  filesModel,
  type Holds,
  limitVariables,
  redirect,
  redirectModel,
  RequestLimit,
  respond,
  respondModel,
  staticFiles,
  tryFiles,
  tryFilesModel,
  type WebPorts,
} from '../web/index.ts';
import type { ZoneLookUp } from './thread-zones.ts';

/** What limits need from the thread that they run on. */
export interface LimitPorts {
  readonly away: AwayLimits;
  readonly alarm: Alarm;
  readonly holds: Holds;
}

/** What building handlers needs from the thread that they will run on. */
export interface BuildPorts {
  readonly web: WebPorts;
  /** The upstream of a name, which the configuration was checked to have. */
  readonly upstream: (name: string) => Upstream | undefined;
  /** The handler of routes to an application by its name; throws a `TypeError` where it has another context path. */
  readonly application: (name: string, contextPath: string) => Handler;
  /** What the variables that are in use want to know of proxied requests. */
  readonly trace: TraceWants;
  /** Compiles text with variables; throws where the text is wrong. */
  readonly compile: CompileText;
}

/** All variables, and what those in use want to be recorded; one set serves all configurations of a thread. */
export interface BuiltinVariables {
  readonly variables: Variables;
  readonly trace: TraceWants;
}

/** Nothing is recorded until a text of some configuration is compiled that uses one of them. */
export function builtinVariables(
  facts: ProcessFacts = { hostname: hostname(), pid },
): BuiltinVariables {
  const upstream = upstreamVariables();
  const variables = new Variables(
    [...coreVariables(facts), ...upstream.definitions, ...limitVariables()],
    [...CORE_FAMILIES, ...upstream.families],
  );
  return { variables, trace: upstream.wants };
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
    case 'app':
      return [ports.application(route.app, contextPathOf(route))];
  }
}

/**
 * The handlers of what a site or a route limits; none where it limits nothing. Requests are looked at before connections,
 * as in nginx: one that waits counts as no connection yet.
 */
export function limitHandlers(
  { limiting }: Pick<RouteModel, 'limiting'>,
  zones: ZoneLookUp,
  ports: LimitPorts,
): readonly Handler[] {
  if (limiting === null) return [];
  const { limitRequests, limitConnections, limitStatus, limitLogLevel, limitDryRun } = limiting;
  const manner = (kind: 'requests' | 'connections') => ({
    status: limitStatus[kind],
    level: limitLogLevel[kind],
    dryRun: limitDryRun[kind],
  });
  const handlers: Handler[] = [];
  if (limitRequests.length > 0) {
    const limits = limitRequests.map(({ zone, ...limit }) => ({
      ...limit,
      zone: zones.rate(zone) ?? missing(zone),
    }));
    handlers.push(new RequestLimit(limits, manner('requests'), ports));
  }
  if (limitConnections.length > 0) {
    const limits = limitConnections.map(({ zone, ...limit }) => ({
      ...limit,
      zone: zones.connections(zone) ?? missing(zone),
    }));
    handlers.push(new ConnectionLimit(limits, manner('connections'), ports));
  }
  return handlers;
}

// What a prefix says is all that an application can be found by again: its pages have it in their addresses.
function contextPathOf({ pattern, app }: Extract<RouteModel, { kind: 'app' }>): string {
  if (pattern.kind === 'prefix') return pattern.path === '/' ? '' : pattern.path.replace(/\/$/, '');
  throw new TypeError(`The application ${app} needs a prefix as its route, such as "/${app}/*"`);
}

function missing(zone: string): never {
  throw new TypeError(`There is no zone ${zone}`);
}

function proxy(route: Extract<RouteModel, { kind: 'proxy' }>, ports: BuildPorts): Handler {
  const upstream = ports.upstream(route.proxy);
  if (upstream === undefined) throw new TypeError(`There is no upstream ${route.proxy}`);
  const { pattern } = route;
  const named = pattern.kind === 'prefix' || pattern.kind === 'exact' ? pattern.path : null;
  const prefix = named === null ? null : Buffer.from(named, 'utf8').toString('latin1');
  const resolved = resolveProxyRoute(route, upstream, prefix, route.trustedProxies);
  return proxyHandler(resolved, ports.trace);
}
