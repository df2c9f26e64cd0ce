import { connect, type Socket } from 'node:net';
import { DEFAULT_H1_LIMITS, EVENT, ResponseParser } from '../../src/http/h1/index.ts';
import type { Fields } from '../../src/http/message/index.ts';

export { DEFAULT_H1_LIMITS, EVENT, ResponseParser } from '../../src/http/h1/index.ts';

/** An answer, read to its end. */
export interface RawAnswer {
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
  readonly body: Buffer;
}

interface Asked {
  readonly text: string;
  readonly method: string;
  readonly done: (answer: RawAnswer) => void;
  readonly failed: (error: Error) => void;
}

/**
 * A client that sends exactly the bytes it is given and reads answers in order; the same for every server
 * that a differential test asks.
 */
export class RawClient {
  readonly #port: number;
  readonly #closesUnannounced: boolean;
  #socket: Socket | null = null;
  #parser = new ResponseParser(DEFAULT_H1_LIMITS, true);
  #asked: Asked[] = [];
  #head: { status: number; reason: string; fields: Fields } | null = null;
  #body: Buffer[] = [];
  #used = false;

  /**
   * @param closesUnannounced whether the server may end or reset a connection behind an answer that did not
   *   say so, as nginx does behind some 412; what was asked meanwhile is then asked once more
   */
  constructor(port: number, { closesUnannounced = false } = {}) {
    this.#port = port;
    this.#closesUnannounced = closesUnannounced;
  }

  /** Sends a request, latin1, and resolves to its answer; a connection that was closed is opened again. */
  ask(text: string): Promise<RawAnswer> {
    return new Promise((done, failed) => {
      const method = text.slice(0, text.indexOf(' '));
      this.#asked.push({ text, method, done, failed });
      this.#open().write(text, 'latin1');
    });
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = null;
  }

  #open(): Socket {
    if (this.#socket !== null) return this.#socket;
    const socket = connect(this.#port, '127.0.0.1');
    this.#socket = socket;
    this.#parser = new ResponseParser(DEFAULT_H1_LIMITS, true);
    this.#head = null;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.#parser.push(chunk, 0, chunk.length);
      this.#read();
    });
    const ended = (error?: NodeJS.ErrnoException): void => {
      if (this.#socket !== socket) return;
      if (this.#head !== null && this.#parser.finish() === EVENT.end) this.#answered();
      this.#socket = null;
      const unanswered = this.#asked.splice(0);
      const isClose = error === undefined || error.code === 'ECONNRESET' || error.code === 'EPIPE';
      if (this.#closesUnannounced && this.#used && isClose) {
        this.#used = false;
        for (const asked of unanswered) {
          this.#asked.push(asked);
          this.#open().write(asked.text, 'latin1');
        }
        return;
      }
      for (const { text, failed } of unanswered) {
        failed(error ?? new Error(`Port ${this.#port} closed the connection, unanswered: ${text}`));
      }
    };
    socket.on('error', ended);
    socket.on('end', () => {
      ended();
      socket.end();
    });
    return socket;
  }

  #read(): void {
    for (;;) {
      const [asked] = this.#asked;
      if (asked === undefined) return;
      if (this.#head === null) this.#parser.expect(asked.method, false);
      const event = this.#parser.next();
      if (event === EVENT.head) {
        const { status, reason, headFields } = this.#parser;
        if (status >= 200) this.#head = { status, reason, fields: headFields };
      } else if (event === EVENT.data) {
        const { window, dataStart, dataEnd } = this.#parser;
        this.#body.push(Buffer.from(window.subarray(dataStart, dataEnd)));
      } else if (event === EVENT.end) {
        const again = this.#parser.keepAlive;
        this.#answered();
        if (!again) this.close();
      } else if (event === EVENT.refused) {
        asked.failed(new Error(this.#parser.fault?.message));
        this.#asked.shift();
        this.close();
        return;
      } else {
        return;
      }
    }
  }

  #answered(): void {
    const head = this.#head;
    if (head === null) return;
    const body = Buffer.concat(this.#body);
    this.#head = null;
    this.#body = [];
    this.#used = true;
    this.#asked.shift()?.done({ ...head, body });
  }
}
