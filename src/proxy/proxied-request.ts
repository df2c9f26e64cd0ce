/**
 * One request on its way to a server and back: which server, and which next, until one has answered.
 * From then on it is a pipe between the answer and the client.
 *
 * Rules.
 *  - A request goes to another server only if nobody has heard of an answer yet, its body can be sent
 *    again, and doing it twice does no harm (or nothing of it was sent, or the configuration allows it).
 *  - The client's end and the servers' end stop each other, exactly once, and every server that was
 *    given the request is released exactly once.
 */
import { Fault } from '../base/index.ts';
import {
  EXCHANGE_FAULTS,
  FIELD,
  type Fields,
  type OutgoingCall,
  type ResponseReceiver,
} from '../http/message/index.ts';
import { isIdempotent } from '../net/index.ts';
import type { Context, RequestFollower, UpstreamTry } from '../pipeline/index.ts';
import { type BodySource, NO_BODY } from './body-source.ts';
import { BufferedResponse } from './buffered-response.ts';
import { rewriteCookies } from './cookie-rewrite.ts';
import { PROXY_FAULTS } from './faults.ts';
import { conditionOfFault, conditionOfStatus, countsAsFailure } from './next-upstream.ts';
import type { NextUpstreamCondition } from './options.ts';
import { OutgoingHead } from './outgoing-head.ts';
import type { Peer } from './peer.ts';
import type { ProxyRoute } from './proxy-route.ts';
import { rewriteRedirects } from './redirect-rewrite.ts';
import { hideFields, passedTrailers } from './response-fields.ts';
import { SpooledBody } from './spooled-body.ts';
import { StreamedBody } from './streamed-body.ts';
import { type TraceWants, traceOf, TryRecord } from './upstream-trace.ts';

const NOBODY: readonly Peer[] = [];
const ASKS_ON = ', and another one is asked';

/** See the head of this file. */
export class ProxiedRequest implements RequestFollower {
  readonly #context: Context;
  readonly #route: ProxyRoute;
  readonly #head: OutgoingHead;
  readonly #body: BodySource;
  readonly #session: string | null;
  #tried: readonly Peer[] = NOBODY;
  readonly #startedAt: number;
  readonly #wants: TraceWants;
  readonly #trace: (UpstreamTry | null)[] | null;
  #attempt: Attempt | null = null;
  #buffers = false;
  #buffer: BufferedResponse | null = null;
  #responded = false;
  #tunnel = false;
  #clientEnded = false;
  #serverEnded = false;
  #over = false;

  constructor(context: Context, route: ProxyRoute, wants: TraceWants) {
    this.#context = context;
    this.#route = route;
    this.#wants = wants;
    this.#trace = traceOf(context, wants);
    this.#head = new OutgoingHead(context, route);
    const { request } = context;
    this.#session = route.upstream.routeOf(request.path, request.fields);
    this.#startedAt = route.upstream.clock.monotonic();
    const hasBody = context.errorStatus === 0 && request.contentLength !== 0;
    this.#body = hasBody ? this.#bodyOf(context) : NO_BODY;
  }

