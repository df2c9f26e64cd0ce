/**
 * The variables that the pipeline itself knows, under nginx's names and with nginx's meanings, and
 * `fault_code` and `fault_stage`, which say why a request did not end well.
 */
import { argument, FIELD, fieldId, findCookie, UNKNOWN_FIELD } from '../http/message/index.ts';
import type { Fields } from '../http/message/index.ts';
import { basicUser } from './basic-user.ts';
import { defineFamilies, defineVariables } from './define-variables.ts';
import type { Context } from './handler.ts';
import { protocolOf, requestLine } from './request-line.ts';
import type { Evaluate, VariableDefinition, VariableFamily } from './variables.ts';

/** Facts of the process that variables show. */
export interface ProcessFacts {
  readonly hostname: string;
  readonly pid: number;
}

/** `host` as nginx defines it: that of the request line, of `Host`, else the name of the site. */
function hostOf(context: Context): string {
  return context.request.host?.name ?? context.host.name;
}

/** The target without scheme and host, as the client sent it. */
function requestUri({ request }: Context): string {
  if (request.method === '') return request.target;
  return request.query === null ? request.path : `${request.path}?${request.query}`;
}

/**
 * Bytes of head and body, the head counted as plain HTTP/1.1 writes it; for other protocols that is
 * what it would have been.
 */
function requestLength(context: Context): number {
  const { fields } = context.request;
  let length = requestLine(context.request).length + 4;
  for (let at = 0; at < fields.size; at++) {
    length += fields.nameAt(at).length + fields.valueAt(at).length + 4;
  }
  return length + context.exchange.bodyBytesReceived;
}

/** A duration or an instant in milliseconds as nginx prints it: `1.042`; never below zero. */
export function seconds(milliseconds: number): string {
  const whole = Math.max(0, Math.floor(milliseconds));
  return `${Math.floor(whole / 1000)}.${String(whole % 1000).padStart(3, '0')}`;
}

/** Milliseconds from the first byte of the request until now. */
export function elapsed(context: Context): number {
  return context.pipeline.clock.monotonic() - context.exchange.startedAt;
}

/** The status in three digits, `000` while there is none. */
export function statusText(status: number): string {
  return String(status).padStart(3, '0');
}

/** The user that the request names by Basic authentication, or null. */
export function remoteUser(context: Context): string | null {
  const authorization = context.request.fields.get(FIELD.authorization);
  return authorization === null ? null : basicUser(authorization);
}

/** One group of the expression that selected the location, else of the one that selected the host. */
function group(at: number): Evaluate {
  return ({ captures, hostMatch }) =>
    (captures === null ? hostMatch?.[at] : captures[at - 1]) ?? null;
}

