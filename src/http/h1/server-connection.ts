/**
 * The server's side of one HTTP/1.1 connection: parser in, exchanges out, responses back in order. It
 * holds no socket and no timer; `net` drives it through `WireProtocol`.
 *
 * Rules.
 *  - One exchange at a time. Bytes of the next request stay unread until the response before it ended
 *    and its own request body is out of the way, so no byte is ever looked at twice.
 *  - A body flows only while somebody wants it. When nobody does, the wire is paused once something is
 *    left over, and the client feels the back-pressure.
 *  - Input whose framing is in doubt ends the connection behind the answer.
 *  - An exchange is finished when its response was taken by the operating system.
 */
import { Fault } from '../../base/index.ts';
import type { Exchange } from '../message/exchange.ts';
import { EXCHANGE_FAULTS } from '../message/faults.ts';
import type { Fields } from '../message/fields.ts';
import type { ConnectionFacts } from '../message/request.ts';
import { ServerWatch } from '../message/server-watch.ts';
import { type InputOwner, WireInput } from '../message/wire-input.ts';
import type { Activity, Wire, WireProtocol } from '../message/wire.ts';
import { H1_REQUEST_FAULTS as FAULTS } from './faults.ts';
import { HeadOpening } from './head-writer.ts';
import { EVENT } from './message-parser.ts';
import { RequestParser } from './request-parser.ts';
import { H1ServerExchange, type H1ServerLine } from './server-exchange.ts';
import type { H1ServerSettings } from './settings.ts';

/** See the head of this file. */
export class H1ServerConnection implements WireProtocol, H1ServerLine, InputOwner {
  readonly #wire: Wire;
  readonly #facts: ConnectionFacts;
  readonly #settings: H1ServerSettings;
  readonly #opening: HeadOpening;
  readonly #parser: RequestParser;
  readonly #watch: ServerWatch;
  readonly #input: WireInput;

  #exchange: H1ServerExchange | null = null;
  // Exchanges whose responses ended and wait for the operating system to take the last bytes.
  readonly #unflushed: Exchange[] = [];
  #running = false;
  #borrowed = false;
  #requestRead = true;
  #responseEnded = true;
  #halfCloseTold = false;
  #discarded = 0;
  #wireFull = false;
  #peerEnded = false;
  // The next answer is the last one.
  #last = false;
  #retired = false;
  #closing = false;
  #gone = false;
  #tunnel = false;
  #tunnelSideEnded = false;

  constructor(
    wire: Wire,
    facts: ConnectionFacts,
    settings: H1ServerSettings,
    opening: HeadOpening,
  ) {
    this.#wire = wire;
    this.#facts = facts;
    this.#settings = settings;
    this.#opening = opening;
    this.#parser = new RequestParser(settings.limits, settings.lenientLineEnds);
    this.#watch = new ServerWatch(settings);
    this.#input = new WireInput(wire, settings.budget);
  }

  get deadline(): number {
    return this.#watch.deadline;
  }

  set deadline(time: number) {
    this.#watch.deadline = time;
  }

  get tunnelling(): boolean {
    return this.#tunnel;
  }

