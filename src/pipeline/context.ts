/**
 * The request on its way through the pipeline: observer of its exchange, sink of its response, and the
 * `Context` that handlers see; what its members mean is told there.
 */
import { Fault, type FaultKind } from '../base/index.ts';
import {
  type BodyReceiver,
  type Exchange,
  type ExchangeObserver,
  EXCHANGE_FAULTS,
  type Fields,
  NO_FIELDS,
  type RequestHead,
  UNKNOWN_LENGTH,
  type ResponseSink,
} from '../http/message/index.ts';
import { LimitedReceiver } from './body-limit.ts';
import { PIPELINE_FAULTS } from './faults.ts';
import {
  type Context,
  DONE,
  type EndWork,
  LIMITED,
  type Limited,
  type Location,
  NEXT,
  type Outcome,
  PENDING,
  type PipelinePort,
  type RequestFollower,
  type Routed,
  type TroubleLog,
  type VirtualHost,
} from './handler.ts';
import type { CaptureGroups } from './route/location-table.ts';
import type { UpstreamTry } from './upstream-try.ts';

const INTERNAL_REDIRECTS = 10;

/** See the head of this file. One is made for each exchange, by the pipeline. */
export class RequestContext implements Context, ExchangeObserver {
  readonly exchange: Exchange;
  readonly pipeline: PipelinePort;
  readonly host: VirtualHost;
  location: Location;
  path: string;
  query: string | null;
  captures: readonly string[] | null = null;
  groups: CaptureGroups | null = null;
  hostMatch: RegExpExecArray | null = null;
  values: (string | null | undefined)[] | null = null;
  tries: (UpstreamTry | null)[] | null = null;
  redirects = 0;
  errorStatus = 0;
  pageStatus = 0;
  errorFields: Fields | null = null;
  requestLimit: Limited = LIMITED.none;
  connectionLimit: Limited = LIMITED.none;
  sentFields: Fields | null = null;
  sentLength = UNKNOWN_LENGTH;

  #requestId: string | null = null;
  #step = 0;
  #running = false;
  #resumed = false;
  #follower: RequestFollower | null = null;
  #endWork: EndWork | null = null;
  #sink: ResponseSink;

  constructor(pipeline: PipelinePort, exchange: Exchange, host: VirtualHost, routed: Routed) {
    this.pipeline = pipeline;
    this.exchange = exchange;
    this.host = host;
    this.location = routed.location;
    this.captures = routed.captures;
    this.groups = routed.groups ?? null;
    this.path = routed.path;
    this.query = exchange.request.query;
    this.#sink = exchange;
  }

  get request(): RequestHead {
    return this.exchange.request;
  }

  get method(): string {
    const { method } = this.exchange.request;
    return this.errorStatus !== 0 && method !== 'HEAD' ? 'GET' : method;
  }

