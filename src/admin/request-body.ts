import type { Fault } from '../base/index.ts';
import type { BodyReceiver, Exchange } from '../http/message/index.ts';

/** The most that a request may carry, in bytes: orders are short. */
export const BODY_LIMIT = 65_536;

/** A body as bytes, or why there is none: it is longer than `BODY_LIMIT`, or broke off. */
export type CollectedBody = Buffer | 'too-long' | 'broken';

/** Takes the whole request body. Of one that is too long no more than the limit is ever kept. */
export function collectBody(exchange: Exchange): Promise<CollectedBody> {
  const { promise, resolve } = Promise.withResolvers<CollectedBody>();
  exchange.receive(new Collector(resolve));
  return promise;
}

class Collector implements BodyReceiver {
  readonly #resolve: (body: CollectedBody) => void;
  #chunks: Uint8Array[] = [];
  #length = 0;

  constructor(resolve: (body: CollectedBody) => void) {
    this.#resolve = resolve;
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    this.#length += end - start;
    if (this.#length <= BODY_LIMIT) {
      this.#chunks.push(chunk.subarray(start, end));
      return;
    }
    this.#chunks = [];
    this.#resolve('too-long');
  }

  onEnd(): void {
    this.#resolve(Buffer.concat(this.#chunks));
  }

  onAbort(_fault: Fault): void {
    this.#resolve('broken');
  }
}
