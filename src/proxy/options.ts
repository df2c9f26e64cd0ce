/** Options of upstreams and of routes that hand requests on to them. */
import {
  boolean,
  byType,
  type Cursor,
  type Duration,
  duration,
  headerName,
  headerValue,
  integer,
  INVALID,
  type Invalid,
  list,
  type ModelOf,
  type Network,
  object,
  oneOf,
  optional,
  parsed,
  type Parsed,
  parseNetwork,
  parsePeer,
  path,
  type PeerAddress,
  record,
  reference,
  refined,
  required,
  type Schema,
  type Size,
  size,
  string,
  withDefault,
} from '../schema/index.ts';
import { type AjpModel, type AjpOptions, ajpOptions } from './ajp/options.ts';

type Scheme = 'http' | 'unix' | 'ajp' | 'ajp+unix';

/**
 * Where a peer listens, and what it speaks: HTTP/1.1 (`'http://127.0.0.1:9001'`, `'unix:/run/app.sock'`) or AJP
 * (`'ajp://127.0.0.1:8009'`, `'ajp+unix:/run/app.sock'`).
 */
export type PeerUrl = `${Scheme}:${string}`;

/** One server of an upstream. */
export interface PeerOptions {
  /** Address of the server, without a path. */
  readonly url: PeerUrl;
  /** Share of the requests in proportion to the other servers' (nginx `weight`). */
  readonly weight?: number;
  /** Failed attempts within `failTimeout` that put the server aside; 0 never does (nginx `max_fails`). */
  readonly maxFails?: number;
  /** Time in which failures are counted, and for which the server is then put aside (nginx `fail_timeout`). */
  readonly failTimeout?: Duration;
  /** Connections to the server at a time, from each thread; 0 sets no limit (nginx `max_conns`). */
  readonly maxConnections?: number;
  /** Gets requests only while no other server can take them (nginx `backup`). */
  readonly backup?: boolean;
  /** Gets no requests (nginx `down`). */
  readonly down?: boolean;
  /**
   * Name of the server in the sticky cookie: what stands after the last dot of its value (Tomcat
   * `jvmRoute`, mod_jk worker name).
   */
  readonly route?: string;
}

/** Connections to the servers that stay open between requests. */
export interface PeerKeepAliveOptions {
  /** Idle connections kept in each thread, to all servers together (nginx `keepalive`); 0 keeps none. */
  readonly connections?: number;
  /** How long an idle connection is kept (nginx `keepalive_timeout` of an upstream). */
  readonly idle?: Duration;
}

/** A named group of servers. */
export interface UpstreamOptions {
  /** The servers: addresses, or objects with options. */
  readonly servers: readonly (PeerUrl | PeerOptions)[];
  /** Who gets the next request: in turn by weight, or who has the fewest open for its weight. */
  readonly balance?: 'round-robin' | 'least-connections';
  /** Name of the cookie whose value names the server by its `route`: `'JSESSIONID'`. */
  readonly sticky?: string;
  /** Connections that stay open between requests. */
  readonly keepAlive?: PeerKeepAliveOptions;
  /** How the servers are spoken to that speak AJP. */
  readonly ajp?: AjpOptions;
}

const routeName = parsed<string, string>({
  expects: 'the name of a server in a cookie, such as "node1"',
  parse: (name): Parsed<string> =>
    /^[A-Za-z0-9_-]+$/.test(name)
      ? { value: name }
      : {
          message: `${JSON.stringify(name)} cannot stand in a cookie after a dot`,
          cure: 'Use letters, digits, underscores and hyphens',
        },
});

const peerUrl = parsed<PeerUrl, PeerAddress & { readonly url: string }>({
  expects: 'the address of a server such as "http://127.0.0.1:9001" or "ajp://127.0.0.1:8009"',
  pattern: '^(http://|unix:|ajp://|ajp\\+unix:)',
  parse(text) {
    const peer = parsePeer(text);
    return 'value' in peer ? { value: { url: text, ...peer.value } } : peer;
  },
});

/** Reads `PeerOptions` into a model with every default filled in, in bytes and milliseconds. */
export const peerOptions = object<PeerOptions>()({
  url: required(peerUrl),
  weight: withDefault(integer({ min: 1, max: 65535 }), 1),
  maxFails: withDefault(integer({ min: 0 }), 1),
  failTimeout: withDefault(duration({ min: '1ms' }), '10s'),
  maxConnections: withDefault(integer({ min: 0, unit: 'connections' }), 0),
  backup: withDefault(boolean(), false),
  down: withDefault(boolean(), false),
  route: optional(routeName),
});

/** A resolved server of an upstream. */
export type PeerModel = Omit<ModelOf<typeof peerOptions>, 'url'> & {
  /** As its author wrote it. */
  readonly url: string;
} & PeerAddress;

const peerObject: Schema<PeerOptions, PeerModel> = refined(peerOptions, (model) => ({
  ...model,
  ...model.url,
}));

