/**
 * The Exchange: one request and its response, the same for every protocol in front of it. `net` and a
 * protocol core drive it from the wire's side, `pipeline` and its handlers from the other.
 *
 * Rules of the contract, each of them a test in `test/conformance/exchange-*.ts`:
 *  - The request body is pushed, synchronously, to one receiver; a chunk belongs to the receiver.
 *  - The response goes `respond`, any number of `write`, `end`; or `send`, which is all three at once.
 *    Framing is the protocol's business: the length is an argument, never a field.
 *  - When the response has ended, the rest of the request body is nobody's: the receiver hears no more.
 *  - `write` answers false when the client is slower than the handler; the chunk is taken all the same,
 *    and `onDrain` follows once.
 *  - Whatever happens, `onFinish` is called exactly once, last, and at most one `onAbort` before it.
 *  - A call out of order throws a `Fault`; it never corrupts what is on the wire.
 */
import { Fault, type MemoryBudget } from '../../base/index.ts';
import { EXCHANGE_FAULTS } from './faults.ts';
import type { Fields } from './fields.ts';
import { type ConnectionFacts, type RequestHead, UNKNOWN_LENGTH } from './request.ts';

/** Takes a message body as it arrives. */
export interface BodyReceiver {
  /** Bytes `[start, end)` of `chunk` are the next of the body. The receiver owns the chunk and may keep it. */
  onData(chunk: Uint8Array, start: number, end: number): void;
  /** The body is complete; `trailers` are the fields behind it, or null. Nothing follows. */
  onEnd(trailers: Fields | null): void;
  /** The body will never be complete. Nothing follows; the response may still be possible. */
  onAbort(fault: Fault): void;
}

/** Takes a response. The exchange is one; a body filter is one in front of another. */
export interface ResponseSink {
  /**
   * Sends the final response head. `length` is the exact number of body bytes to come, or
   * `UNKNOWN_LENGTH`; `fields` hold neither `Content-Length` nor `Transfer-Encoding` nor `Connection`.
   * An empty `reason` means the registered phrase of the status.
   */
  respond(status: number, fields: Fields, length: number, reason?: string): void;
  /** Sends bytes `[start, end)` of `chunk`. False: stop until `onDrain`. The sink owns the chunk. */
  write(chunk: Uint8Array, start: number, end: number): boolean;
  /** Ends the response; `trailers` are sent where protocol and client allow them. */
  end(trailers: Fields | null): void;
  /**
   * `respond`, `write` and `end` in one, for bodies that are there already; a string is latin1. The bytes
   * may be shared with other responses: nobody changes them.
   */
  send(status: number, fields: Fields, body: string | Uint8Array | null, reason?: string): void;
}

/** Follows one exchange; the pipeline's context of the request is one. */
export interface ExchangeObserver {
  /** Nothing of what was written so far is held any more, so its buffers may be used again; `write` may be called. */
  onDrain(): void;
  /** The client sent FIN behind a complete request; it may still be reading the response. */
  onHalfClose(): void;
  /** The exchange is over before its time: stop all work for it. Called at most once. */
  onAbort(fault: Fault): void;
  /** Everything is known that there is to log. Called exactly once, last. */
  onFinish(): void;
}

/** What a front hands its exchanges to: the pipeline. */
export interface ExchangeHandler {
  /** Takes one exchange. It sets `exchange.observer` before it returns. */
  onExchange(exchange: Exchange): void;
}

type ResponseState = 'waiting' | 'streaming' | 'tunnel' | 'ended';
type RequestState = 'unclaimed' | 'flowing' | 'ended' | 'aborted' | 'discarded';

const silent: ExchangeObserver = {
  onDrain: () => {},
  onHalfClose: () => {},
  onAbort: () => {},
  onFinish: () => {},
};

/**
 * The half of an exchange that is the same in every protocol: order of calls, accounting, and each
 * ending told once. A protocol extends it by the `put…` methods, which write to its wire, and calls the
 * `take…` methods when something comes from there.
 */
export abstract class Exchange implements ResponseSink {
  readonly request: RequestHead;
  readonly connection: ConnectionFacts;
  /** Bytes held for slow peers on this thread. */
  readonly budget: MemoryBudget;
  /** Set where the request was not acceptable: answer with its status, nothing else. */
  readonly refusal: Fault | null;
  /** Monotonic milliseconds at which the first byte of the request was read. */
  readonly startedAt: number;

  /** Who follows the exchange; set by the handler. */
  observer: ExchangeObserver = silent;
  /** Status of the final response, 0 before it was sent. */
  status = 0;
  /** Body bytes sent to the client, without framing. */
  bodyBytesSent = 0;
  /** All bytes sent for the response: head, framing and body. */
  bytesSent = 0;
  /** Body bytes received from the client, without framing. */
  bodyBytesReceived = 0;
  /** Why the exchange did not end well; null while, or if, it did. The first fault stays. */
  fault: Fault | null;
  /** Whether the connection ends with this exchange. A handler may set it, never clear it. */
  closes = false;

