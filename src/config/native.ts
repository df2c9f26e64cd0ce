/**
 * The native configuration, put together from the options of the parts: its types, its schema, and
 * the model that the program works with, in which what sites and routes inherit is filled in.
 */
import {
  type ConnectionLimitOptions,
  connectionLimits,
  type ConnectionLimitsModel,
  listenEntry,
  type ListenEntry,
  type ListenModel,
} from '../net/options.ts';
import {
  type AccessLogModel,
  type ErrorLogModel,
  type LogsOptions,
  logsOptions,
  parseRoutePattern,
  parseServerName,
  routeCommon,
  type RouteCommonOptions,
  type RoutePattern,
  routePatternFault,
  type ServerName,
  serverNameFault,
  siteCommon,
  type SiteCommonOptions,
} from '../pipeline/options.ts';
import {
  checkProxyRoute,
  proxyRoute,
  type ProxyRouteModel,
  type ProxyRouteOptions,
  trustedProxies,
  type UpstreamModel,
  type UpstreamOptions,
  upstreamOptions,
} from '../proxy/options.ts';
import {
  both,
  byKey,
  byType,
  integer,
  list,
  type ModelOf,
  type Network,
  object,
  oneOf,
  record,
  refined,
  required,
  type Schema,
  type Size,
  withDefault,
} from '../schema/index.ts';
import { type ProcessModel, type ProcessOptions, processOptions } from '../supervisor/options.ts';
import {
  type ApplicationOptions,
  applicationOptions,
  type ApplicationOptionsModel,
  applicationRoute,
  type ApplicationRouteModel,
  type ApplicationRouteOptions,
} from '../was/container/options.ts';
import {
  inheritLimits,
  type LimitModel,
  limitOptions,
  type LimitOptions,
  NO_LIMITS,
  type WrittenLimits,
} from '../web/limit/options.ts';
import {
  type AnswerOptions,
  answerOptions,
  checkRespond,
  type ErrorPageModel,
  filesRoute,
  type FilesRouteModel,
  type FilesRouteOptions,
  hotFileMemory,
  redirectRoute,
  type RedirectRouteModel,
  type RedirectRouteOptions,
  respondRoute,
  type RespondRouteModel,
  type RespondRouteOptions,
  type ResponseHeadersModel,
} from '../web/options.ts';
import {
  connectionZone,
  type ConnectionZoneEntryOptions,
  type ConnectionZoneModel,
  rateZone,
  type RateZoneEntryOptions,
  type RateZoneModel,
} from '../zone/options.ts';

/** What a route may say besides its action: limits, header fields, error pages. */
export interface RouteShared extends RouteCommonOptions, AnswerOptions, LimitOptions {}

type Action = 'app' | 'files' | 'proxy' | 'redirect' | 'respond';

type Only<K extends Action> = {
  readonly [Other in Exclude<Action, K>]?: never;
};

/** What answers under a path: files, an upstream, a web application, a redirect or a fixed answer. */
export type Route<U extends string = string, A extends string = string> =
  | (ApplicationRouteOptions<A> & RouteShared & Only<'app'>)
  | (FilesRouteOptions & RouteShared & Only<'files'>)
  | (ProxyRouteOptions<U> & RouteShared & Only<'proxy'>)
  | (RedirectRouteOptions & RouteShared & Only<'redirect'>)
  | (RespondRouteOptions & RouteShared & Only<'respond'>);

/** One virtual host. */
export interface SiteOptions<U extends string = string, A extends string = string>
  extends SiteCommonOptions, AnswerOptions, LimitOptions {
  /** Ports and addresses that the site is reached on. */
  readonly listen: readonly ListenEntry[];
  /**
   * What answers, by path: `/a` that path only, `/a/*` all that begins with it, `*.php` an ending,
   * `~ regex` an expression. The most specific wins; `/` is all that nothing else matches.
   */
  readonly routes: { readonly [pattern: string]: Route<U, A> };
}

/** Virtual hosts by their main name; `*` answers for hosts that no other site has. */
export interface Sites<U extends string = string, A extends string = string> {
  readonly [host: string]: SiteOptions<U, A>;
}

/** A whole configuration as JSON and YAML write it, and as `defineConfig` returns it. */
export interface Config extends ProcessOptions {
  /**
   * Web threads; `'auto'` is one for each processor core that the process may use (nginx `worker_processes`).
   * HUP changes their number, too.
   */
  readonly threads?: number | 'auto';
  /** Named groups of servers that routes hand requests on to. */
  readonly upstreams?: { readonly [name: string]: UpstreamOptions };
  /** Web applications that routes hand requests to. They run in the web thread, of which there may be only one then. */
  readonly apps?: { readonly [name: string]: ApplicationOptions };
  /** Virtual hosts; for `defineConfig` a function that makes them. */
  readonly sites: Sites;
  /** Logs of sites that say nothing about theirs. */
  readonly logs?: LogsOptions;
  /** Named zones in which requests are counted, for `limitRequests` of sites and routes. */
  readonly rateZones?: { readonly [name: string]: RateZoneEntryOptions };
  /** Named zones in which requests under way are counted, for `limitConnections` of sites and routes. */
  readonly connectionZones?: { readonly [name: string]: ConnectionZoneEntryOptions };
  /** Limits and timeouts of client connections. */
  readonly limits?: ConnectionLimitOptions;
  /** Memory of each thread for files that are served often, over all sites; the least used go first. */
  readonly hotFileMemory?: Size;
  /**
   * Networks of proxies in front of this server. What requests from there say of the client (`X-Forwarded-*`, `Forwarded`,
   * `X-Real-IP`) is handed on to upstreams, with the address of the connection added to its list; what others say is
   * dropped. Logs, `$remote_addr` and limits go by the address of the connection whatever stands here. Nobody is
   * trusted unless said.
   */
  readonly trustedProxies?: readonly string[];
}

