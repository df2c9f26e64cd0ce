/** What a line of the access log says. */
import { FIELD } from '../http/message/index.ts';
import type { Parsed } from '../schema/index.ts';
import type { Context } from './handler.ts';
import { elapsed, remoteUser, seconds, statusText } from './core-variables.ts';
import type { LogLine } from './line-batch.ts';
import { escapeJson, escaper, type LogEscape } from './log-escape.ts';
import { protocolOf } from './request-line.ts';
import { compileTemplate } from './template.ts';
import type { Variables } from './variables.ts';

/** Writes the line of one finished request, with its line feed. */
export type LogFormat = (context: Context, line: LogLine) => void;

/**
 * The line of nginx's and httpd's `combined`, byte for byte what nginx writes: `-` for what is not
 * there, an empty text for a field that is there and empty.
 */
function combined(context: Context, line: LogLine): void {
  const { exchange } = context;
  const { request, connection } = exchange;
  const { fields, method, target } = request;
  line.text(connection.remoteAddress);
  line.text(' - ');
  putValue(line, fields.has(FIELD.authorization) ? remoteUser(context) : null);
  line.text(' [');
  line.text(context.pipeline.time.local());
  line.text('] "');
  if (method === '') putValue(line, target === '' ? null : target);
  else {
    line.escaped(method);
    line.text(' ');
    line.escaped(target);
    line.text(' ');
    line.text(protocolOf(request.version));
  }
  line.text('" ');
  line.text(statusText(exchange.status));
  line.text(' ');
  line.decimal(exchange.bodyBytesSent);
  line.text(' "');
  putValue(line, fields.get(FIELD.referer));
  line.text('" "');
  putValue(line, fields.get(FIELD.userAgent));
  line.text('"\n');
}

function putValue(line: LogLine, value: string | null): void {
  if (value === null) line.text('-');
  else line.escaped(value);
}

function quoted(text: string | null): string {
  return text === null ? 'null' : `"${escapeJson(text)}"`;
}

/** One JSON object a line, with a fixed set of keys; ASCII whatever the client sent. */
function json(context: Context, line: LogLine): void {
  const { exchange, request } = context;
  const { connection, fault } = exchange;
  const { fields } = request;
  const time = seconds(elapsed(context));
  line.text(
    `{"time":"${context.pipeline.time.iso()}","requestId":"${context.requestId}","remoteAddress":${quoted(connection.remoteAddress)},"remoteUser":${quoted(remoteUser(context))},"method":${quoted(request.method)},"host":${quoted(request.host?.name ?? null)},"target":${quoted(request.target)},"protocol":"${protocolOf(request.version)}","secure":${connection.secure},"status":${exchange.status},"bytesReceived":${exchange.bodyBytesReceived},"bodyBytesSent":${exchange.bodyBytesSent},"bytesSent":${exchange.bytesSent},"seconds":${time},"site":${quoted(context.host.name)},"route":${quoted(context.location.name)},"referer":${quoted(fields.get(FIELD.referer))},"userAgent":${quoted(fields.get(FIELD.userAgent))},"fault":${quoted(fault?.kind.code ?? null)},"stage":${quoted(fault?.stage ?? null)},"connection":${connection.id}}\n`,
  );
}

/**
 * Compiles a format: `combined`, `json`, or a text with variables (nginx `log_format`), whose values are
 * escaped in one of nginx's ways. A variable without a value is `-`, and nothing where the escaping is
 * not the default.
 */
export function compileLogFormat(
  format: string,
  variables: Variables,
  escape: LogEscape = 'default',
): Parsed<LogFormat> {
  if (format === 'combined') return { value: combined };
  if (format === 'json') return { value: json };
  const writing = { value: escaper(escape), missing: escape === 'default' ? '-' : '' };
  const template = compileTemplate(format, variables, writing);
  if (!('value' in template)) return template;
  const { value } = template;
  return {
    value: (context, line) => {
      line.text(value.evaluate(context));
      line.text('\n');
    },
  };
}