  #response: ResponseState = 'waiting';
  #request: RequestState;
  #receiver: BodyReceiver | null = null;
  #paused = false;
  #declared = UNKNOWN_LENGTH;
  #written = 0;
  #bodiless = false;
  #aborted = false;
  #finished = false;

  constructor(
    request: RequestHead,
    connection: ConnectionFacts,
    budget: MemoryBudget,
    startedAt: number,
    refusal: Fault | null,
  ) {
    this.request = request;
    this.connection = connection;
    this.budget = budget;
    this.startedAt = startedAt;
    this.refusal = refusal;
    this.fault = refusal;
    this.#request = request.contentLength === 0 ? 'ended' : 'unclaimed';
  }

  // What a protocol implements. None of them is called after the exchange finished or was aborted.

  /** Writes a 1xx head. */
  protected abstract putInform(status: number, fields: Fields): void;
  /** Writes the final head; where `body` is not null it is the whole body, and the response ends. */
  protected abstract putHead(
    status: number,
    reason: string,
    fields: Fields,
    length: number,
    body: string | Uint8Array | null,
    ends: boolean,
  ): void;
  /** Writes body bytes in the framing of the response; false when the wire is full. */
  protected abstract putData(chunk: Uint8Array, start: number, end: number): boolean;
  /** Ends the body in its framing. */
  protected abstract putEnd(trailers: Fields | null): void;
  /** Switches the connection, or the stream, to a tunnel behind a head of `status`. */
  protected abstract putTunnel(status: number, fields: Fields): void;
  /** Cuts the response off so that the client can tell it is not complete. */
  protected abstract putReset(fault: Fault): void;
  /** The receiver is there: let body bytes come (and send 100 Continue where it is waited for). */
  protected abstract startBody(): void;
  /** Stops or restarts the flow of body bytes. */
  protected abstract flowBody(on: boolean): void;

  // The handler's side.

  /** Whether a final response can still be sent. */
  get canRespond(): boolean {
    return this.#response === 'waiting' && !this.#aborted;
  }

  /** Whether the response is complete, as far as the handler is concerned. */
  get responded(): boolean {
    return this.#response === 'ended';
  }

  /** Whether the exchange was cut off. */
  get aborted(): boolean {
    return this.#aborted;
  }

  /** Whether somebody claimed the request body. */
  get bodyClaimed(): boolean {
    return this.#receiver !== null;
  }

  /** Whether bytes of the request body are still to come, claimed or not. */
  get bodyPending(): boolean {
    return this.#request === 'unclaimed' || this.#request === 'flowing';
  }