  get requestId(): string {
    return (this.#requestId ??= this.pipeline.requestIds.next());
  }

  get errorLog(): TroubleLog {
    return this.host.errorLog ?? this.pipeline.errorLog;
  }

  receive(receiver: BodyReceiver): void {
    const { exchange } = this;
    const limit = this.location.bodyLimit;
    if (this.errorStatus !== 0) receiver.onEnd(null);
    else if (limit === 0 || exchange.request.contentLength !== UNKNOWN_LENGTH) {
      exchange.receive(receiver);
    } else exchange.receive(new LimitedReceiver(this, limit, receiver));
  }

  /** Runs the location's handlers from the first phase, until one answers. Called by the pipeline. */
  run(): void {
    this.#step = 0;
    this.#proceed();
  }

  resume(): void {
    if (this.exchange.aborted || this.exchange.responded) return;
    if (this.#running) {
      this.#resumed = true;
      return;
    }
    this.#proceed();
  }

  #proceed(): void {
    this.#running = true;
    try {
      for (;;) {
        const handler = this.location.handlers[this.#step];
        if (handler === undefined) {
          this.fail(PIPELINE_FAULTS['no-content']);
          return;
        }
        this.#step++;
        this.#resumed = false;
        const outcome: Outcome = handler.handle(this);
        if (outcome === NEXT) continue;
        if (outcome === PENDING && this.#wasResumed()) continue;
        return;
      }
    } catch (error) {
      this.failed(error);
    } finally {
      this.#running = false;
    }
  }

  /** Whether the handler called `resume` before it returned. */
  #wasResumed(): boolean {
    return this.#resumed;
  }

  redirect(path: string, query: string | null): Outcome {
    if (!this.#mayRedirect(path)) return DONE;
    this.path = path;
    this.query = query;
    if (this.pipeline.reroute(this)) this.run();
    return DONE;
  }

  redirectNamed(name: string): Outcome {
    if (!this.#mayRedirect(name)) return DONE;
    const location = this.host.locations.named(name);
    if (location === null) {
      this.fail(PIPELINE_FAULTS['named-missing'], name);
      return DONE;
    }
    this.location = location;
    this.captures = null;
    this.groups = null;
    this.run();
    return DONE;
  }

  #mayRedirect(to: string): boolean {
    if (++this.redirects <= INTERNAL_REDIRECTS) return true;
    this.fail(PIPELINE_FAULTS['redirect-cycle'], to);
    return false;
  }

  follow(follower: RequestFollower): void {
    this.#follower = follower;
  }

  atEnd(work: EndWork): void {
    work.nextEndWork = this.#endWork;
    this.#endWork = work;
  }

  fail(kind: FaultKind, detail = '', cause?: unknown): void {
    this.failWith(new Fault(kind, 'handler', detail, cause));
  }

  failWith(fault: Fault, fields: Fields | null = null): void {
    const { exchange } = this;
    if (exchange.aborted || exchange.finished || exchange.responded) return;
    if (exchange.fault === null) exchange.fault = fault;
    const { status } = fault.kind;
    if (!exchange.canRespond || status < 300 || status === 499) {
      exchange.abort(fault);
      return;
    }
    try {
      this.pipeline.errorPages.answer(this, status, fault, fields);
    } catch (error) {
      this.errorLog.defect(this, error);
      this.#answerBare(status, fault);
    }
  }

  /** The last resort, where a filter or an error page throws as well: a head without anything. */
  #answerBare(status: number, fault: Fault): void {
    const { exchange } = this;
    if (exchange.canRespond) exchange.send(status, NO_FIELDS, null);
    else if (!exchange.responded) exchange.abort(fault);
  }

  failed(error: unknown): void {
    if (error instanceof Fault) {
      const { fault, finished, responded } = this.exchange;
      // What cannot become the fault of the exchange any more would be told nowhere else.
      const untold = finished || responded || (fault !== null && fault !== error);
      if (untold && error.kind.blame === 'us') this.errorLog.fault(this, error);
      this.failWith(error);
    } else {
      this.errorLog.defect(this, error);
      this.fail(EXCHANGE_FAULTS['handler-failed'], String(error), error);
    }
  }

  // The response side: header filters, then body filters, then the exchange.

  respond(status: number, fields: Fields, length: number, reason = ''): void {
    const sent = this.#statusOf(status);
    const filtered = this.#begin(sent, fields, length);
    this.#sink.respond(sent, filtered, length, sent === status ? reason : '');
  }

  write(chunk: Uint8Array, start: number, end: number): boolean {
    return this.#sink.write(chunk, start, end);
  }

  end(trailers: Fields | null): void {
    this.#sink.end(trailers);
  }

  send(status: number, fields: Fields, body: string | Uint8Array | null, reason = ''): void {
    const sent = this.#statusOf(status);
    const filtered = this.#begin(sent, fields, body === null ? 0 : body.length);
    this.#sink.send(sent, filtered, body, sent === status ? reason : '');
  }

  #statusOf(status: number): number {
    if (this.pageStatus === 0) return status;
    return (status >= 200 && status < 300) || status === this.errorStatus
      ? this.pageStatus
      : status;
  }

  /** Puts the filters of the location in front of the exchange; returns the fields to send. */
  #begin(status: number, fields: Fields, length: number): Fields {
    const { headerFilters, bodyFilters } = this.location;
    let sent = this.errorFields === null ? fields : withMissing(fields, this.errorFields);
    for (let i = 0; i < headerFilters.length; i++) {
      sent = headerFilters[i]?.filter(this, status, sent) ?? sent;
    }
    this.sentFields = sent;
    this.sentLength = length;
    this.#sink = this.exchange;
    for (let i = bodyFilters.length - 1; i >= 0; i--) {
      this.#sink = bodyFilters[i]?.wrap(this, status, sent, length, this.#sink) ?? this.#sink;
    }
    return sent;
  }

  // The exchange's side.

  onDrain(): void {
    try {
      this.#follower?.onDrain();
    } catch (error) {
      this.failed(error);
    }
  }

  onHalfClose(): void {
    try {
      this.#follower?.onHalfClose?.();
    } catch (error) {
      this.failed(error);
    }
  }

  onAbort(fault: Fault): void {
    const follower = this.#follower;
    this.#follower = null;
    try {
      follower?.onAbort(fault);
    } catch (error) {
      this.errorLog.defect(this, error);
    }
  }

  onFinish(): void {
    this.#follower = null;
    if (this.#endWork !== null) this.#workAtEnd(this.#endWork);
    this.pipeline.finished(this);
  }

  // Each may be in the list of another request as soon as it was called.
  #workAtEnd(first: EndWork): void {
    this.#endWork = null;
    for (let work: EndWork | null = first; work !== null;) {
      const next: EndWork | null = work.nextEndWork;
      work.nextEndWork = null;
      try {
        work.onRequestEnd();
      } catch (error) {
        this.errorLog.defect(this, error);
      }
      work = next;
    }
  }
}

/** `fields` with those of `more` that it does not have. */
function withMissing(fields: Fields, more: Fields): Fields {
  const all = fields.copy();
  for (let at = 0; at < more.size; at++) {
    const name = more.nameAt(at);
    if (all.indexOfName(name) < 0) all.append(name, more.valueAt(at));
  }
  return all;
}

export { RequestContext as Context };