/** The definitions with fixed names. */
export function coreVariables({ hostname, pid }: ProcessFacts): readonly VariableDefinition[] {
  const ownPid = String(pid);
  return defineVariables({
    '1': {
      means: 'First group of the expression that selected the route, or else the site',
      evaluate: group(1),
    },
    '2': {
      means: 'Second group of the expression that selected the route, or else the site',
      evaluate: group(2),
    },
    '3': {
      means: 'Third group of the expression that selected the route, or else the site',
      evaluate: group(3),
    },
    '4': {
      means: 'Fourth group of the expression that selected the route, or else the site',
      evaluate: group(4),
    },
    '5': {
      means: 'Fifth group of the expression that selected the route, or else the site',
      evaluate: group(5),
    },
    '6': {
      means: 'Sixth group of the expression that selected the route, or else the site',
      evaluate: group(6),
    },
    '7': {
      means: 'Seventh group of the expression that selected the route, or else the site',
      evaluate: group(7),
    },
    '8': {
      means: 'Eighth group of the expression that selected the route, or else the site',
      evaluate: group(8),
    },
    '9': {
      means: 'Ninth group of the expression that selected the route, or else the site',
      evaluate: group(9),
    },
    args: {
      means:
        'The query as the client sent it, without its question mark; after an internal redirect, that of the redirect',
      evaluate: (context) => context.query,
    },
    body_bytes_sent: {
      means: 'Bytes of the response body sent to the client, without framing',
      evaluate: (context) => String(context.exchange.bodyBytesSent),
    },
    bytes_sent: {
      means: 'All bytes sent to the client for the response: head, framing and body',
      evaluate: (context) => String(context.exchange.bytesSent),
    },
    connection: {
      means: 'Number of the client connection among those that its thread has taken',
      evaluate: (context) => String(context.exchange.connection.id),
    },
    connection_requests: {
      means: 'How many requests the connection has carried, this one included',
      evaluate: (context) => String(context.exchange.connection.requests),
    },
    content_length: {
      means: 'Content-Length of the request as the client sent it',
      evaluate: (context) => context.request.fields.get(FIELD.contentLength),
    },
    content_type: {
      means: 'Content-Type of the request as the client sent it',
      evaluate: (context) => context.request.fields.get(FIELD.contentType),
    },
    document_uri: { means: 'The same as $uri', evaluate: (context) => context.path },
    fault_code: {
      means: 'Why the request did not end well, as a code of error-codes.md; nothing where it did',
      nginx: 'own',
      evaluate: (context) => context.exchange.fault?.kind.code ?? null,
    },
    fault_stage: {
      means:
        'How far the request had come at that fault: head, route, connect, upstream-head, response and so on',
      nginx: 'own',
      evaluate: (context) => context.exchange.fault?.stage ?? null,
    },
    host: {
      means:
        'Host name that the request is for: that of its target, else of Host, else the name of the site; without port',
      evaluate: hostOf,
    },
    hostname: { means: 'Name of the machine', evaluate: () => hostname },
    https: {
      means: '"on" for a request over TLS, else empty',
      evaluate: (context) => (context.exchange.connection.secure ? 'on' : ''),
    },
    is_args: {
      means: '"?" where the request has a query that is not empty, else empty',
      evaluate: (context) => (context.query === null || context.query === '' ? '' : '?'),
    },
    msec: {
      means: 'Seconds since 1970 with milliseconds',
      evaluate: (context) => seconds(context.pipeline.clock.wall()),
    },
    pid: { means: 'Number of the process that answers', evaluate: () => ownPid },
    query_string: { means: 'The same as $args', evaluate: (context) => context.query },
    remote_addr: {
      means: 'Address of the client, as the connection has it',
      evaluate: (context) => context.exchange.connection.remoteAddress,
    },
    remote_port: {
      means: 'Port of the client; empty for a unix socket',
      evaluate: (context) => portText(context.exchange.connection.remotePort),
    },
    remote_user: {
      means:
        'User name of Basic authentication as the client gave it, whether or not it was checked',
      cached: true,
      evaluate: remoteUser,
    },
    request: {
      means: 'The request line: method, target and protocol',
      evaluate: (context) => requestLine(context.request),
    },
    request_id: {
      means:
        '32 random hexadecimal digits, the same for all of the request; error pages and logs show them',
      evaluate: (context) => context.requestId,
    },
    request_length: {
      means: 'Bytes of the request: line, fields and body',
      nginx: 'For HTTP/2 the head counts as HTTP/1.1 would write it',
      evaluate: (context) => String(requestLength(context)),
    },
    request_method: {
      means: 'Method of the request, in its own letter case',
      evaluate: (context) => context.request.method,
    },
    request_time: {
      means: 'Seconds with milliseconds since the first byte of the request was read',
      evaluate: (context) => seconds(elapsed(context)),
    },
    request_uri: {
      means: 'Target as the client sent it: undecoded path and query',
      evaluate: requestUri,
    },
    scheme: {
      means: '"http", or "https" for a request over TLS',
      evaluate: (context) => (context.exchange.connection.secure ? 'https' : 'http'),
    },
    server_addr: {
      means: 'Address of this machine that the client connected to',
      evaluate: (context) => context.exchange.connection.localAddress,
    },
    server_name: {
      means: 'First name of the site that answers',
      evaluate: (context) => context.host.name,
    },
    server_port: {
      means: 'Port that the client connected to; empty for a unix socket',
      evaluate: (context) => portText(context.exchange.connection.localPort),
    },
    server_protocol: {
      means: 'Protocol of the request, such as HTTP/1.1',
      evaluate: (context) => protocolOf(context.request.version),
    },
    status: {
      means: 'Status of the response in three digits, 000 while there is none',
      evaluate: (context) => statusText(context.exchange.status),
    },
    time_iso8601: {
      means: 'Local time as 2026-11-20T12:00:00+00:00',
      evaluate: (context) => context.pipeline.time.iso(),
    },
    time_local: {
      means: 'Local time as the common log format has it: 20/Nov/2026:12:00:00 +0000',
      evaluate: (context) => context.pipeline.time.local(),
    },
    uri: {
      means:
        'Path that is being answered: decoded once, without dot segments; an internal redirect changes it',
      evaluate: (context) => context.path,
    },
  });
}

