/** Options of sites and of what all their routes share. */
import {
  boolean,
  byType,
  type Fault,
  headerName,
  isHostName,
  judged,
  list,
  type ModelOf,
  object,
  oneOf,
  optional,
  parsed,
  type Parsed,
  path,
  refined,
  compileRegex,
  required,
  type Schema,
  type Size,
  size,
  string,
  withDefault,
} from '../schema/index.ts';

/** The requests that a route stands for. */
export type RoutePattern =
  /** `/a`: this path only. */
  | { readonly kind: 'exact'; readonly path: string }
  /** `/a/*`: every path that begins with `/a/`; `path` keeps the slash at its end. `/a` redirects. */
  | { readonly kind: 'prefix'; readonly path: string }
  /** `*.php`: every path that ends so; `ending` begins with the dot. */
  | { readonly kind: 'extension'; readonly ending: string }
  /** `~ regex`: every path in which the expression finds something. */
  | { readonly kind: 'regex'; readonly source: string };

/**
 * Reads the key of a route. `/` alone is the prefix of everything, because a site whose `/` answered
 * only its first page would surprise everybody.
 */
export function parseRoutePattern(pattern: string): Parsed<RoutePattern> {
  const here = inOurNotation(pattern);
  if (here !== undefined)
    return { message: `${JSON.stringify(pattern)} is a location of nginx`, cure: here };
  if (pattern.startsWith('~')) {
    const source = pattern.slice(1).trimStart();
    if (source === '')
      return { message: 'The regular expression is empty', cure: 'Write it after the tilde' };
    const compiled = compileRegex(source);
    return 'value' in compiled ? { value: { kind: 'regex', source } } : compiled;
  }
  if (pattern.startsWith('*.')) {
    const ending = pattern.slice(1);
    return /^\.[^/*?#\0-\x20]+$/.test(ending)
      ? { value: { kind: 'extension', ending } }
      : {
          message: `${JSON.stringify(pattern)} is not a file ending`,
          cure: 'Write it like "*.php"',
        };
  }
  if (!pattern.startsWith('/'))
    return {
      message: `${JSON.stringify(pattern)} is not the pattern of a route`,
      cure: 'Write "/path", "/path/*", "*.ending" or "~ regular expression"',
    };
  if (pattern === '/' || pattern === '/*') return { value: { kind: 'prefix', path: '/' } };
  const prefix = pattern.endsWith('/*');
  const written = prefix ? pattern.slice(0, -1) : pattern;
  if (/[*?#\0-\x1f\x7f]/.test(written))
    return {
      message: `${JSON.stringify(pattern)} holds a character that no pattern can have`,
      cure: 'A star stands at the end, after a slash; for anything else use "~ regular expression"',
    };
  return { value: { kind: prefix ? 'prefix' : 'exact', path: written } };
}

// How a location with a modifier of nginx is written here; no pattern of ours begins with one.
function inOurNotation(pattern: string): string | undefined {
  const [, modifier, rest = ''] = /^(=|\^~|~\*)\s*(.*)$/s.exec(pattern) ?? [];
  switch (modifier) {
    case '=':
      // `/` alone is the prefix of everything.
      return rest === '/'
        ? 'Write "~ ^/$"'
        : `Write ${JSON.stringify(rest)}: a path without a star is that path only`;
    case '^~': {
      const prefix = `${rest.replace(/\/+$/, '')}/*`;
      return `Write ${JSON.stringify(prefix)}: no ending and no expression reaches into a prefix`;
    }
    case '~*':
      return `Write ${JSON.stringify(`~ ${rest}`)}, with both cases of the letters as in [aA]`;
    default:
      return undefined;
  }
}

/** Undefined for the key of a route, or what is wrong with it. */
export function routePatternFault(pattern: string): Fault | undefined {
  const result = parseRoutePattern(pattern);
  return 'value' in result ? undefined : { code: 'wrong-form', ...result };
}

/** The hosts that a name of a site stands for; names are in lower case. */
export type ServerName =
  | { readonly kind: 'exact'; readonly name: string }
  /** `*.example.com`: `suffix` begins with the dot. */
  | { readonly kind: 'suffix'; readonly suffix: string }
  /** `example.*`: `prefix` ends with the dot. */
  | { readonly kind: 'prefix'; readonly prefix: string }
  | { readonly kind: 'regex'; readonly source: string }
  /** `*`: every host that no other site has. */
  | { readonly kind: 'any' };

/** Reads the name of a site (nginx `server_name`): exact, wildcard, `~regex`, or `*`. */
export function parseServerName(written: string): Parsed<ServerName> {
  if (written === '*') return { value: { kind: 'any' } };
  if (written.startsWith('~')) {
    const source = written.slice(1).trimStart();
    if (source === '')
      return { message: 'The regular expression is empty', cure: 'Write it after the tilde' };
    const compiled = compileRegex(source);
    return 'value' in compiled ? { value: { kind: 'regex', source } } : compiled;
  }
  const name = written.toLowerCase();
  const cure = 'Write it like "example.com", "*.example.com", "example.*", "~regex" or "*"';
  if (name.includes(':') && !name.startsWith('['))
    return {
      message: `The name ${JSON.stringify(written)} has a port`,
      cure: 'Move the port to listen',
    };
  if (name.startsWith('*.') && isName(name.slice(2)))
    return { value: { kind: 'suffix', suffix: name.slice(1) } };
  if (name.endsWith('.*') && isName(name.slice(0, -2)))
    return { value: { kind: 'prefix', prefix: name.slice(0, -1) } };
  if (isName(name) || /^\[[0-9a-f:.]+\]$/.test(name)) return { value: { kind: 'exact', name } };
  if (/[^\0-\x7f]/.test(name))
    return {
      message: `The name ${JSON.stringify(written)} is not ASCII`,
      cure: 'Write it as browsers send it, with "xn--"',
    };
  return { message: `${JSON.stringify(written)} is not the name of a host`, cure };
}

function isName(name: string): boolean {
  return isHostName(name) || /^[0-9]{1,3}(?:\.[0-9]{1,3}){3}$/.test(name);
}

/** Undefined for the name of a site, or what is wrong with it. */
export function serverNameFault(name: string): Fault | undefined {
  const result = parseServerName(name);
  return 'value' in result ? undefined : { code: 'wrong-form', ...result };
}

/** One line for each request. */
export interface AccessLogOptions {
  /** File, `stdout`, or `off`. */
  readonly path: string;
  /** `combined` as in nginx and httpd, `json`, or a text with variables such as `$status`. */
  readonly format?: string;
  /** Lines gathered before they are written; at most a second passes (nginx `access_log buffer=`). */
  readonly buffer?: Size;
}

/** Where a log goes, resolved. */
export type LogTarget =
  | { readonly kind: 'off' }
  | { readonly kind: 'stdout' | 'stderr' }
  | { readonly kind: 'file'; readonly path: string };

function logTarget(streams: readonly ('stdout' | 'stderr')[]): Schema<string, LogTarget> {
  const file = path();
  return {
    ...file,
    expects: `the path of a log file, ${streams.map((name) => `"${name}"`).join(', ')} or "off"`,
    read(input, cursor) {
      if (input === 'off') return { kind: 'off' };
      for (const kind of streams) if (input === kind) return { kind };
      const written = file.read(input, cursor);
      if (typeof written !== 'string') return written;
      cursor.needs('log', written);
      return { kind: 'file', path: written };
    },
  };
}

/** A log that is written as its path alone where everything else is as usual. */
function pathAlone<Options, Model extends { readonly path: LogTarget }>(
  target: Schema<string, LogTarget>,
  log: Schema<Options, Model>,
): Schema<string | Options, Model> {
  return byType({
    string: refined(target, (read, cursor) => {
      // Any path that needs no look at the file system: what `target` read takes its place.
      const model = log.read({ path: 'stderr' }, cursor);
      return typeof model === 'symbol' ? model : { ...model, path: read };
    }),
    object: log,
  });
}

const accessLogTarget = logTarget(['stdout', 'stderr']);

const logFormat = refined(judged(string(), 'template'), (format, cursor) =>
  format === 'combined' || format === 'json' || format.includes('$')
    ? format
    : cursor.report({
        code: 'not-a-choice',
        message: `${JSON.stringify(format)} is no format of the access log`,
        cure: 'Write "combined", "json", or a text with variables such as "$remote_addr $status"',
      }),
);

/** Reads `AccessLogOptions` into a model with every default filled in, in bytes and milliseconds. */
export const accessLog = object<AccessLogOptions>()({
  path: required(accessLogTarget),
  format: withDefault(logFormat, 'combined'),
  buffer: withDefault(size({ max: '16MiB' }), '64KiB'),
});

/** Where the lines of requests go, in which form, and how many bytes are gathered. */
export type AccessLogModel = ModelOf<typeof accessLog>;

/** Access log as an author writes it: the path alone, or an object. */
const accessLogEntry = pathAlone(accessLogTarget, accessLog);

/** What went wrong, and how grave it must be to be written. */
export interface ErrorLogOptions {
  /** File, `stderr`, `stdout`, or `off`. */
  readonly path: string;
  /**
   * The least grave kind of entry that is written (nginx `error_log`). What clients do wrong is `info`, as in nginx; that
   * a file is not there, a name is not served, a body is too large or its chunks are broken is `error`.
   */
  readonly level?: 'debug' | 'info' | 'notice' | 'warn' | 'error' | 'crit' | 'alert' | 'emerg';
  /** Whether an entry is written for each request for what is not there, with status 404 (nginx `log_not_found`). */
  readonly notFound?: boolean;
}

const errorLogTarget = logTarget(['stderr', 'stdout']);

/** Reads `ErrorLogOptions` into a model with every default filled in, in bytes and milliseconds. */
export const errorLog = object<ErrorLogOptions>()({
  path: required(errorLogTarget),
  level: withDefault(
    oneOf('debug', 'info', 'notice', 'warn', 'error', 'crit', 'alert', 'emerg'),
    'error',
  ),
  notFound: withDefault(boolean(), true),
});

/** Where entries about faults go, and the least grave level that is written. */
export type ErrorLogModel = ModelOf<typeof errorLog>;

/** Error log as an author writes it: the path alone, or an object. */
const errorLogEntry = pathAlone(errorLogTarget, errorLog);

/** What every route may say, whatever it does. */
export interface RouteCommonOptions {
  /** Largest request body (nginx `client_max_body_size`); then 413. That of the site unless said. */
  readonly bodyLimit?: Size;
}

/** Reads `RouteCommonOptions` into a model with every default filled in, in bytes and milliseconds. */
export const routeCommon = object<RouteCommonOptions>()({
  bodyLimit: optional(size()),
});

/** What a site says besides where it listens and what its routes do. */
export interface SiteCommonOptions {
  /**
   * Further names: exact, `*.example.com`, `example.*` or `~regex`. The exact name wins, then the
   * longest wildcard at the beginning, then the longest at the end, then the first expression.
   */
  readonly serverNames?: readonly string[];
  /** This site answers requests whose host no site has, on each of its addresses. */
  readonly default?: boolean;
  /** Largest request body (nginx `client_max_body_size`); then 413. */
  readonly bodyLimit?: Size;
  /** Access log of this site; that at the top of the file unless said. */
  readonly accessLog?: string | AccessLogOptions;
  /** Error log of this site; that at the top of the file unless said. */
  readonly errorLog?: string | ErrorLogOptions;
  /** Header field in which clients get the id of the request that the logs show, such as `X-Request-Id`; none unless said. */
  readonly requestIdHeader?: string | false;
}

const serverName = parsed<string, string>({
  expects: 'the name of a host such as "www.example.com"',
  parse(written): Parsed<string> {
    const name = parseServerName(written);
    return 'value' in name ? { value: written } : name;
  },
});

/** Reads `SiteCommonOptions` into a model with every default filled in, in bytes and milliseconds. */
export const siteCommon = object<SiteCommonOptions>()({
  serverNames: withDefault(list(serverName), []),
  default: withDefault(boolean(), false),
  bodyLimit: withDefault(size(), '1MiB'),
  accessLog: optional(accessLogEntry),
  errorLog: optional(errorLogEntry),
  requestIdHeader: withDefault(byType({ string: headerName(), boolean: oneOf(false) }), false),
});

/** Logs of sites that say nothing about theirs. */
export interface LogsOptions {
  /** One line for each request: a path, `stdout`, `off`, or an object. */
  readonly access?: string | AccessLogOptions;
  /** What went wrong: a path, `stderr`, `off`, or an object with a level. */
  readonly error?: string | ErrorLogOptions;
}

/** Reads `LogsOptions` into a model with every default filled in, in bytes and milliseconds. */
export const logsOptions = object<LogsOptions>()({
  access: withDefault(accessLogEntry, 'stdout'),
  error: withDefault(errorLogEntry, 'stderr'),
});
