/**
 * Sends a kept file piece by piece, as fast as the client takes it. Given to the sink as a whole, it would
 * be held, and counted, once for every client that stalls, until the memory budget of the thread is used up
 * by a file that is in memory only once.
 */
import type { Fields } from '../http/message/index.ts';
import type { Context, RequestFollower } from '../pipeline/index.ts';

/** Bytes of one piece: enough for most files to leave in one write. */
export const PIECE_SIZE = 128 * 1024;

/** One kept file on its way to one client. */
export class KeptSend implements RequestFollower {
  readonly #context: Context;
  readonly #content: Buffer;
  #position = 0;

  constructor(context: Context, content: Buffer) {
    this.#context = context;
    this.#content = content;
  }

  /** Sends the head and as much as the client takes at once; the rest follows its drains. */
  start(status: number, fields: Fields): void {
    this.#context.follow(this);
    this.#context.respond(status, fields, this.#content.length);
    this.onDrain();
  }

  onDrain(): void {
    const { exchange } = this.#context;
    while (this.#position < this.#content.length) {
      const end = Math.min(this.#position + PIECE_SIZE, this.#content.length);
      const room = this.#context.write(this.#content, this.#position, end);
      this.#position = end;
      if (exchange.aborted) return;
      if (!room && end < this.#content.length) return;
    }
    if (!exchange.responded) this.#context.end(null);
  }

  onAbort(): void {}
}