function portText(port: number): string {
  return port === 0 ? '' : String(port);
}

/**
 * Reads one field by the rest of a variable's name, where `_` stands for `-`: all its lines, joined as
 * `CORE_FAMILIES` says.
 */
export function fieldReader(rest: string): (fields: Fields) => string | null {
  const name = rest.replaceAll('_', '-');
  const id = fieldId(name);
  if (id === UNKNOWN_FIELD) {
    return (fields) => {
      let at = fields.indexOfName(name);
      if (at < 0) return null;
      let value = fields.valueAt(at);
      while ((at = fields.indexOfName(name, at + 1)) >= 0) value += `, ${fields.valueAt(at)}`;
      return value;
    };
  }
  const separator = id === FIELD.cookie ? '; ' : ', ';
  return (fields) => {
    let at = fields.indexOf(id);
    if (at < 0) return null;
    let value = fields.valueAt(at);
    while ((at = fields.indexOf(id, at + 1)) >= 0) value += separator + fields.valueAt(at);
    return value;
  };
}

function cookieReader(name: string): Evaluate {
  return ({ request: { fields } }) => {
    for (
      let at = fields.indexOf(FIELD.cookie);
      at >= 0;
      at = fields.indexOf(FIELD.cookie, at + 1)
    ) {
      const value = findCookie(fields.valueAt(at), name, { ignoreCase: true });
      if (value !== null) return value;
    }
    return null;
  };
}

function sentReader(rest: string): Evaluate {
  if (rest === 'content_length') {
    return ({ sentFields, sentLength }) =>
      sentFields === null || sentLength < 0 ? null : String(sentLength);
  }
  const read = fieldReader(rest);
  return ({ sentFields }) => (sentFields === null ? null : read(sentFields));
}

/**
 * The families: `arg_name` (undecoded), `cookie_name`, `http_name` of the request, `sent_http_name` of
 * the response. Fields that come more than once are joined by a comma, cookies by a semicolon, as nginx
 * does since 1.23; before, the first of them was the value.
 */
export const CORE_FAMILIES: readonly VariableFamily[] = defineFamilies({
  arg_: {
    means: 'Argument _name_ of the query, undecoded; the first of that name',
    define:
      (rest) =>
      ({ query }) =>
        query === null ? null : argument(query, rest),
  },
  cookie_: {
    means: 'Cookie _name_ of the request, in any letter case',
    define: cookieReader,
  },
  http_: {
    means: 'Field _name_ of the request, with underscores for dashes',
    nginx: 'As since 1.23: several lines are joined by commas',
    define: (rest) => {
      const read = fieldReader(rest);
      return ({ request }) => read(request.fields);
    },
  },
  sent_http_: {
    means: 'Field _name_ of the response as it was sent, with underscores for dashes',
    nginx: 'As since 1.23: several lines are joined by commas',
    define: sentReader,
  },
});
