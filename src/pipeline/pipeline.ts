/**
 * The pipeline of one listener on one thread: it takes each exchange, finds virtual host and location,
 * and runs the location's handlers.
 */
import { type Clock, Fault } from '../base/index.ts';
import {
  type Exchange,
  EXCHANGE_FAULTS,
  type ExchangeHandler,
  FIELD,
  Fields,
  resolvePath,
} from '../http/message/index.ts';
import { bodyTooLarge } from './body-limit.ts';
import { RequestContext } from './context.ts';
import type { ErrorLog } from './error-log.ts';
import { ErrorPages } from './error-pages.ts';
import { PIPELINE_FAULTS } from './faults.ts';
import type { Context, Location, PipelinePort, Routed, VirtualHost } from './handler.ts';
import { LogTime } from './log-time.ts';
import type { ListenerModel } from './model.ts';
import { RequestIds } from './request-id.ts';

/** Hears of every request once when it comes and once when it is over, for whoever watches the server. */
export interface RequestTally {
  begun(): void;
  /** `status` is 0 for a request that was not answered. */
  finished(status: number): void;
}

/** What the pipelines of one thread share. */
export interface PipelineServices {
  readonly clock: Clock;
  readonly errorLog: ErrorLog;
  readonly time?: LogTime;
  readonly requestIds?: RequestIds;
  /** None unless said. */
  readonly tally?: RequestTally;
}

/** RFC 9110 section 9.3.7: what OPTIONS for the server as a whole is answered with. */
const SERVER_OPTIONS = Fields.of(['Allow', 'GET, HEAD, POST, OPTIONS']).seal();

/** See the head of this file. */
export class Pipeline implements ExchangeHandler, PipelinePort {
  readonly clock: Clock;
  readonly time: LogTime;
  readonly errorLog: ErrorLog;
  readonly errorPages = new ErrorPages();
  readonly requestIds: RequestIds;
  readonly #tally: RequestTally | null;
  #model: ListenerModel;

  constructor(model: ListenerModel, services: PipelineServices) {
    this.#model = model;
    this.#tally = services.tally ?? null;
    this.clock = services.clock;
    this.time = services.time ?? new LogTime(services.clock);
    this.errorLog = services.errorLog;
    this.requestIds = services.requestIds ?? new RequestIds();
  }

  /** Serves new exchanges by another model; those under way keep theirs. */
  swap(model: ListenerModel): void {
    this.#model = model;
  }

  onExchange(exchange: Exchange): void {
    try {
      this.#take(exchange);
    } catch (error) {
      // Whatever throws outside of handlers, a table or an expression, ends this request alone.
      const { observer, request } = exchange;
      const context =
        observer instanceof RequestContext
          ? observer
          : this.#answer(exchange, this.#model.hosts.fallback, request.path);
      context.failed(error);
    }
  }

  #take(exchange: Exchange): void {
    const { hosts } = this.#model;
    const { request, refusal } = exchange;
    if (refusal !== null) {
      this.#answer(exchange, hosts.fallback, request.path).failWith(refusal);
      return;
    }
    const host = hosts.find(request.host === null ? null : request.host.name);
    if (exchange.budget.exhausted) {
      this.#refuse(exchange, host, new Fault(EXCHANGE_FAULTS['memory-exhausted'], 'route'));
      return;
    }
    const { method } = request;
    if (method === 'TRACE' || request.path === '' || request.path === '*') {
      this.#unrouted(exchange, host);
      return;
    }
    const path = resolvePath(request.path, host);
    if (path === null) {
      this.#refuse(
        exchange,
        host,
        new Fault(PIPELINE_FAULTS['path-refused'], 'route', request.path),
      );
      return;
    }
    const context = this.#begin(exchange, host, route(host, path));
    context.hostMatch = hosts.match;
    if (context.location.internal) context.fail(PIPELINE_FAULTS['internal-only'], path);
    else if (this.#admits(context)) context.run();
  }

  /** Requests that no path selects a location for: TRACE, CONNECT and OPTIONS for the whole server. */
  #unrouted(exchange: Exchange, host: VirtualHost): void {
    const { method, path } = exchange.request;
    if (method === 'CONNECT' && host.tunnel !== undefined) {
      const context = this.#answer(exchange, host, '', host.tunnel);
      context.run();
    } else if (method === 'OPTIONS' && path === '*') {
      this.#answer(exchange, host, '*').send(200, SERVER_OPTIONS, null);
    } else {
      this.#refuse(exchange, host, new Fault(PIPELINE_FAULTS['method-refused'], 'route', method));
    }
  }

  #refuse(exchange: Exchange, host: VirtualHost, fault: Fault): void {
    const { method, path } = exchange.request;
    const allow = fault.kind.status === 405 ? allowedInPlaceOf(method) : null;
    this.#answer(exchange, host, path).failWith(fault, allow ?? retryOf(fault));
  }

  #answer(
    exchange: Exchange,
    host: VirtualHost,
    path: string,
    location: Location = host.fallback,
  ): RequestContext {
    return this.#begin(exchange, host, { location, captures: null, path });
  }

  #begin(exchange: Exchange, host: VirtualHost, routed: Routed): RequestContext {
    const context = new RequestContext(this, exchange, host, routed);
    exchange.observer = context;
    this.#tally?.begun();
    host.logs?.hold();
    return context;
  }

  /** Whether the announced body fits into the location; else the request has failed. */
  #admits(context: Context): boolean {
    const limit = context.location.bodyLimit;
    const { contentLength } = context.request;
    if (limit === 0 || contentLength <= limit || context.errorStatus !== 0) return true;
    context.failWith(bodyTooLarge(contentLength, limit));
    return false;
  }

  /**
   * Looks the location up again for the path that the context has now, internal ones included. False
   * when the request failed at that, because its body is too large for the new location.
   */
  reroute(context: Context): boolean {
    const routed = route(context.host, context.path);
    context.location = routed.location;
    context.captures = routed.captures;
    context.groups = routed.groups ?? null;
    return this.#admits(context);
  }

  /** Logs a request that is over; called once for each, by its context. */
  finished(context: Context): void {
    this.#tally?.finished(context.exchange.status);
    const { accessLogs } = context.location;
    for (let at = 0; at < accessLogs.length; at++) {
      try {
        accessLogs[at]?.log(context);
      } catch (error) {
        context.errorLog.defect(context, error);
      }
    }
    const { fault } = context.exchange;
    if (fault !== null) context.errorLog.fault(context, fault);
    context.host.logs?.release();
  }
}

function route(host: VirtualHost, path: string): Routed {
  const found = host.locations.find(path);
  if (found === null) return { location: host.fallback, captures: null, groups: null, path };
  return { location: found.target, captures: found.captures, groups: found.groups, path };
}

/**
 * RFC 9110 section 15.5.6: what may be asked of the target. No route is looked up for these methods, so it is what every
 * route answers; where CONNECT is refused there is nothing, which an empty value says (section 10.2.1).
 */
function allowedInPlaceOf(method: string): Fields {
  return Fields.of(['Allow', method === 'CONNECT' ? '' : 'GET, HEAD']);
}

/** 503 says when to come back (RFC 9110 section 10.2.3). */
function retryOf({ kind }: Fault): Fields | null {
  if (kind.status !== 503) return null;
  const fields = new Fields();
  fields.appendKnown(FIELD.retryAfter, '1');
  return fields;
}