const shared = both(both(routeCommon, answerOptions), limitOptions);

/** What nginx, httpd and Caddy call what a route does. */
const ELSEWHERE = new Map([
  ['root', 'files'],
  ['alias', 'files'],
  ['file_server', 'files'],
  ['documentRoot', 'files'],
  ['DocumentRoot', 'files'],
  ['proxy_pass', 'proxy'],
  ['proxyPass', 'proxy'],
  ['ProxyPass', 'proxy'],
  ['reverse_proxy', 'proxy'],
  ['upstream', 'proxy'],
  ['rewrite', 'redirect'],
] as const);

const routeSchema = byKey(
  'route',
  {
    app: both(applicationRoute, shared),
    files: both(filesRoute, shared),
    proxy: refined(both(proxyRoute, shared), checkProxyRoute),
    redirect: both(redirectRoute, shared),
    respond: refined(both(respondRoute, shared), checkRespond),
  },
  ELSEWHERE,
);

const siteOwn = object<Pick<SiteOptions, 'listen' | 'routes'>>()({
  listen: required(list(listenEntry, { min: 1, noun: 'port or address' })),
  // Route differs from the inputs of the choices only in the keys that it forbids, which are
  // reported when they are read.
  routes: required({
    ...record(routeSchema as Schema<Route, ModelOf<typeof routeSchema>>, {
      name: routePatternFault,
    }),
    expects: '{ "/": { "files": "./public" } }',
  }),
});

const siteSchema = both(both(both(siteCommon, answerOptions), limitOptions), siteOwn);

/** The least that can be served, in the notation of JSON, which YAML and TypeScript take as well. */
export const LEAST_SITES =
  '{ "*": { "listen": [8080], "routes": { "/": { "files": "./public" } } } }';

const serverOptions = object<Omit<Config, keyof ProcessOptions>>()({
  threads: withDefault(
    byType({ number: integer({ min: 1, max: 1024, unit: 'threads' }), string: oneOf('auto') }),
    'auto',
  ),
  upstreams: withDefault(record(upstreamOptions), {}),
  apps: withDefault(record(applicationOptions), {}),
  // Before the sites: what is wrong with a log that they share is told here.
  logs: withDefault(logsOptions, {}),
  sites: required({
    ...record(siteSchema as Schema<SiteOptions, ModelOf<typeof siteSchema>>, {
      name: serverNameFault,
    }),
    expects: LEAST_SITES,
  }),
  rateZones: withDefault(record(rateZone), {}),
  connectionZones: withDefault(record(connectionZone), {}),
  limits: withDefault(connectionLimits, {}),
  hotFileMemory: withDefault(hotFileMemory, '64MiB'),
  trustedProxies: withDefault(trustedProxies, []),
});

const configOptions = both(serverOptions, processOptions);

/** What every resolved route has, whatever it does. */
export interface RouteSharedModel {
  readonly pattern: RoutePattern;
  /** Bytes. */
  readonly bodyLimit: number;
  /** Changes to header fields in the order in which they apply: the site's, then the route's. */
  readonly headers: readonly ResponseHeadersModel[];
  /** By status; the route's before the site's. */
  readonly errorPages: { readonly [status: string]: ErrorPageModel };
  /** Null where nothing is limited. */
  readonly limiting: LimitModel | null;
}

/** A resolved route; `kind` is the key that named its action. */
export type RouteModel = RouteSharedModel &
  (
    | ({ readonly kind: 'app' } & ApplicationRouteModel)
    | ({ readonly kind: 'files' } & FilesRouteModel)
    | ({ readonly kind: 'proxy' } & Omit<ProxyRouteModel, 'trustedProxies'> & {
          readonly trustedProxies: readonly Network[];
        })
    | ({ readonly kind: 'redirect' } & RedirectRouteModel)
    | ({ readonly kind: 'respond' } & RespondRouteModel)
  );

/** A resolved virtual host. */
export interface SiteModel {
  /** Its main name first, then its `serverNames`. */
  readonly names: readonly ServerName[];
  readonly default: boolean;
  readonly listen: readonly ListenModel[];
  /** By pattern as written, in the order of the file. */
  readonly routes: { readonly [pattern: string]: RouteModel };
  readonly accessLog: AccessLogModel;
  readonly errorLog: ErrorLogModel;
  readonly requestIdHeader: string | false;
  /** Bytes; what requests without a route are held to. */
  readonly bodyLimit: number;
  readonly headers: readonly ResponseHeadersModel[];
  readonly errorPages: { readonly [status: string]: ErrorPageModel };
  /** Of requests without a route; null where nothing is limited. */
  readonly limiting: LimitModel | null;
}