  get activity(): Activity {
    if (this.#tunnel) return 'tunnel';
    if (this.#exchange !== null) return this.#requestRead ? 'answering' : 'reading';
    return this.#parser.idle ? 'idle' : 'reading';
  }

  /** Whether no request is under way, and none has begun to arrive. */
  get idle(): boolean {
    return this.#exchange === null && this.#parser.idle;
  }

  // Driven by net.

  onBytes(chunk: Uint8Array, start: number, end: number): void {
    if (this.#closing) return;
    if (this.#tunnel) {
      this.#exchange?.takeData(chunk, start, end);
      return;
    }
    this.#borrowed = this.borrowsBytes;
    this.#parser.push(chunk, start, end);
    this.#run();
    if (this.#borrowed) {
      this.#borrowed = false;
      this.#parser.keepUnread();
    }
  }

  /** A head is read in place; the bytes of a body or a tunnel belong to whoever claims them. */
  get borrowsBytes(): boolean {
    return this.#requestRead && !this.#tunnel;
  }

  onPeerEnd(): void {
    if (this.#closing || this.#peerEnded) return;
    this.#peerEnded = true;
    this.#facts.peerEnded = true;
    if (this.#tunnel) {
      // Bytes that nobody has claimed yet come first; see `bodyWanted`.
      if (this.#exchange?.bodyClaimed === true) this.#exchange.takeEnd(null);
      this.#endTunnel();
    } else {
      this.#run();
    }
  }

  onDrain(): void {
    this.#wireFull = false;
    this.#exchange?.takeDrain();
    this.#run();
  }

  onBlocked(): void {
    this.#watch.blockedWith(this.#wire.queued);
  }

  onFlushed(): void {
    this.#watch.flushed();
    while (this.#unflushed.length > 0) this.#unflushed.shift()?.finish();
    this.#run();
  }

  onClose(error: Error | null): void {
    if (this.#gone) return;
    this.#gone = true;
    this.#watch.flushed();
    this.#watch.nothing();
    this.#input.close();
    this.#input.hold(0);
    const detail = error === null ? '' : error.message;
    for (const exchange of this.#unflushed.splice(0)) {
      exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], 'response', detail));
    }
    const exchange = this.#exchange;
    this.#exchange = null;
    if (exchange !== null) {
      const stage = exchange.bodyPending ? 'request-body' : 'response';
      exchange.abort(new Fault(EXCHANGE_FAULTS['client-left'], stage, detail));
    } else if (!this.#closing && !this.#parser.idle) {
      // Nobody is left to answer, but there is something to log.
      this.#refuse(new Fault(FAULTS['h1-body-cut'], 'head', detail));
    }
    this.#closing = true;
  }

  windDown(): void {
    this.#last = true;
  }

  retire(): void {
    this.#last = true;
    this.#retired = true;
    this.#run();
  }

  onDeadline(now: number): void {
    const exchange = this.#exchange;
    if (this.#watch.blocked) {
      this.#blockedDeadline(now);
    } else if (this.#closing) {
      // The wire sees to what is left.
    } else if (exchange === null) {
      if (this.#parser.idle) this.#close();
      else this.#refuse(new Fault(FAULTS['h1-head-timeout'], 'head'));
    } else if (!this.#requestRead) {
      this.#bodyTimedOut(exchange, `${this.#settings.bodyTimeout} ms without a byte`);
    }
  }

  #blockedDeadline(now: number): void {
    const trouble = this.#watch.stillBlocked(this.#wire.queued, now);
    if (trouble === null) return;
    const fault = new Fault(FAULTS['h1-send-timeout'], 'response', trouble);
    for (const waiting of this.#unflushed.splice(0)) waiting.abort(fault);
    this.#exchange?.abort(fault);
    this.#destroy();
  }

  onRelief(): void {
    this.#run();
  }

  // Called by the exchange; `H1ServerLine` tells the meaning.

  put(data: string | Uint8Array): boolean {
    if (this.#gone) return true;
    const room = this.#wire.write(data);
    if (!room) this.#wireFull = true;
    this.#watch.added(data.length);
    return room;
  }

  opening(status: number, reason: string, fields: Fields): string {
    return this.#opening.text(status, reason, fields, this.#settings.clock.wall());
  }

  connectionLine(exchange: Exchange): string {
    if (
      this.#last ||
      this.#peerEnded ||
      !this.#parser.keepAlive ||
      this.#facts.requests >= this.#settings.keepAliveRequests ||
      (!exchange.bodyClaimed && exchange.request.contentLength > this.#settings.discardLimit)
    ) {
      exchange.closes = true;
    }
    if (exchange.closes) return 'Connection: close\r\n';
    return exchange.request.version >= 11 ? '' : 'Connection: keep-alive\r\n';
  }

  bodyWanted(): void {
    const exchange = this.#exchange;
    if (exchange === null) return;
    if (!this.#tunnel) {
      this.#watch.bodyWanted(exchange.bodyBytesReceived);
      this.#run();
      return;
    }
    const unread = this.#parser.takeUnread();
    const rest = this.#borrowed ? Buffer.from(unread) : unread;
    this.#input.hold(0);
    if (rest.length > 0) exchange.takeData(rest, 0, rest.length);
    if (exchange.paused) return;
    this.#input.resume();
    if (this.#peerEnded) {
      exchange.takeEnd(null);
      this.#endTunnel();
    }
  }

  bodyHeld(): void {
    if (this.#tunnel) this.#input.pause();
    else this.#watch.nothing();
  }

  responseEnded(exchange: Exchange): void {
    this.#responseEnded = true;
    this.#watch.nothing();
    this.#finishWhenFlushed(exchange);
    this.#run();
  }

  // With nothing queued no flush will follow.
  #finishWhenFlushed(exchange: Exchange): void {
    if (this.#gone || this.#wire.queued === 0) exchange.finish();
    else this.#unflushed.push(exchange);
  }

  beginTunnel(): void {
    this.#tunnel = true;
    this.#watch.nothing();
    // Until somebody claims the client's bytes they are not read.
    this.#input.pause();
  }

  tunnelEnded(): void {
    this.#tunnelSideEnded = true;
    this.#wire.end();
    this.#endTunnel();
  }

  #endTunnel(): void {
    const exchange = this.#exchange;
    if (exchange === null || exchange.bodyPending || !this.#tunnelSideEnded) return;
    this.#exchange = null;
    this.#finishWhenFlushed(exchange);
    this.#close();
  }

  reset(exchange: Exchange): void {
    if (this.#exchange === exchange) this.#exchange = null;
    this.#destroy();
  }

  // The machine.

  // Everything that may make progress possible ends here. Calls from inside a handler that is being run
  // by this very method only leave their mark; the loop sees it.
  #run(): void {
    if (this.#running || this.#gone) return;
    this.#running = true;
    try {
      do while (this.#step());
      while (this.#settle());
    } catch (error) {
      this.#settings.onDefect(error);
      this.#exchange?.abort(new Fault(EXCHANGE_FAULTS['handler-failed'], 'handler', '', error));
      this.#destroy();
    } finally {
      this.#running = false;
    }
  }

  // One event; true while there may be another.
  #step(): boolean {
    if (this.#closing || this.#tunnel) return false;
    const exchange = this.#exchange;
    if (exchange === null) return !this.#wireFull && this.#nextRequest();
    if (this.#responseEnded) {
      if (exchange.closes || exchange.aborted) {
        this.#exchange = null;
        this.#close();
        return false;
      }
      if (this.#requestRead) {
        this.#exchange = null;
        return true;
      }
      return this.#discardBody(exchange);
    }
    if (this.#requestRead || !exchange.bodyClaimed || exchange.paused) return false;
    return this.#readBody(exchange);
  }

  #nextRequest(): boolean {
    switch (this.#parser.next()) {
      case EVENT.head:
        this.#beginExchange();
        return true;
      case EVENT.refused:
        this.#refuse(this.#parser.fault ?? new Fault(FAULTS['h1-request-line'], 'head'));
        return true;
      default:
        return false;
    }
  }

  #beginExchange(): void {
    const request = this.#parser.head;
    if (request === null) return;
    // A connection that waits for its next request is not to hold the last one.
    this.#parser.head = null;
    const startedAt = this.#watch.headEnded();
    this.#facts.requests++;
    // The end of a request without a body is read here, so that what follows is known to be the next.
    this.#requestRead = request.contentLength === 0 && this.#parser.next() === EVENT.end;
    this.#responseEnded = false;
    this.#halfCloseTold = false;
    this.#discarded = 0;
    const exchange = new H1ServerExchange(
      this,
      request,
      this.#facts,
      this.#settings.budget,
      startedAt,
      null,
    );
    this.#exchange = exchange;
    this.#hand(exchange);
  }

  #hand(exchange: H1ServerExchange): void {
    try {
      this.#settings.handler.onExchange(exchange);
    } catch (error) {
      this.#settings.onDefect(error);
      exchange.abort(new Fault(EXCHANGE_FAULTS['handler-failed'], 'handler', '', error));
    }
  }

  // Input that is no request, or not in time: the handler answers with the status of the fault.
  #refuse(fault: Fault): void {
    const settings = this.#settings;
    this.#facts.requests++;
    this.#watch.headEnded();
    this.#requestRead = true;
    this.#responseEnded = false;
    this.#halfCloseTold = true;
    const now = settings.clock.monotonic();
    const head = this.#parser.refusedHead();
    const exchange = new H1ServerExchange(this, head, this.#facts, settings.budget, now, fault);
    exchange.closes = true;
    this.#exchange = exchange;
    this.#hand(exchange);
    this.#run();
  }

  #readBody(exchange: H1ServerExchange): boolean {
    const parser = this.#parser;
    switch (parser.next()) {
      case EVENT.data:
        this.#giveData(exchange);
        this.#bodyCame(exchange);
        return true;
      case EVENT.end:
        this.#requestRead = true;
        this.#watch.nothing();
        exchange.takeEnd(parser.trailers);
        return true;
      case EVENT.refused:
        this.#bodyFault(exchange, parser.fault ?? new Fault(FAULTS['h1-chunk'], 'request-body'));
        return true;
      default:
        if (!this.#peerEnded) return false;
        parser.finish();
        this.#bodyFault(exchange, parser.fault ?? new Fault(FAULTS['h1-body-cut'], 'request-body'));
        return true;
    }
  }

  #giveData(exchange: H1ServerExchange): void {
    const parser = this.#parser;
    if (this.#borrowed) {
      this.#borrowed = false;
      parser.keepData();
    }
    exchange.takeData(parser.window, parser.dataStart, parser.dataEnd);
  }

  #bodyCame(exchange: H1ServerExchange): void {
    if (exchange.paused || this.#exchange !== exchange) return;
    const trouble = this.#watch.bodyCame(exchange.bodyBytesReceived);
    if (trouble !== null) this.#bodyTimedOut(exchange, trouble);
  }

  #bodyTimedOut(exchange: H1ServerExchange, detail: string): void {
    if (this.#responseEnded) {
      this.#exchange = null;
      this.#close();
    } else {
      this.#bodyFault(exchange, new Fault(FAULTS['h1-body-timeout'], 'request-body', detail));
    }
  }

  // What follows in the input is not to be trusted any more: the connection ends with the answer, which
  // is the handler's to give; it hears of the fault through the receiver of the body.
  #bodyFault(exchange: H1ServerExchange, fault: Fault): void {
    this.#requestRead = true;
    this.#watch.nothing();
    exchange.takeBodyFault(fault);
  }

  #discardBody(exchange: H1ServerExchange): boolean {
    const parser = this.#parser;
    switch (parser.next()) {
      case EVENT.data:
        this.#discarded += parser.dataEnd - parser.dataStart;
        if (this.#discarded > this.#settings.discardLimit) exchange.closes = true;
        return true;
      case EVENT.end:
        this.#requestRead = true;
        return true;
      case EVENT.refused:
        exchange.closes = true;
        return true;
      default:
        if (this.#peerEnded) exchange.closes = true;
        else this.#watch.awaitBodyStill();
        return this.#peerEnded;
    }
  }

  // Behind the last event: what to read, what to wait for. True where that made something happen that the
  // steps have to look at.
  #settle(): boolean {
    if (this.#closing) return false;
    const exchange = this.#exchange;
    this.#input.hold(this.#parser.held);
    if (this.#tunnel) return false;
    if (!this.#borrowed && this.#parser.wasteful) this.#parser.keepUnread();
    if (exchange === null) {
      if (this.#parser.idle && (this.#peerEnded || this.#retired)) {
        this.#close();
        return false;
      }
      if (this.#peerEnded) {
        this.#refuse(new Fault(FAULTS['h1-body-cut'], 'head'));
        return true;
      }
      if (!this.#parser.idle) this.#watch.headBegan();
      else if (this.#unflushed.length === 0) this.#watch.awaitRequest();
    } else if (
      this.#peerEnded &&
      this.#requestRead &&
      !this.#responseEnded &&
      !this.#halfCloseTold
    ) {
      this.#halfCloseTold = true;
      exchange.takeHalfClose();
      return true;
    } else if (this.#readsBody(exchange)) {
      // The wait may have begun while the client was watched for taking an earlier response.
      this.#watch.awaitBodyStill();
    }
    if (!this.#wantsBytes()) this.#input.pause();
    else this.#input.resumeWithin(this);
    return false;
  }

  #wantsBytes(): boolean {
    const exchange = this.#exchange;
    if (exchange === null) return !this.#wireFull;
    // Of a request that is complete nothing more comes, but the FIN of a client that leaves does.
    if (this.#requestRead) return this.#parser.unread === 0;
    // What is unread of a body is the beginning of a line whose end has not come.
    return this.#responseEnded || this.#readsBody(exchange);
  }

  /** Whether bytes of the request body are wanted for its receiver. */
  #readsBody(exchange: Exchange): boolean {
    return !this.#requestRead && !this.#responseEnded && exchange.bodyClaimed && !exchange.paused;
  }

  #close(): void {
    if (this.#closing) return;
    this.#closing = true;
    // A client that does not take what is queued is watched until it does.
    this.#watch.nothing();
    this.#input.hold(0);
    // Bytes may be on their way that nobody will read, unless the last request was read to its end.
    this.#wire.close(!this.#requestRead || this.#parser.unread > 0 || this.#parser.fault !== null);
    // Nobody reads what is left; a connection may linger, or wait for its client, for a long time.
    this.#parser.takeUnread();
  }

  #destroy(): void {
    this.#closing = true;
    this.#watch.flushed();
    this.#watch.nothing();
    this.#input.hold(0);
    if (!this.#gone) this.#wire.destroy();
  }
}
