/**
 * A call of a pool: it begins before there is a connection, and may move to another one. What the
 * caller writes before the connection stands waits here; a body that is small enough is kept until the
 * back end answers, so that the call can be repeated.
 */
import type { Fault, FaultKind } from '../base/index.ts';
import {
  CALL_FAULTS,
  type CallTimeouts,
  type Fields,
  type OutgoingCall,
  type OutgoingRequest,
  type ResponseReceiver,
  type SerialCall,
  type SerialConnection,
} from '../http/message/index.ts';

/** The pool as its calls see it. */
export interface CallOwner {
  /** The call lost an idle connection before it was answered: give it a fresh one. */
  redial(call: PooledCall): void;
  /** The call was given up while it waited for a connection. */
  undial(call: PooledCall): void;
  /** The call is over. Called once. */
  onCallOver(call: PooledCall): void;
}

/** Bytes of a body that are kept to be sent again. */
const KEPT_BODY = 64 * 1024;
/** In how many pieces: a client chooses how small they are, and each costs more than its bytes. */
const KEPT_PIECES = 256;

/** How a connection shows that it was ended while it was idle. */
const IDLE_ENDED: ReadonlySet<FaultKind> = new Set([
  CALL_FAULTS['call-unanswered'],
  CALL_FAULTS['call-unasked'],
  CALL_FAULTS['call-ping-timeout'],
]);

interface Piece {
  readonly chunk: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** See the head of this file. */
export class PooledCall implements OutgoingCall, ResponseReceiver {
  readonly request: OutgoingRequest;
  readonly timeouts: CallTimeouts;
  readonly #owner: CallOwner;
  readonly #receiver: ResponseReceiver;
  #call: SerialCall | null = null;
  // The body as far as it came, null once it need not or cannot be sent again.
  #body: Piece[] | null = [];
  #bodyBytes = 0;
  #ended = false;
  #trailers: Fields | null = null;
  #answered = false;
  #paused = false;
  #owesDrain = false;
  #backEnded = false;
  #over = false;

  constructor(
    owner: CallOwner,
    request: OutgoingRequest,
    receiver: ResponseReceiver,
    timeouts: CallTimeouts,
  ) {
    this.#owner = owner;
    this.request = request;
    this.#receiver = receiver;
    this.timeouts = timeouts;
  }

  // Driven by the pool.

  /** There is a connection; `reused` says that it was idle before. */
  begin(connection: SerialConnection, reused: boolean): void {
    const call = connection.open(this.request, this, this.timeouts);
    this.#call = call;
    if (!reused) this.#receiver.onConnected?.();
    if (this.#paused) call.pause();
    let room = true;
    const body = this.#body ?? [];
    for (const { chunk, start, end } of body) room = call.write(chunk, start, end);
    // What ends a fresh connection is the back end's doing, and would happen again.
    if (!reused) this.#body = null;
    if (this.#ended) call.end(this.#trailers);
    else if (room && this.#owesDrain) this.onDrain();
  }

  /** There will be no connection. */
  refuse(fault: Fault): void {
    if (this.#over) return;
    this.#finish();
    this.#receiver.onAbort(fault);
  }

  #finish(): void {
    this.#over = true;
    this.#body = null;
    this.#owner.onCallOver(this);
  }

  // The caller's side.

  get sent(): 'nothing' | 'head' | 'body' {
    return this.#call === null ? 'nothing' : this.#call.sent;
  }

  get received(): number {
    return this.#call === null ? 0 : this.#call.received;
  }

  write(chunk: Uint8Array, start: number, end: number): boolean {
    if (this.#over || end === start) return true;
    const call = this.#call;
    // Nothing is lost that has not left: a ping is in front of it, perhaps.
    const needed = call === null || call.sent === 'nothing';
    if (this.#body !== null && !this.#answered) this.#keep(chunk, start, end, needed);
    const room = call !== null && call.write(chunk, start, end);
    if (!room) this.#owesDrain = true;
    return room;
  }

  #keep(chunk: Uint8Array, start: number, end: number, needed: boolean): void {
    const body = this.#body;
    if (body === null) return;
    this.#bodyBytes += end - start;
    const fits = this.#bodyBytes <= KEPT_BODY && body.length < KEPT_PIECES;
    if (needed || fits) body.push({ chunk, start, end });
    else this.#body = null;
  }

  end(trailers: Fields | null): void {
    if (this.#over) return;
    const call = this.#call;
    if (this.request.length !== 0) {
      this.#ended = true;
      this.#trailers = trailers;
    }
    call?.end(trailers);
    if (this.#backEnded && call?.requestEnded === true) this.#finish();
  }

  abort(fault: Fault): void {
    if (this.#over) return;
    if (this.#call === null) this.#owner.undial(this);
    else this.#call.abort(fault);
    this.#finish();
  }

  pause(): void {
    this.#paused = true;
    this.#call?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#call?.resume();
  }

  // The connection's side.

  onInform(status: number, fields: Fields): void {
    this.#receiver.onInform(status, fields);
  }

  onHead(status: number, reason: string, fields: Fields, length: number): void {
    this.#answered = true;
    this.#body = null;
    this.#receiver.onHead(status, reason, fields, length);
  }

  onWhole(status: number, reason: string, fields: Fields, body: string): void {
    this.#finish();
    this.#receiver.onWhole(status, reason, fields, body);
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    this.#receiver.onData(chunk, start, end);
  }

  onEnd(trailers: Fields | null): void {
    const call = this.#call;
    // A tunnel goes on in the other direction until that ends, too.
    if (call !== null && call.tunnel && !call.requestEnded) this.#backEnded = true;
    else this.#finish();
    this.#receiver.onEnd(trailers);
  }

  onAbort(fault: Fault): void {
    if (this.#repeatable(fault)) {
      this.#call = null;
      this.#owner.redial(this);
      return;
    }
    this.#finish();
    this.#receiver.onAbort(fault);
  }

  // A connection that was idle may have been ended by the back end just now, which says nothing about
  // this request. It is repeated on a fresh one if that cannot do anything twice (RFC 9110 section 9.2.2).
  #repeatable(fault: Fault): boolean {
    const call = this.#call;
    if (call === null || this.#body === null) return false;
    if (call.sent === 'nothing') return IDLE_ENDED.has(fault.kind);
    // Of what has left, no more than that is kept for long.
    const isKept = this.#bodyBytes <= KEPT_BODY && this.#body.length <= KEPT_PIECES;
    return (
      isKept && fault.kind === CALL_FAULTS['call-unanswered'] && isIdempotent(this.request.method)
    );
  }

  onDrain(): void {
    this.#owesDrain = false;
    this.#receiver.onDrain();
  }
}

/** Whether doing the same request twice has the effect of doing it once (RFC 9110 section 9.2.2). */
export function isIdempotent(method: string): boolean {
  switch (method) {
    case 'GET':
    case 'HEAD':
    case 'OPTIONS':
    case 'PUT':
    case 'DELETE':
    case 'TRACE':
      return true;
    default:
      return false;
  }
}