  /**
   * Claims the request body (or, in a tunnel, the bytes from the client). Without a body `onEnd` is
   * called before this returns. A body that nobody claims is read and thrown away after the response,
   * within limits, or ends the connection.
   */
  receive(receiver: BodyReceiver): void {
    if (this.#receiver !== null) throw misuse('the request body was claimed twice', this.fault);
    this.#receiver = receiver;
    if (this.#request === 'ended') {
      receiver.onEnd(null);
    } else if (this.#request === 'discarded') {
      throw misuse('the request body was claimed behind the response', this.fault);
    } else if (this.#request === 'aborted') {
      receiver.onAbort(this.fault ?? new Fault(EXCHANGE_FAULTS['client-left'], 'request-body'));
    } else {
      this.#request = 'flowing';
      this.startBody();
    }
  }

  /** Holds the request body back; what is already on its way to the receiver may still arrive. */
  pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    if (this.#request === 'flowing') this.flowBody(false);
  }

  /** Lets the request body flow again. */
  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    if (this.#request === 'flowing') this.flowBody(true);
  }

  /** Whether the receiver asked for a pause. */
  get paused(): boolean {
    return this.#paused;
  }

  /** Sends an interim response (100, 102 to 199); ignored for HTTP/1.0 clients, which know none. */
  inform(status: number, fields: Fields): void {
    if (this.#response !== 'waiting' || status < 100 || status > 199 || status === 101) {
      throw misuse(`${status} is no interim response, or it came behind the final one`, this.fault);
    }
    if (this.#aborted || this.request.version < 11) return;
    this.putInform(status, fields);
  }

  respond(status: number, fields: Fields, length: number, reason = ''): void {
    if (this.#start(status, length)) this.putHead(status, reason, fields, length, null, false);
  }

  send(status: number, fields: Fields, body: string | Uint8Array | null, reason = ''): void {
    const length = body === null ? 0 : body.length;
    if (!this.#start(status, length)) return;
    this.#written = length;
    this.#endResponse();
    if (!this.#bodiless) this.bodyBytesSent = length;
    this.putHead(status, reason, fields, length, this.#bodiless ? null : body, true);
  }

  #start(status: number, length: number): boolean {
    if (this.#response !== 'waiting') throw misuse('a second response', this.fault);
    if (status < 200 || status > 999) throw misuse(`${status} is no final status`, this.fault);
    if (this.#aborted) return false;
    this.status = status;
    this.#declared = length;
    this.#response = 'streaming';
    // RFC 9110 sections 9.3.2, 15.3.5, 15.4.5: a head alone, whatever the handler writes.
    this.#bodiless = status === 204 || status === 304 || this.request.method === 'HEAD';
    return true;
  }

  write(chunk: Uint8Array, start: number, end: number): boolean {
    if (this.#aborted) return true;
    if (this.#response !== 'streaming' && this.#response !== 'tunnel') {
      throw misuse('body bytes before the head or behind the end', this.fault);
    }
    if (end === start) return true;
    this.#written += end - start;
    if (this.#declared !== UNKNOWN_LENGTH && this.#written > this.#declared) {
      this.abort(new Fault(EXCHANGE_FAULTS['response-too-long'], 'response'));
      return true;
    }
    if (this.#bodiless) return true;
    this.bodyBytesSent += end - start;
    return this.putData(chunk, start, end);
  }

  end(trailers: Fields | null): void {
    if (this.#aborted) return;
    if (this.#response !== 'streaming' && this.#response !== 'tunnel') {
      throw misuse('an end before the head or behind the end', this.fault);
    }
    if (!this.#bodiless && this.#declared !== UNKNOWN_LENGTH && this.#written < this.#declared) {
      const detail = `${this.#written} of ${this.#declared} bytes`;
      this.abort(new Fault(EXCHANGE_FAULTS['response-too-short'], 'response', detail));
      return;
    }
    const tunnel = this.#response === 'tunnel';
    if (tunnel) this.#response = 'ended';
    else this.#endResponse();
    this.putEnd(this.#bodiless ? null : trailers);
  }

  #endResponse(): void {
    this.#response = 'ended';
    if (this.bodyPending) this.#request = 'discarded';
  }

  /**
   * Turns the exchange into a tunnel (RFC 9110 sections 7.8 and 9.3.6): behind the head both sides are
   * plain bytes, `receive` claims the client's, `end` closes our side. Only for a request that asked.
   */
  tunnel(status: number, fields: Fields): void {
    if (this.request.upgrade === null || this.bodyPending) {
      throw misuse('a tunnel that the client did not ask for', this.fault);
    }
    if (this.#response !== 'waiting') throw misuse('a tunnel behind a response', this.fault);
    if (this.#aborted) return;
    this.status = status;
    this.#response = 'tunnel';
    this.#request = 'unclaimed';
    this.#receiver = null;
    this.closes = true;
    this.putTunnel(status, fields);
  }

  /**
   * Ends a tunnel in both directions, and in order: what was written is sent, and what the client still sends goes
   * nowhere, of which its receiver is not told. For one that nobody uses; `fault` says so in the log.
   */
  closeTunnel(fault: Fault): void {
    if (this.#aborted || this.#finished) return;
    this.fault ??= fault;
    this.#response = 'ended';
    if (this.bodyPending) this.#request = 'discarded';
    this.putEnd(null);
  }

  /** Cuts the exchange off, from whichever side; the first fault counts, later calls do nothing. */
  abort(fault: Fault): void {
    if (this.#aborted || this.#finished) return;
    this.#aborted = true;
    this.fault ??= fault;
    this.closes = true;
    if (this.status === 0) this.status = fault.kind.status;
    this.putReset(fault);
    this.#abortBody(fault);
    this.observer.onAbort(fault);
    this.finish();
  }

  // The protocol's side.

  /** Body bytes came. */
  takeData(chunk: Uint8Array, start: number, end: number): void {
    if (this.#request !== 'flowing') return;
    this.bodyBytesReceived += end - start;
    this.#receiver?.onData(chunk, start, end);
  }

  /** The body is complete. */
  takeEnd(trailers: Fields | null): void {
    if (!this.bodyPending) return;
    const claimed = this.#request === 'flowing';
    this.#request = 'ended';
    if (claimed) this.#receiver?.onEnd(trailers);
  }

  /** The body broke off or was not well framed; the response, if it has not begun, still can be sent. */
  takeBodyFault(fault: Fault): void {
    if (!this.bodyPending) return;
    this.fault ??= fault;
    this.closes = true;
    this.#abortBody(fault);
  }

  #abortBody(fault: Fault): void {
    if (!this.bodyPending) return;
    const claimed = this.#request === 'flowing';
    this.#request = 'aborted';
    if (claimed) this.#receiver?.onAbort(fault);
  }

  /** The wire takes bytes again. */
  takeDrain(): void {
    if (!this.#aborted && !this.#finished) this.observer.onDrain();
  }

  /** The client sent FIN behind its complete request. */
  takeHalfClose(): void {
    if (!this.#aborted && !this.#finished) this.observer.onHalfClose();
  }

  /** All of the response was given to the operating system, or the exchange was cut off. */
  finish(): void {
    if (this.#finished) return;
    this.#finished = true;
    this.observer.onFinish();
  }

  /** Whether `onFinish` was called. */
  get finished(): boolean {
    return this.#finished;
  }
}

function misuse(what: string, cause: Fault | null): Fault {
  return new Fault(EXCHANGE_FAULTS['handler-failed'], 'handler', what, cause ?? undefined);
}