  #bodyOf(context: Context): BodySource {
    const { buffersRequest, spool } = this.#route;
    const onFault = (fault: Fault): void => {
      this.#bodyFailed(fault);
    };
    return buffersRequest
      ? new SpooledBody(context, spool, onFault)
      : new StreamedBody(context, onFault);
  }

  /** Begins; everything else follows by itself. */
  start(): void {
    this.#context.follow(this);
    if (this.#body === NO_BODY) this.#next(null);
    else {
      this.#body.prepare(() => {
        this.#next(null);
      });
    }
  }

  // Asks the next server; where there is none, `fault` is what the client gets to know.
  #next(fault: Fault | null): void {
    if (this.#over) return;
    const { upstream } = this.#route;
    const peer = upstream.choose(this.#session, this.#tried);
    if (peer === null) {
      this.#traceNobody();
      const none = new Fault(PROXY_FAULTS['upstream-none'], 'connect', upstream.name);
      this.#giveUp(fault === null ? none : this.#placed(fault));
    } else {
      if (fault !== null) this.#context.errorLog.fault(this.#context, this.#placed(fault, ASKS_ON));
      this.#ask(peer);
    }
  }

  // A fault as logs are to tell it, with the server that was asked last.
  #placed({ kind, stage, detail, cause }: Fault, more = ''): Fault {
    const where = `server ${this.#tried.at(-1)?.name ?? '-'} of upstream ${this.#route.upstream.name}${more}`;
    return new Fault(kind, stage, detail === '' ? where : `${detail}; ${where}`, cause);
  }

  #traceNobody(): void {
    if (this.#trace === null) return;
    const { clock, name } = this.#route.upstream;
    const now = clock.monotonic();
    const record = new TryRecord(name, now);
    record.failed(502);
    record.over(now);
    this.#trace.push(record);
  }

  #ask(peer: Peer): void {
    this.#tried = this.#tried === NOBODY ? [peer] : [...this.#tried, peer];
    const attempt = new Attempt(this, peer);
    this.#attempt = attempt;
    if (this.#trace !== null) {
      attempt.record = new TryRecord(peer.address, this.#now());
      this.#trace.push(attempt.record);
    }
    try {
      const request = this.#head.to(peer, this.#body.length);
      attempt.call = peer.transport.open(request, attempt, this.#route.timeouts);
      attempt.record?.begun(attempt.call);
    } catch (error) {
      this.#finish();
      this.#context.failed(error);
      return;
    }
    this.#body.sendTo(attempt.call);
  }

  #giveUp(fault: Fault): void {
    this.#buffer?.dispose();
    if (!this.#over) this.#finish();
    // Our direction of a tunnel may have ended well before, and is no complete response all the same.
    if (this.#tunnel) this.#context.exchange.abort(fault);
    else this.#context.failWith(fault);
  }

  // The request is over as far as servers are concerned.
  #finish(): void {
    this.#over = true;
    this.#releaseAttempt();
    this.#body.dispose();
  }

  #releaseAttempt(): void {
    const attempt = this.#attempt;
    this.#attempt = null;
    if (attempt === null) return;
    attempt.peer.release();
    attempt.record?.over(this.#now());
  }

  #now(): number {
    return this.#route.upstream.clock.monotonic();
  }

  // Our body source cannot go on: the client left, was too slow or sent too much.
  #bodyFailed(fault: Fault): void {
    if (this.#over) return;
    this.#attempt?.call?.abort(fault);
    this.#giveUp(fault);
  }

  // The client's side.

  onDrain(): void {
    if (this.#buffer === null) this.#attempt?.call?.resume();
    else this.#buffer.drain();
  }

  onAbort(fault: Fault): void {
    this.#buffer?.dispose();
    if (this.#over) return;
    this.#attempt?.call?.abort(fault);
    this.#finish();
  }

  onHalfClose(): void {
    if (this.#responded || this.#over) return;
    const fault = new Fault(EXCHANGE_FAULTS['client-left'], 'upstream-head', 'half-closed');
    this.#context.exchange.abort(fault);
  }

  // The server's side; called by the attempt that is current.

  /** A connection for the attempt was made. */
  connected({ record }: Attempt): void {
    record?.connected(this.#now());
  }

  /** An interim response came. */
  inform(status: number, fields: Fields): void {
    this.#context.exchange.inform(status, hideFields(fields));
  }

  /** The final head came. */
  respond(attempt: Attempt, status: number, reason: string, fields: Fields, length: number): void {
    if (!this.#accepts(attempt, status, fields)) return;
    if (status === 101) {
      this.#beginTunnel(attempt, fields);
      return;
    }
    this.#buffers = this.#route.buffersResponse && fields.get(FIELD.xAccelBuffering) !== 'no';
    this.#context.respond(status, this.#passedFields(fields), length, reason);
  }

  /** A response came that is complete already. */
  respondWhole(
    attempt: Attempt,
    status: number,
    reason: string,
    fields: Fields,
    body: string,
  ): void {
    try {
      if (!this.#accepts(attempt, status, fields)) return;
      if (attempt.record !== null) attempt.record.bodyLength = body.length;
      this.#finish();
      this.#context.send(status, this.#passedFields(fields), body, reason);
    } catch (error) {
      // The call is over, so that nobody else would tell the client.
      if (!this.#over) this.#finish();
      this.#context.failed(error);
    }
  }

  // Whether the answer is the one for the client; else another server is being asked.
  #accepts(attempt: Attempt, status: number, fields: Fields): boolean {
    // What is not for the client is taken out of the fields in place, so they are copied before.
    attempt.record?.answered(this.#now(), status, this.#wants.fields ? fields.copy() : null);
    if (status >= 400 && this.#passesOver(attempt, status)) return false;
    this.#responded = true;
    attempt.peer.succeeded();
    return true;
  }

  #passedFields(fields: Fields): Fields {
    hideFields(fields);
    rewriteRedirects(fields, this.#route.redirects);
    rewriteCookies(fields, this.#route.cookies);
    return fields;
  }

  #bufferFor(attempt: Attempt): BufferedResponse {
    const context = this.#context;
    const sides = {
      write: (chunk: Uint8Array, start: number, end: number) => context.write(chunk, start, end),
      end: (trailers: Fields | null) => {
        context.end(trailers);
      },
      pause: () => attempt.call?.pause(),
      resume: () => attempt.call?.resume(),
      fail: (fault: Fault) => {
        attempt.call?.abort(fault);
        this.#giveUp(fault);
      },
    };
    return new BufferedResponse(sides, this.#route.spool, context.exchange.budget);
  }

  // Whether another server is asked instead of passing this status on.
  #passesOver(attempt: Attempt, status: number): boolean {
    const condition = conditionOfStatus(status);
    if (condition === null || !this.#mayRepeat(condition, attempt.call)) return false;
    const { upstream } = this.#route;
    const peer = upstream.choose(this.#session, this.#tried);
    if (peer === null) return false;
    const failed = countsAsFailure(condition);
    if (failed) attempt.peer.failed(upstream.clock.monotonic());
    const fault = new Fault(PROXY_FAULTS['upstream-status'], 'upstream-head', `${status}`);
    attempt.call?.abort(fault);
    const { kind, stage, message } = this.#placed(fault, ASKS_ON);
    // A server that does not have a thing may be quite well.
    const level = failed ? 'warn' : 'info';
    this.#context.errorLog.log(level, `${kind.code} (${stage}): ${message}`, this.#context);
    this.#body.detach();
    this.#releaseAttempt();
    this.#ask(peer);
    return true;
  }

  #mayRepeat(condition: NextUpstreamCondition, call: OutgoingCall | null): boolean {
    const { conditions, tries, retryTimeout, upstream } = this.#route;
    if (!conditions.has(condition) || !this.#body.repeatable) return false;
    if (this.#tried.length >= tries) return false;
    if (retryTimeout > 0 && upstream.clock.monotonic() - this.#startedAt >= retryTimeout) {
      return false;
    }
    return (
      call === null ||
      call.sent === 'nothing' ||
      isIdempotent(this.#context.method) ||
      conditions.has('non-idempotent')
    );
  }

  /** Bytes of the body came. */
  data(attempt: Attempt, chunk: Uint8Array, start: number, end: number): void {
    if (attempt.record !== null) attempt.record.bodyLength += end - start;
    if (this.#buffer !== null) {
      this.#buffer.data(chunk, start, end);
      return;
    }
    const sink = this.#tunnel ? this.#context.exchange : this.#context;
    if (sink.write(chunk, start, end)) return;
    if (this.#buffers) this.#buffer = this.#bufferFor(attempt);
    else attempt.call?.pause();
  }

  /** The response is complete, or the server's side of the tunnel ended. */
  ended(trailers: Fields | null): void {
    if (this.#tunnel) {
      this.#serverEnded = true;
      if (this.#clientEnded) this.#finish();
      this.#context.exchange.end(null);
      return;
    }
    this.#finish();
    const passed = passedTrailers(trailers);
    if (this.#buffer === null) this.#context.end(passed);
    else this.#buffer.end(passed);
  }

  /** The server did not answer, or not to the end. */
  failed(attempt: Attempt, fault: Fault): void {
    const condition = conditionOfFault(fault);
    if (condition !== null && !this.#responded && fault.kind.blame === 'upstream') {
      attempt.peer.failed(this.#route.upstream.clock.monotonic());
    }
    if (condition !== null) attempt.record?.failed(condition === 'timeout' ? 504 : 502);
    const repeats =
      condition !== null && !this.#responded && this.#mayRepeat(condition, attempt.call);
    this.#body.detach();
    this.#releaseAttempt();
    if (repeats) this.#next(fault);
    else if (this.#tunnel && condition === 'timeout') {
      // As in nginx: both ends are told in order that nobody used it.
      this.#finish();
      this.#context.exchange.closeTunnel(this.#placed(fault));
    } else this.#giveUp(condition === null ? fault : this.#placed(fault));
  }

  /** The server takes bytes again. */
  drained(): void {
    if (this.#tunnel) this.#context.exchange.resume();
    else this.#body.drain();
  }

  #beginTunnel(attempt: Attempt, fields: Fields): void {
    const { exchange } = this.#context;
    const { call } = attempt;
    this.#tunnel = true;
    exchange.tunnel(101, hideFields(fields));
    exchange.receive({
      onData: (chunk, start, end) => {
        if (call !== null && !call.write(chunk, start, end)) exchange.pause();
      },
      onEnd: () => {
        this.#clientEnded = true;
        call?.end(null);
        if (this.#serverEnded) this.#finish();
      },
      // The exchange was cut off, which `onAbort` of the follower hears as well.
      onAbort: () => {},
    });
  }
}

/** One server asked once. Hears the server, and passes on what it says. */
class Attempt implements ResponseReceiver {
  readonly peer: Peer;
  call: OutgoingCall | null = null;
  /** What is kept of it for variables; null where nobody reads them. */
  record: TryRecord | null = null;
  readonly #request: ProxiedRequest;

  constructor(request: ProxiedRequest, peer: Peer) {
    this.#request = request;
    this.peer = peer;
  }

  onConnected(): void {
    this.#request.connected(this);
  }

  onInform(status: number, fields: Fields): void {
    this.#request.inform(status, fields);
  }

  onHead(status: number, reason: string, fields: Fields, length: number): void {
    this.#request.respond(this, status, reason, fields, length);
  }

  onWhole(status: number, reason: string, fields: Fields, body: string): void {
    this.#request.respondWhole(this, status, reason, fields, body);
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    this.#request.data(this, chunk, start, end);
  }

  onEnd(trailers: Fields | null): void {
    this.#request.ended(trailers);
  }

  onAbort(fault: Fault): void {
    this.#request.failed(this, fault);
  }

  onDrain(): void {
    this.#request.drained();
  }
}
