/** Options of listening and of client connections. */
import {
  boolean,
  byType,
  type Duration,
  duration,
  type Endpoint,
  integer,
  INVALID,
  type ModelOf,
  object,
  optional,
  parsed,
  parseHost,
  parseListen,
  path,
  refined,
  required,
  type Schema,
  secretOrNone,
  type Size,
  size,
  withDefault,
} from '../schema/index.ts';

/** What a site shows to clients that reach it over TLS. Files are read again with each reload. */
export interface TlsOptions {
  /** File with the certificate and its chain, in this order, PEM (nginx `ssl_certificate`). */
  readonly certificate: string;
  /**
   * File with its private key, PEM and without a passphrase (nginx `ssl_certificate_key`). Only who starts the server has
   * to be able to read it, not the `user` who serves.
   */
  readonly key: string;
}

/** A resolved pair of files; both paths are absolute. */
export interface TlsModel {
  readonly certificate: string;
  readonly key: string;
}

/** What an address expects of web servers that hand requests on to it over AJP. */
export interface AjpListenOptions {
  /**
   * What web servers have to know (mod_jk `worker.NAME.secret`, httpd `secret=`; Tomcat `secret`); `false` lets everybody
   * ask who reaches the address, and say who the client is. Others get 403.
   */
  readonly secret: string | false;
  /**
   * Largest packet in both directions, the same as on the web servers (mod_jk `max_packet_size`, httpd
   * `ProxyIOBufferSize`; Tomcat `packetSize`).
   */
  readonly packetSize?: Size;
}

/** Resolved options of AJP on an address; null for no secret. */
export interface AjpListenModel {
  readonly secret: string | null;
  /** Bytes. */
  readonly packetSize: number;
}

/** An address that a site is reached on, and how its socket behaves. */
export interface ListenOptions {
  /** Port; 0 asks the system for a free one. Not together with a port in `address`. */
  readonly port?: number;
  /**
   * IP address, host name, `*` for all addresses of the machine (which is what stands without it),
   * an address with its port, or `unix:/run/x.sock`.
   */
  readonly address?: string;
  /**
   * This site answers requests on the address whose host no site has. Without any such site, it is
   * the first site in the file that listens there (nginx `default_server`).
   */
  readonly default?: boolean;
  /**
   * Takes a bare LF as the end of a line of the request head, as nginx does. Off, because peers
   * that disagree about where a line ends can be made to disagree about where a request ends.
   */
  readonly lenientLineEnds?: boolean;
  /**
   * Connections that the system keeps waiting until they are accepted (nginx `backlog`). Without effect on an
   * address that shares the socket of a wider one, as `127.0.0.1:80` beside `*:80`.
   */
  readonly backlog?: number;
  /**
   * Serves TLS 1.2 and 1.3 here, to this site with this certificate (nginx `ssl`). A client names the site that it wants
   * (SNI); one that names none, or none that is here, gets the certificate of the default site. All sites on an
   * address have `tls`, or none has.
   */
  readonly tls?: TlsOptions;
  /**
   * Takes requests of web servers here, over AJP (Tomcat `Connector protocol="AJP/1.3"`), on the loopback address unless
   * one is given. Not together with `tls`; all sites on an address say the same.
   */
  readonly ajp?: AjpListenOptions;
}

/** Where a site listens: a port, an address, or an object with options. */
export type ListenEntry = number | string | ListenOptions;

/** A resolved listen address. */
export interface ListenModel {
  readonly endpoint: Endpoint;
  readonly default: boolean;
  readonly lenientLineEnds: boolean;
  /** Connections. */
  readonly backlog: number;
  /** Null where the address takes plain HTTP. */
  readonly tls: TlsModel | null;
  /** Null where it takes HTTP. */
  readonly ajp: AjpListenModel | null;
}

const tlsOptions = object<TlsOptions>()({
  certificate: required(path({ exists: 'file' })),
  key: required(path({ exists: 'file' })),
});

const ajpListenOptions = object<AjpListenOptions>()({
  secret: required(secretOrNone()),
  packetSize: withDefault(size({ min: '8KiB', max: '64KiB' }), '8KiB'),
});

/** Every option of a listen address, before port and address are put together. */
const listenOptions = object<ListenOptions>()({
  port: optional(integer({ min: 0, max: 65535 })),
  address: optional(
    parsed<string, string>({
      expects: 'an address such as "127.0.0.1" or "unix:/run/x.sock"',
      parse: (address) => ({ value: address }),
    }),
  ),
  default: withDefault(boolean(), false),
  lenientLineEnds: withDefault(boolean(), false),
  backlog: withDefault(integer({ min: 1, max: 65535, unit: 'connections' }), 511),
  tls: optional(tlsOptions),
  ajp: optional(ajpListenOptions),
});

const listenObject: Schema<ListenOptions, ListenModel> = refined(listenOptions, (model, cursor) => {
  const { port, address, default: isDefault, lenientLineEnds, backlog } = model;
  const { tls = null, ajp = null } = model;
  const rest = { default: isDefault, lenientLineEnds, backlog, tls, ajp };
  if (tls !== null && ajp !== null)
    return cursor.at('ajp').report({
      code: 'conflict',
      message: 'AJP is not spoken over TLS',
      cure: 'Remove one of them, and let AJP listen on an address that only the web server reaches',
    });
  if (address === undefined) {
    const host = ajp === null ? '*' : '127.0.0.1';
    if (port !== undefined) return { endpoint: { kind: 'tcp', host, port }, ...rest };
    return cursor.report({
      code: 'missing-key',
      message: 'The listen address has neither a port nor an address',
      cure: 'Add port: 80, or address: "127.0.0.1:80"',
    });
  }
  if (port === undefined) {
    const endpoint = parseListen(address);
    return 'value' in endpoint
      ? { endpoint: endpoint.value, ...rest }
      : cursor.at('address').report({ code: 'wrong-form', ...endpoint });
  }
  const host = parseHost(address);
  if ('value' in host) return { endpoint: { kind: 'tcp', host: host.value, port }, ...rest };
  if ('value' in parseListen(address))
    return cursor.at('port').report({
      code: 'conflict',
      message: 'The address says where to listen already, and a port is given as well',
      cure: 'Remove one of them',
    });
  return cursor.at('address').report({ code: 'wrong-form', ...host });
});

