/**
 * The body of a request, from a pipeline that pushes it to a servlet that asks for it. The client is held back
 * while more lies here than somebody reads.
 */
import { Fault } from '../../../base/index.ts';
import { type BodyReceiver, EXCHANGE_FAULTS } from '../../../http/message/index.ts';
import type { Context } from '../../../pipeline/index.ts';
import {
  BodyTooLargeException,
  ClientAbortException,
  type ServletInputStream,
  type ServletReader,
} from '../../api/index.ts';

/** Bytes that may lie unread before the client is held back. */
const HIGH_WATER = 64 * 1024;

/** See the head of this file. */
export class RequestBody implements BodyReceiver {
  readonly #context: Context;
  #chunks: Uint8Array[] = [];
  #length = 0;
  /** Bytes that count against the memory of the thread. */
  #held = 0;
  #claimed = false;
  #ended = false;
  #failure: ClientAbortException | null = null;
  #waiting: PromiseWithResolvers<void> | null = null;

  constructor(context: Context) {
    this.#context = context;
  }

  /** The next bytes, null behind the last. */
  async read(): Promise<Uint8Array | null> {
    for (;;) {
      await this.#arrival(0);
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#length -= chunk.length;
        this.#give(chunk.length);
        if (this.#length <= HIGH_WATER) this.#context.exchange.resume();
        return chunk;
      }
      // Another reader was faster.
      if (this.#ended) return null;
    }
  }

  /**
   * Lets the whole body come, and leaves it where `read` finds it. False where it is longer than `limit`
   * bytes: what came stays to be read, and the client is held back.
   * @throws ClientAbortException because of `memory-exhausted`, where half of what the thread may hold is taken.
   */
  async keep(limit: number): Promise<boolean> {
    while (!this.#ended && this.#length <= limit) {
      this.#refuseWithoutMemory();
      await this.#arrival(this.#length);
    }
    return this.#length <= limit;
  }

  /**
   * Counts bytes that were made of what was read and stay in memory until `release`; less than 0 for those that left.
   * @throws ClientAbortException as `keep` does.
   */
  retain(bytes: number): void {
    if (bytes < 0) {
      this.#give(-bytes);
      return;
    }
    this.#held += bytes;
    this.#context.exchange.budget.take(bytes);
    this.#refuseWithoutMemory();
  }

  // Forms that trickle in must not take the memory that everybody else is served with.
  #refuseWithoutMemory(): void {
    const { budget } = this.#context.exchange;
    if (budget.held <= budget.limit / 2) return;
    const fault = new Fault(EXCHANGE_FAULTS['memory-exhausted'], 'request-body');
    throw new ClientAbortException('No memory for another form', { cause: fault });
  }

  /** Takes out what lies here unread; it is held until `release`. */
  take(): Buffer {
    const taken = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#length = 0;
    return taken;
  }

  /** Lets go what is held, in the books of the thread: the request is over. */
  release(): void {
    this.#give(this.#held);
  }

  #give(bytes: number): void {
    const given = Math.min(bytes, this.#held);
    this.#held -= given;
    if (given > 0) this.#context.exchange.budget.give(given);
  }

  /** Nothing will come any more, and nobody may read. */
  abandon(failure: ClientAbortException): void {
    this.#failure ??= failure;
    this.#wake();
  }

  // Waits until more than `known` bytes are here, or the body has ended.
  async #arrival(known: number): Promise<void> {
    while (this.#length <= known && !this.#ended) {
      if (this.#failure !== null) throw this.#failure;
      if (!this.#claimed) {
        this.#claimed = true;
        this.#context.receive(this);
        continue;
      }
      this.#context.exchange.resume();
      this.#waiting ??= Promise.withResolvers<void>();
      await this.#waiting.promise;
    }
    if (this.#failure !== null) throw this.#failure;
  }

  onData(chunk: Uint8Array, start: number, end: number): void {
    this.#chunks.push(chunk.subarray(start, end));
    this.#length += end - start;
    this.#held += end - start;
    this.#context.exchange.budget.take(end - start);
    if (this.#length > HIGH_WATER) this.#context.exchange.pause();
    this.#wake();
  }

  onEnd(): void {
    this.#ended = true;
    this.#wake();
  }

  onAbort(fault: Fault): void {
    this.abandon(new ClientAbortException('The request body broke off', { cause: fault }));
  }

  #wake(): void {
    this.#waiting?.resolve();
    this.#waiting = null;
  }
}

/** The body as bytes: what `getInputStream` gives. It claims the body when it is first read. */
export class BodyInput implements ServletInputStream {
  readonly #body: RequestBody;

  constructor(body: RequestBody) {
    this.#body = body;
  }

  read(): Promise<Uint8Array | null> {
    return this.#body.read();
  }

  async readAll(limit = Infinity): Promise<Uint8Array> {
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of this) {
      length += chunk.length;
      if (length > limit) {
        throw new BodyTooLargeException(`The request body has more than ${limit} bytes`);
      }
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = await this.read();
      if (chunk === null) return;
      yield chunk;
    }
  }
}

/** The body as text: what `getReader` gives. Characters may be cut by the pieces that arrive. */
export class BodyReader implements ServletReader {
  readonly #input: BodyInput;
  readonly #decoder: TextDecoder;
  #ended = false;

  constructor(body: RequestBody, decoder: TextDecoder) {
    this.#input = new BodyInput(body);
    this.#decoder = decoder;
  }

  async read(): Promise<string | null> {
    // A piece may hold nothing but the beginning of a character.
    while (!this.#ended) {
      const chunk = await this.#input.read();
      this.#ended = chunk === null;
      const text = this.#decoder.decode(chunk ?? new Uint8Array(), { stream: chunk !== null });
      if (text !== '') return text;
    }
    return null;
  }

  async readAll(limit = Infinity): Promise<string> {
    this.#ended = true;
    return this.#decoder.decode(await this.#input.readAll(limit));
  }
}
