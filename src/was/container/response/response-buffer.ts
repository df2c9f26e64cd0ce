/**
 * Body bytes of a response: collected until they are more than the buffer holds, then sent as they come.
 * Text stays text as long as nobody needs its bytes, because an answer of ASCII can be sent as it is.
 */
import type { Context } from '../../../pipeline/index.ts';
import { ClientAbortException } from '../../api/index.ts';
import { CONTAINER_FAULTS } from '../faults.ts';
import type { TextEncoding } from './text-encoding.ts';

/** Bytes that are kept before a response is committed; Tomcat has the same. */
const BUFFER_SIZE = 8192;

/** Bytes that a servlet may write to a client that does not take them; more would be at the cost of all others. */
const MOST_AHEAD = 16 * 1024 * 1024;

/** What has to be sent before the first byte of the body. */
export interface ResponseHead {
  /** Sends status and header, where that was not done. */
  commit(): void;
}

/** See the head of this file. */
export class ResponseBuffer {
  readonly #context: Context;
  readonly #head: ResponseHead;
  /** Bytes that are kept; 0 keeps nothing. */
  size = BUFFER_SIZE;
  #chunks: Uint8Array[] = [];
  #text = '';
  #encoding: TextEncoding | null = null;
  #length = 0;
  #sent = 0;
  /** Bytes of the whole body, what is above is dropped; -1 for no limit. */
  limit = -1;
  #ready = true;
  #waiting: PromiseWithResolvers<void> | null = null;
  #abandoned = false;
  #closed = false;
  /** Bytes that were written since the client stopped keeping up. */
  #ahead = 0;

  constructor(context: Context, head: ResponseHead) {
    this.#context = context;
    this.#head = head;
  }

  /** Bytes in the buffer. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that were written so far, those included that were sent. */
  get total(): number {
    return this.#sent + this.#length;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  addText(text: string, encoding: TextEncoding): void {
    if (text === '') return;
    this.#text += text;
    this.#encoding = encoding;
    this.#length += encoding.length(text);
    if (this.#length > this.size) this.#overflow();
  }

  addBytes(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#textToBytes(true);
    this.#chunks.push(bytes);
    this.#length += bytes.length;
    if (this.#length > this.size) this.#overflow();
  }

  /** Drops what is kept. */
  clear(): void {
    this.#chunks = [];
    this.#text = '';
    this.#length = 0;
  }

  /** Sends what is kept; the head has been sent. */
  flush(): void {
    this.#send(false);
  }

  /** Nothing follows: nobody has to wait for room any more. */
  close(): void {
    this.#closed = true;
    this.drained();
  }

  /** Sends what is kept and ends the body; the head has been sent. */
  end(): void {
    this.#send(true);
    // What there is leaves with this turn, before the exchange cuts off what does not keep its word.
    if (this.limit > this.total) setImmediate(() => this.#context.end(null));
    else this.#context.end(null);
  }

  /** Takes out everything, as a body that is sent at once: latin1 text, bytes, or null for nothing. */
  takeAll(): string | Uint8Array | null {
    if (this.#length === 0) return null;
    const isWhole = this.limit < 0 || this.#length <= this.limit;
    if (isWhole && this.#chunks.length === 0 && this.#length === this.#text.length) {
      // Every character is one byte, so the text is what it will be on the wire.
      const text = this.#isAscii() ? this.#text : null;
      if (text !== null) {
        this.clear();
        return text;
      }
    }
    this.#textToBytes(true);
    const all = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
    this.clear();
    if (all === undefined) return null;
    return this.limit >= 0 && all.length > this.limit ? all.subarray(0, this.limit) : all;
  }

  #isAscii(): boolean {
    // As long in UTF-8 as in characters; one-byte charsets have to be looked at.
    return this.#encoding?.name === 'UTF-8' || !/[^\0-\x7f]/.test(this.#text);
  }

  get isReady(): boolean {
    return this.#ready;
  }

  /** Settles when the client takes more; rejects when it left. */
  ready(): Promise<void> {
    if (this.#abandoned) return Promise.reject(new ClientAbortException('The client left'));
    if (this.#ready || this.#closed) return Promise.resolve();
    this.#waiting ??= Promise.withResolvers<void>();
    return this.#waiting.promise;
  }

  drained(): void {
    this.#ready = true;
    this.#ahead = 0;
    this.#waiting?.resolve();
    this.#waiting = null;
  }

  /** Nobody takes anything any more. */
  abandon(): void {
    this.#abandoned = true;
    this.clear();
    this.#waiting?.reject(new ClientAbortException('The client left'));
    this.#waiting = null;
  }

  #overflow(): void {
    this.#head.commit();
    this.#send(false);
  }

  #send(isLast: boolean): void {
    this.#textToBytes(isLast);
    const chunks = this.#chunks;
    if (chunks.length === 0) return;
    this.#chunks = [];
    this.#length = this.#text === '' ? 0 : (this.#encoding?.length(this.#text) ?? 0);
    for (const chunk of chunks) {
      const left = this.limit < 0 ? chunk.length : Math.max(0, this.limit - this.#sent);
      const end = Math.min(chunk.length, left);
      this.#sent += chunk.length;
      if (end > 0 && !this.#context.write(chunk, 0, end)) this.#ready = false;
      if (!this.#ready) this.#ahead += end;
    }
    if (this.#ahead > MOST_AHEAD) this.#context.fail(CONTAINER_FAULTS['answer-backlog']);
  }

  // The first half of a pair whose second half is still to come stays behind.
  #textToBytes(isLast: boolean): void {
    if (this.#text === '' || this.#encoding === null) return;
    const kept = !isLast && endsInHalf(this.#text) ? this.#text.slice(-1) : '';
    const text = kept === '' ? this.#text : this.#text.slice(0, -1);
    this.#text = kept;
    if (text !== '') this.#chunks.push(this.#encoding.encode(text));
  }
}

function endsInHalf(text: string): boolean {
  const last = text.charCodeAt(text.length - 1);
  return last >= 0xd800 && last <= 0xdbff;
}
