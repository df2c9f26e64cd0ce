/**
 * The variables that the pipeline itself knows, under nginx's names and with nginx's meanings, and
 * `fault_code` and `fault_stage`, which say why a request did not end well.
 */
import { argument, FIELD, fieldId, findCookie, UNKNOWN_FIELD } from '../http/message/index.ts';
import type { Fields } from '../http/message/index.ts';
import { basicUser } from './basic-user.ts';
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

function simple(table: Readonly<Record<string, Evaluate>>): VariableDefinition[] {
  return Object.entries(table).map(([name, evaluate]) => ({ name, evaluate }));
}

function captures(): VariableDefinition[] {
  return Array.from({ length: 9 }, (_, at) => ({
    name: String(at + 1),
    evaluate: ({ captures: own, hostMatch }: Context) =>
      (own === null ? hostMatch?.[at + 1] : own[at]) ?? null,
  }));
}

/** The definitions with fixed names. */
export function coreVariables({ hostname, pid }: ProcessFacts): readonly VariableDefinition[] {
  const ownPid = String(pid);
  return [
    ...captures(),
    { name: 'remote_user', cached: true, evaluate: remoteUser },
    ...simple({
      args: (context) => context.query,
      body_bytes_sent: (context) => String(context.exchange.bodyBytesSent),
      bytes_sent: (context) => String(context.exchange.bytesSent),
      connection: (context) => String(context.exchange.connection.id),
      connection_requests: (context) => String(context.exchange.connection.requests),
      content_length: (context) => context.request.fields.get(FIELD.contentLength),
      content_type: (context) => context.request.fields.get(FIELD.contentType),
      document_uri: (context) => context.path,
      fault_code: (context) => context.exchange.fault?.kind.code ?? null,
      fault_stage: (context) => context.exchange.fault?.stage ?? null,
      host: hostOf,
      hostname: () => hostname,
      https: (context) => (context.exchange.connection.secure ? 'on' : ''),
      is_args: (context) => (context.query === null || context.query === '' ? '' : '?'),
      msec: (context) => seconds(context.pipeline.clock.wall()),
      pid: () => ownPid,
      query_string: (context) => context.query,
      remote_addr: (context) => context.exchange.connection.remoteAddress,
      remote_port: (context) => portText(context.exchange.connection.remotePort),
      request: (context) => requestLine(context.request),
      request_id: (context) => context.requestId,
      request_length: (context) => String(requestLength(context)),
      request_method: (context) => context.request.method,
      request_time: (context) => seconds(elapsed(context)),
      request_uri: requestUri,
      scheme: (context) => (context.exchange.connection.secure ? 'https' : 'http'),
      server_addr: (context) => context.exchange.connection.localAddress,
      server_name: (context) => context.host.name,
      server_port: (context) => portText(context.exchange.connection.localPort),
      server_protocol: (context) => protocolOf(context.request.version),
      status: (context) => statusText(context.exchange.status),
      time_iso8601: (context) => context.pipeline.time.iso(),
      time_local: (context) => context.pipeline.time.local(),
      uri: (context) => context.path,
    }),
  ];
}

function portText(port: number): string {
  return port === 0 ? '' : String(port);
}

/** Reads one field by the rest of a variable's name, where `_` stands for `-`. */
function fieldReader(rest: string): (fields: Fields) => string | null {
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
export const CORE_FAMILIES: readonly VariableFamily[] = [
  {
    prefix: 'arg_',
    define:
      (rest) =>
      ({ query }) =>
        query === null ? null : argument(query, rest),
  },
  { prefix: 'cookie_', define: cookieReader },
  {
    prefix: 'http_',
    define: (rest) => {
      const read = fieldReader(rest);
      return ({ request }) => read(request.fields);
    },
  },
  { prefix: 'sent_http_', define: sentReader },
];
