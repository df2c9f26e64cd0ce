/**
 * The error log, in the form of nginx's, which every tool that watches servers can read:
 *
 *     2026/11/20 12:00:00 [error] 123#2: *45 message, client: 1.2.3.4, server: name, request: "GET / HTTP/1.1", host: "x", request_id: "1f…"
 *
 * The numbers are process, thread and connection. Whatever comes from outside is escaped; an entry is
 * one line.
 */
import { type Blame, Fault } from '../base/index.ts';
import { EXCHANGE_FAULTS } from '../http/message/index.ts';
import type { Context, TroubleLog } from './handler.ts';
import { escapeText } from './log-escape.ts';
import { LOG_LEVELS, type LogLevel } from './log-level.ts';
import type { LineSink } from './log-lease.ts';
import type { LogTime } from './log-time.ts';
import { requestLine } from './request-line.ts';
import { stackText } from './stack-text.ts';

/** How grave a fault is, by who has to do something about it; where nginx is louder, its row says so. */
const LEVEL_OF: Readonly<Record<Blame, LogLevel>> = {
  client: 'info',
  upstream: 'error',
  operator: 'error',
  us: 'crit',
};

/** Who writes: for the head of each line. */
export interface LogWriterFacts {
  readonly pid: number;
  /** Number of the thread within the process, 0 for the main one. */
  readonly thread: number;
}

/** See the head of this file. */
export class ErrorLog implements TroubleLog {
  readonly #sink: LineSink;
  readonly #least: number;
  readonly #time: LogTime;
  readonly #writer: string;
  readonly #notFound: boolean;

  /**
   * Entries below `level` are not written; defects are, whatever it is. Without `notFound` what clients ask for in vain
   * (404) is not written at any level.
   */
  constructor(
    sink: LineSink,
    level: LogLevel,
    time: LogTime,
    { pid, thread }: LogWriterFacts,
    notFound = true,
  ) {
    this.#sink = sink;
    this.#notFound = notFound;
    this.#least = LOG_LEVELS.indexOf(level);
    this.#time = time;
    this.#writer = `${pid}#${thread}`;
  }

  /** Whether entries of a level are written; ask before making a costly message. */
  writes(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= this.#least;
  }

  /** Writes an entry, with what is known of the request where there is one. */
  log(level: LogLevel, message: string, context: Context | null = null): void {
    if (this.writes(level)) this.#write(level, message, context);
  }

  /** Writes why a request did not end well, with the code that the reference explains, and the stage. */
  fault(context: Context, fault: Fault): void {
    // `defect` has told it already, with its stack.
    if (isDefect(fault)) return;
    const { blame, code, status } = fault.kind;
    const level = fault.kind.level ?? LEVEL_OF[blame];
    if (!this.writes(level)) return;
    if (status === 404 && blame === 'client' && !this.#notFound) return;
    this.#write(level, `${code} (${fault.stage}): ${fault.message}${untoldCause(fault)}`, context);
  }

  /** Writes an error that code of ours, or of a handler, threw; with its stack, on one line. */
  defect(context: Context | null, error: unknown): void {
    this.#write('crit', `defect: ${stackText(error)}`, context);
  }

  #write(level: LogLevel, message: string, context: Context | null): void {
    const about = context === null ? '' : `*${context.exchange.connection.id} `;
    const request = context === null ? '' : describe(context);
    const time = this.#time.stamp();
    this.#sink.write(
      `${time} [${level}] ${this.#writer}: ${about}${readable(message)}${request}\n`,
    );
  }
}

// Where the facts of the fault have the error already, it is not told again.
function untoldCause({ message, cause }: Fault): string {
  if (!(cause instanceof Error) || message.includes(cause.message)) return '';
  const code = 'code' in cause ? String(cause.code) : '';
  return code !== '' && message.includes(code) ? '' : `: ${cause.message}`;
}

function isDefect({ kind, cause }: Fault): boolean {
  if (kind !== EXCHANGE_FAULTS['handler-failed'] || cause === undefined) return false;
  return !(cause instanceof Fault);
}

// The built-in error page asks visitors to quote the id, so this is where it can be looked up.
function describe({ exchange, host, request, requestId }: Context): string {
  let text = `, client: ${escapeText(exchange.connection.remoteAddress)}, server: ${escapeText(host.name)}`;
  const line = requestLine(request);
  if (line !== '') text += `, request: "${escapeText(line)}"`;
  if (request.authority !== '') text += `, host: "${escapeText(request.authority)}"`;
  return `${text}, request_id: "${requestId}"`;
}

/** Messages are prose with quotes and paths in it: only what could break the line is escaped. */
function readable(message: string): string {
  let text = '';
  let from = 0;
  for (let at = 0; at < message.length; at++) {
    const code = message.charCodeAt(at);
    if (code >= 0x20 && code < 0x7f) continue;
    text += message.slice(from, at) + escapeText(message.charAt(at));
    from = at + 1;
  }
  return from === 0 ? message : text + message.slice(from);
}