/** Reads `PeerKeepAliveOptions` into a model with every default filled in, in bytes and milliseconds. */
const peerKeepAlive = object<PeerKeepAliveOptions>()({
  connections: withDefault(integer({ min: 0, unit: 'connections' }), 32),
  idle: withDefault(duration({ min: '1ms' }), '60s'),
});

const upstreamObject = object<UpstreamOptions>()({
  servers: required(
    list(
      byType({
        string: refined(peerUrl, (address, cursor) => {
          // The address has been read; only the defaults of the other options are wanted.
          const model = peerObject.read({ url: 'http://localhost' }, cursor);
          return model === INVALID ? INVALID : { ...model, ...address };
        }),
        object: peerObject,
      }),
      { min: 1, noun: 'server' },
    ),
  ),
  balance: withDefault(oneOf('round-robin', 'least-connections'), 'round-robin'),
  sticky: optional(headerName()),
  keepAlive: withDefault(peerKeepAlive, {}),
  ajp: optional(ajpOptions),
});

/** A resolved group of servers. */
export type UpstreamModel = Omit<ModelOf<typeof upstreamObject>, 'ajp'> & {
  readonly ajp: AjpModel;
};

/** Reads `UpstreamOptions` into a model with every default filled in, in bytes and milliseconds. */
export const upstreamOptions: Schema<UpstreamOptions, UpstreamModel> = refined(
  upstreamObject,
  (model, cursor) => {
    if (model.ajp !== undefined && model.servers.every(({ protocol }) => protocol !== 'ajp'))
      return cursor.at('ajp').report({
        code: 'conflict',
        message: 'No server of this upstream speaks AJP',
        cure: 'Remove `ajp`, or write the servers like "ajp://127.0.0.1:8009"',
      });
    const ajp = model.ajp ?? ajpOptions.read({}, cursor);
    return ajp === INVALID ? INVALID : { ...model, ajp };
  },
);

/** Where a body waits that is read before it is passed on. */
export interface BodySpoolOptions {
  /** Kept in memory, for each body. */
  readonly memory?: Size;
  /** Beyond that kept in a temporary file, for each body (nginx `proxy_max_temp_file_size`). `'0B'` writes no file. */
  readonly file?: Size;
  /** Directory of the files; that of the system for temporary files unless said. */
  readonly directory?: string;
}

/** Reads `BodySpoolOptions` into a model with every default filled in, in bytes and milliseconds. */
const bodySpool = object<BodySpoolOptions>()({
  memory: withDefault(size(), '1MiB'),
  file: withDefault(size(), '1GiB'),
  directory: optional(path({ exists: 'directory' })),
});

/** What makes a request go to the next server. */
export type NextUpstreamCondition =
  | 'error'
  | 'timeout'
  | 'invalid-header'
  | 'http-403'
  | 'http-404'
  | 'http-429'
  | 'http-500'
  | 'http-502'
  | 'http-503'
  | 'http-504'
  | 'non-idempotent';

/** When and how often another server is tried. */
export interface NextUpstreamOptions {
  /**
   * What counts as a failure (nginx `proxy_next_upstream`). `non-idempotent` is no failure: it lets
   * POST and PATCH be sent again as well, which can do things twice. An empty list tries one server.
   */
  readonly conditions?: readonly NextUpstreamCondition[];
  /** Servers tried for one request, the first included; 0 tries all (nginx `proxy_next_upstream_tries`). */
  readonly tries?: number;
  /** Time in which further servers are tried; `'0s'` sets no limit (nginx `proxy_next_upstream_timeout`). */
  readonly timeout?: Duration;
}

/** Reads `NextUpstreamOptions` into a model with every default filled in, in bytes and milliseconds. */
const nextUpstream = object<NextUpstreamOptions>()({
  conditions: withDefault(
    list(
      oneOf(
        'error',
        'timeout',
        'invalid-header',
        'http-403',
        'http-404',
        'http-429',
        'http-500',
        'http-502',
        'http-503',
        'http-504',
        'non-idempotent',
      ),
    ),
    ['error', 'timeout'],
  ),
  tries: withDefault(integer({ min: 0, unit: 'servers' }), 0),
  timeout: withDefault(duration(), '0s'),
});

/** Changes to the cookies that servers set: what is replaced, and by what. */
export interface CookieRewriteOptions {
  /** Domains (nginx `proxy_cookie_domain`). */
  readonly domain?: { readonly [from: string]: string };
  /** Beginnings of paths (nginx `proxy_cookie_path`). */
  readonly path?: { readonly [from: string]: string };
}

/** Reads `CookieRewriteOptions` into a model with every default filled in, in bytes and milliseconds. */
const cookieRewrite = object<CookieRewriteOptions>()({
  domain: withDefault(record(string()), {}),
  path: withDefault(record(string()), {}),
});