/** Reads each way to write an address in a site's `listen` into the same model. */
export const listenEntry: Schema<ListenEntry, ListenModel> = byType({
  number: refined(integer({ min: 0, max: 65535 }), (port, cursor) =>
    listenObject.read({ port }, cursor),
  ),
  string: refined(
    parsed<string, Endpoint>({
      expects: 'an address such as "127.0.0.1:8080", "[::1]:8080" or "unix:/run/x.sock"',
      parse: parseListen,
    }),
    (endpoint, cursor) => {
      const model = listenObject.read({ port: 0 }, cursor);
      return model === INVALID ? INVALID : { ...model, endpoint };
    },
  ),
  object: listenObject,
});

/** Limits and timeouts of client connections, the same on every listen address. */
export interface ConnectionLimitOptions {
  /**
   * How long a connection without a request is kept open (nginx `keepalive_timeout`). `'0s'` closes
   * each connection after its first answer.
   */
  readonly keepAliveTimeout?: Duration;
  /** Requests on one connection, after which it is closed (nginx `keepalive_requests`). */
  readonly keepAliveRequests?: number;
  /** From the first byte of a request to the end of its head (nginx `client_header_timeout`); then 408. */
  readonly headTimeout?: Duration;
  /** Longest pause between two reads of a request body (nginx `client_body_timeout`); then 408. */
  readonly bodyTimeout?: Duration;
  /**
   * Slowest rate of a request body, per second and over its whole length (httpd `MinRate`); slower
   * ones are given up. A body that moves faster has no time limit. `'0B'` sets no rate.
   */
  readonly bodyMinRate?: Size;
  /** How long a body may be slower than `bodyMinRate` at its beginning. */
  readonly bodyRateGrace?: Duration;
  /**
   * Longest pause in which the client takes none of an answer (nginx `send_timeout`). The kernel tells of what
   * was taken in big steps, up to a third of its send buffer: a value of a few seconds cuts off slow clients
   * that do read.
   */
  readonly sendTimeout?: Duration;
  /**
   * Slowest rate at which a client takes an answer, per second and over each `sendTimeout` in which more was
   * ready for it all the time; slower ones are cut off, because each holds memory and perhaps a back end. An
   * answer that moves faster has no time limit, and one that is waited for has none either. `'0B'` sets no rate.
   */
  readonly sendMinRate?: Size;
  /** Client connections of one thread at a time; beyond them new ones are closed at once. */
  readonly maxConnections?: number;
  /** Connections of one client address at a time; 0 sets no limit. */
  readonly maxConnectionsPerAddress?: number;
  /** Longest request line (nginx `large_client_header_buffers`); then 414. */
  readonly requestLineLimit?: Size;
  /** Largest request head, with its line (nginx `large_client_header_buffers`, 4 × 8 KiB); then 431. */
  readonly headLimit?: Size;
  /**
   * Header fields in a request; then 431. Between Tomcat's and HAProxy's about 100, which some
   * single sign-on clients exceed, and nginx's 1000, which serve nobody but attackers.
   */
  readonly headerCount?: number;
  /**
   * How long what a client still sends is read and thrown away before a connection closes (nginx
   * `lingering_time`): closing at once can destroy the answer on its way.
   */
  readonly lingeringTime?: Duration;
  /** Longest pause while that is done (nginx `lingering_timeout`). */
  readonly lingeringTimeout?: Duration;
}

/** Limits and timeouts of client connections; durations in ms, sizes in bytes. */
export const connectionLimits = object<ConnectionLimitOptions>()({
  keepAliveTimeout: withDefault(duration(), '75s'),
  keepAliveRequests: withDefault(integer({ min: 1, unit: 'requests' }), 1000),
  headTimeout: withDefault(duration({ min: '1ms' }), '60s'),
  bodyTimeout: withDefault(duration({ min: '1ms' }), '60s'),
  bodyMinRate: withDefault(size(), '500B'),
  bodyRateGrace: withDefault(duration(), '20s'),
  sendTimeout: withDefault(duration({ min: '1ms' }), '60s'),
  sendMinRate: withDefault(size(), '500B'),
  maxConnections: withDefault(integer({ min: 1, unit: 'connections' }), 8192),
  maxConnectionsPerAddress: withDefault(integer({ min: 0, unit: 'connections' }), 0),
  requestLineLimit: withDefault(size({ min: '64B', max: '1MiB' }), '8KiB'),
  headLimit: withDefault(size({ min: '128B', max: '16MiB' }), '32KiB'),
  headerCount: withDefault(integer({ min: 1, max: 10_000, unit: 'header fields' }), 200),
  lingeringTime: withDefault(duration(), '30s'),
  lingeringTimeout: withDefault(duration(), '5s'),
});

/** Resolved limits and timeouts of client connections. */
export type ConnectionLimitsModel = ModelOf<typeof connectionLimits>;