/** A resolved configuration: plain data, frozen, nothing left to inherit. */
export interface ConfigModel extends ProcessModel {
  readonly threads: number | 'auto';
  readonly upstreams: { readonly [name: string]: UpstreamModel };
  readonly apps: { readonly [name: string]: ApplicationOptionsModel };
  readonly sites: { readonly [host: string]: SiteModel };
  readonly logs: ModelOf<typeof logsOptions>;
  readonly rateZones: { readonly [name: string]: RateZoneModel };
  readonly connectionZones: { readonly [name: string]: ConnectionZoneModel };
  readonly limits: ConnectionLimitsModel;
  /** Bytes. */
  readonly hotFileMemory: number;
  readonly trustedProxies: readonly Network[];
}

type Read = ModelOf<typeof configOptions>;
type ReadSite = ModelOf<typeof siteSchema>;
type ReadRoute = ModelOf<typeof routeSchema>;

/** The schema of a whole native configuration. */
export const configSchema: Schema<Config, ConfigModel> = refined(
  configOptions,
  (read): ConfigModel => ({
    ...read,
    threads: read.threads === 'auto' && hasEntries(read.apps) ? 1 : read.threads,
    sites: mapRecord(read.sites, (site, host) => completeSite(read, site, host)),
  }),
);

function hasEntries(values: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(values).length > 0;
}

function completeSite(top: Read, site: ReadSite, host: string): SiteModel {
  const headers = changing([site.headers]);
  const limits = inheritLimits(NO_LIMITS, site);
  return {
    names: [host, ...site.serverNames].map(nameOf),
    default: site.default,
    listen: site.listen,
    accessLog: site.accessLog ?? top.logs.access,
    errorLog: site.errorLog ?? top.logs.error,
    requestIdHeader: site.requestIdHeader,
    bodyLimit: site.bodyLimit,
    headers,
    errorPages: site.errorPages,
    limiting: orNull(limits),
    routes: mapRecord(site.routes, (route, pattern) =>
      completeRoute(top, site, limits, route, pattern),
    ),
  };
}

function completeRoute(
  top: Read,
  site: ReadSite,
  limits: LimitModel,
  written: ReadRoute,
  pattern: string,
): RouteModel {
  const route = withoutLimits(written);
  const sharedModel: RouteSharedModel = {
    pattern: patternOf(pattern),
    bodyLimit: route.bodyLimit ?? site.bodyLimit,
    headers: changing([site.headers, route.headers]),
    errorPages: joinRecords(site.errorPages, route.errorPages),
    limiting: orNull(inheritLimits(limits, written)),
  };
  if (route.kind === 'proxy')
    return {
      ...route,
      ...sharedModel,
      trustedProxies: route.trustedProxies ?? top.trustedProxies,
    };
  return { ...route, ...sharedModel };
}

type WithoutLimits<R> = R extends unknown ? Omit<R, keyof WrittenLimits> : never;

// What a route itself says of limits is in `limiting`, with what it inherits.
function withoutLimits<R extends WrittenLimits>(route: R): WithoutLimits<R> {
  const left = Object.entries(route).filter(([key]) => !(key in limitOptions.fields));
  return Object.fromEntries(left) as WithoutLimits<R>;
}

function orNull(limits: LimitModel): LimitModel | null {
  return limits.limitRequests.length + limits.limitConnections.length > 0 ? limits : null;
}

function changing(headers: readonly ResponseHeadersModel[]): readonly ResponseHeadersModel[] {
  return headers.filter(
    ({ remove, set, add }) =>
      remove.length > 0 || Object.keys(set).length > 0 || Object.keys(add).length > 0,
  );
}

/** @throws TypeError for a name that its schema should have refused: a fault of ours. */
function nameOf(written: string): ServerName {
  const name = parseServerName(written);
  if (!('value' in name)) throw new TypeError(`Cannot use a name: ${name.message}`);
  return name.value;
}

/** @throws TypeError for a pattern that its schema should have refused: a fault of ours. */
function patternOf(written: string): RoutePattern {
  const pattern = parseRoutePattern(written);
  if (!('value' in pattern)) throw new TypeError(`Cannot use a pattern: ${pattern.message}`);
  return pattern.value;
}

function mapRecord<M, R>(
  values: { readonly [name: string]: M },
  change: (value: M, name: string) => R,
): { readonly [name: string]: R } {
  const changed: Record<string, R> = Object.create(null) as Record<string, R>;
  for (const [name, value] of Object.entries(values)) changed[name] = change(value, name);
  return changed;
}

function joinRecords<M>(
  first: { readonly [name: string]: M },
  second: { readonly [name: string]: M },
): { readonly [name: string]: M } {
  return Object.assign(Object.create(null) as Record<string, M>, first, second);
}
