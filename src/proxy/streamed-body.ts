import type { Fault } from '../base/index.ts';
import type { BodyReceiver, Fields, OutgoingCall } from '../http/message/index.ts';
import type { Context } from '../pipeline/index.ts';
import type { BodySource, OnBodyFault } from './body-source.ts';
import { passedTrailers } from './response-fields.ts';

/** Bytes that are kept so that they can be sent to another server. */
const KEPT = 64 * 1024;
/** In how many pieces: a client chooses how small they are, and each costs more than its bytes. */
const KEPT_PIECES = 256;

interface Piece {
  readonly chunk: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/**
 * A request body that is passed on as it comes. Its beginning is kept until it grows long, because
 * a server that refuses the connection has seen nothing of it. What is kept counts as held for the client.
 */
export class StreamedBody implements BodySource, BodyReceiver {
  readonly length: number;
  readonly #context: Context;
  readonly #onFault: OnBodyFault;
  #kept: Piece[] | null = [];
  #keptBytes = 0;
  #claimed = false;
  #ended = false;
  #trailers: Fields | null = null;
  #call: OutgoingCall | null = null;
  #over = false;

  constructor(context: Context, onFault: OnBodyFault) {
    this.#context = context;
    this.#onFault = onFault;
    this.length = context.request.contentLength;
  }

  get repeatable(): boolean {
    return this.#kept !== null;
  }

  prepare(ready: () => void): void {
    ready();
  }

  sendTo(call: OutgoingCall): void {
    this.#call = call;
    if (!this.#claimed) {
      this.#claimed = true;
      this.#context.receive(this);
      return;
    }
    let room = true;
    for (const { chunk, start, end } of this.#kept ?? []) room = call.write(chunk, start, end);
    if (this.#ended) call.end(this.#trailers);
    else if (room) this.#context.exchange.resume();
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    if (this.#over) return;
    const call = this.#call;
    this.#keep(chunk, start, end, call);
    if (call === null || !call.write(chunk, start, end)) this.#context.exchange.pause();
  }

  #keep(chunk: Uint8Array, start: number, end: number, call: OutgoingCall | null): void {
    if (this.#kept === null) return;
    const bytes = end - start;
    // Between two calls, and before one has its connection, what comes must not be lost.
    const fits = this.#keptBytes + bytes <= KEPT && this.#kept.length < KEPT_PIECES;
    if (fits || call === null || call.sent === 'nothing') {
      this.#kept.push({ chunk, start, end });
      this.#keptBytes += bytes;
      this.#context.exchange.budget.take(bytes);
    } else this.#keepNothing();
  }

  #keepNothing(): void {
    this.#kept = null;
    this.#context.exchange.budget.give(this.#keptBytes);
    this.#keptBytes = 0;
  }

  onEnd(trailers: Fields | null): void {
    this.#ended = true;
    this.#trailers = passedTrailers(trailers);
    this.#call?.end(this.#trailers);
  }

  onAbort(fault: Fault): void {
    if (this.#over) return;
    this.#over = true;
    this.#onFault(fault);
  }

  drain(): void {
    if (!this.#ended) this.#context.exchange.resume();
  }

  detach(): void {
    this.#call = null;
    if (this.#claimed && !this.#ended && !this.#over) this.#context.exchange.pause();
  }

  dispose(): void {
    this.#over = true;
    this.#call = null;
    this.#keepNothing();
  }
}