/** A route that hands requests on to an upstream; `U` are the names of the upstreams. */
export interface ProxyRouteOptions<U extends string = string> {
  /** Name of the upstream. */
  readonly proxy: U;
  /**
   * Path that replaces the part of the request's path that the route names; the path goes on
   * unchanged unless said (nginx: the path of `proxy_pass`).
   */
  readonly uri?: string;
  /** Longest time to connect to a server (nginx `proxy_connect_timeout`); then the next one, or 504. */
  readonly connectTimeout?: Duration;
  /** Longest pause in which the server takes none of a request (nginx `proxy_send_timeout`). */
  readonly sendTimeout?: Duration;
  /**
   * Longest pause between two reads of an answer (nginx `proxy_read_timeout`); then 504. A WebSocket is
   * ended when no byte went either way for so long.
   */
  readonly readTimeout?: Duration;
  /** Value of `Host` for the server; its own address unless said (nginx `proxy_set_header Host`). */
  readonly hostHeader?: string;
  /** Passes on the client's `Host` (httpd `ProxyPreserveHost`). Not together with `hostHeader`. */
  readonly preserveHost?: boolean;
  /**
   * How the server learns of the client: `X-Forwarded-For`, `-Proto` and `-Host`, `Forwarded`
   * (RFC 7239), both, or not at all. What clients outside of `trustedProxies` send is dropped.
   */
  readonly forwarded?: 'x-forwarded' | 'forwarded' | 'both' | 'off';
  /** Networks whose word about the client is handed on; those at the top of the file unless said. */
  readonly trustedProxies?: readonly string[];
  /** Passes the request's body on as it comes, or reads it to its end first (nginx `proxy_request_buffering`). */
  readonly requestBody?: 'stream' | 'buffer';
  /** The same for the body of the answer (nginx `proxy_buffering`). */
  readonly responseBody?: 'stream' | 'buffer';
  /** Where bodies wait that are buffered. */
  readonly bodySpool?: BodySpoolOptions;
  /**
   * Changes `Location` and `Refresh` of answers: `default` puts this site in the place of the
   * server, `off` changes nothing, an object says what is replaced and by what (nginx `proxy_redirect`).
   */
  readonly redirectRewrite?: 'default' | 'off' | { readonly [from: string]: string };
  /** Changes to the cookies that servers set. */
  readonly cookieRewrite?: CookieRewriteOptions;
  /** When another server is tried. */
  readonly nextUpstream?: NextUpstreamOptions;
  /** Lets clients switch to WebSocket (RFC 6455). */
  readonly websocket?: boolean;
}

/** Reads networks such as `10.0.0.0/8` and single addresses. */
export const trustedProxies: Schema<readonly string[], readonly Network[]> = list(
  parsed({ expects: 'a network such as "10.0.0.0/8"', parse: parseNetwork }),
);

const replacementPath = parsed<string, string>({
  expects: 'a path such as "/app/"',
  pattern: '^/',
  parse: (written): Parsed<string> =>
    /^\/[\x21-\x7e]*$/.test(written) && !/[?#]/.test(written)
      ? { value: written }
      : {
          message: `${JSON.stringify(written)} is not the path of a request`,
          cure: 'Begin it with a slash and encode other characters than ASCII; it has no query',
        },
});

const rewriteMode = refined(oneOf('default', 'off'), (mode) => ({ mode, replace: {} }));
const rewriteRecord = refined(record(string(), {}), (replace) => ({
  mode: 'replace' as const,
  replace,
}));

/** Reads `ProxyRouteOptions` into a model with every default filled in, in bytes and milliseconds. */
export const proxyRoute = object<ProxyRouteOptions>()({
  proxy: required(reference('upstreams', 'upstream')),
  uri: optional(replacementPath),
  connectTimeout: withDefault(duration({ min: '1ms' }), '60s'),
  sendTimeout: withDefault(duration({ min: '1ms' }), '60s'),
  readTimeout: withDefault(duration({ min: '1ms' }), '60s'),
  hostHeader: optional(headerValue()),
  preserveHost: withDefault(boolean(), false),
  forwarded: withDefault(oneOf('x-forwarded', 'forwarded', 'both', 'off'), 'x-forwarded'),
  trustedProxies: optional(trustedProxies),
  requestBody: withDefault(oneOf('stream', 'buffer'), 'buffer'),
  responseBody: withDefault(oneOf('stream', 'buffer'), 'buffer'),
  bodySpool: withDefault(bodySpool, {}),
  redirectRewrite: withDefault(byType({ string: rewriteMode, object: rewriteRecord }), 'default'),
  cookieRewrite: withDefault(cookieRewrite, {}),
  nextUpstream: withDefault(nextUpstream, {}),
  websocket: withDefault(boolean(), true),
});

/** A resolved route to an upstream. */
export type ProxyRouteModel = ModelOf<typeof proxyRoute>;

/** Refuses options of a proxy route that contradict each other. */
export function checkProxyRoute<M extends ProxyRouteModel>(model: M, cursor: Cursor): M | Invalid {
  if (model.hostHeader === undefined || !model.preserveHost) return model;
  return cursor.at('preserveHost').report({
    code: 'conflict',
    message: 'Both hostHeader and preserveHost say what Host the server gets',
    cure: 'Remove one of them',
  });
}
