/** The limit on request bodies whose length only their framing tells (chunked, HTTP/2). */
import { Fault } from '../base/index.ts';
import type { BodyReceiver, Fields } from '../http/message/index.ts';
import type { Context } from './handler.ts';
import { PIPELINE_FAULTS } from './faults.ts';

/** The fault of a body that is larger than its location allows; `bytes` is as much as is known of it. */
export function bodyTooLarge(bytes: number, limit: number): Fault {
  const detail = `${bytes} of at most ${limit} bytes`;
  return new Fault(PIPELINE_FAULTS['body-too-large'], 'request-body', detail);
}

/**
 * Counts what goes through to another receiver. Above the limit that one is told that the body broke
 * off, the request fails with 413, and whatever still arrives is thrown away.
 */
export class LimitedReceiver implements BodyReceiver {
  readonly #context: Context;
  readonly #limit: number;
  readonly #next: BodyReceiver;
  #received = 0;
  #exceeded = false;

  constructor(context: Context, limit: number, next: BodyReceiver) {
    this.#context = context;
    this.#limit = limit;
    this.#next = next;
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    if (this.#exceeded) return;
    this.#received += end - start;
    if (this.#received <= this.#limit) {
      this.#next.onData(chunk, start, end);
      return;
    }
    this.#exceeded = true;
    const { exchange } = this.#context;
    const fault = bodyTooLarge(this.#received, this.#limit);
    exchange.closes = true;
    exchange.fault ??= fault;
    this.#next.onAbort(fault);
    this.#context.failWith(fault);
  }

  onEnd(trailers: Fields | null): void {
    if (!this.#exceeded) this.#next.onEnd(trailers);
  }

  onAbort(fault: Fault): void {
    if (!this.#exceeded) this.#next.onAbort(fault);
  }
}
