import { connect, type Socket } from 'node:net';
import { FIELD, type Fields } from '../../src/http/message/index.ts';
import {
  type AjpRequest,
  CPING,
  forwardRequest,
  LAST_BODY_PACKET,
  mostRequestBody,
  PacketReader,
  readContainerMessage,
  requestBodyHead,
  TO_SERVER,
} from '../../src/wire/ajp/index.ts';

export { Fields } from '../../src/http/message/index.ts';
export type { AjpRequest } from '../../src/wire/ajp/index.ts';

/** What came back for a request, and what of the protocol was seen on the way. */
export interface AjpAnswer {
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
  readonly body: Buffer;
  readonly reuse: boolean;
  /** How often the container asked for more of the request body. */
  readonly asked: number;
  /** How often it wanted what was there passed on. */
  readonly flushes: number;
}

/** The web server's side of one connection to a container, as simple as it can be. */
export class AjpClient {
  readonly #socket: Socket;
  readonly #packet: number;
  readonly #reader: PacketReader;
  #closed = false;
  #heard: () => void = () => {};

  /** Connects to a port of 127.0.0.1; packets have at most `packet` bytes in both directions. */
  constructor(port: number, packet: number) {
    this.#packet = packet;
    this.#reader = new PacketReader(TO_SERVER, packet);
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.on('data', (chunk: Buffer) => {
      // It is only read from when nothing is left.
      this.#reader.push(chunk, 0, chunk.length);
      this.#socket.pause();
      this.#heard();
    });
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => {
      this.#closed = true;
      this.#heard();
    });
  }

  /** Asks whether the container lives; resolves when it says so, rejects when the connection ends. */
  async ping(): Promise<void> {
    this.#socket.write(CPING, 'latin1');
    const message = await this.#next();
    if (message.type !== 'cpong') throw new Error(`${message.type} in place of CPONG`);
  }

  /** Sends bytes as they are. */
  sendRaw(bytes: string): void {
    this.#socket.write(bytes, 'latin1');
  }

  /** Sends a request and its body, and resolves to the answer; rejects when the connection ends before. */
  async ask(request: AjpRequest, body: Buffer = Buffer.alloc(0)): Promise<AjpAnswer> {
    const head = forwardRequest(request, this.#packet);
    if (head === null) throw new Error('The head does not fit into a packet');
    this.#socket.write(head, 'latin1');
    let at = 0;
    const most = mostRequestBody(this.#packet);
    const send = (wanted: number): void => {
      const piece = body.subarray(at, at + Math.min(wanted, most));
      at += piece.length;
      if (piece.length === 0) this.#socket.write(LAST_BODY_PACKET, 'latin1');
      else this.#socket.write(Buffer.concat([latin1(requestBodyHead(piece.length)), piece]));
    };
    // The first packet of a body whose length is known is sent unasked.
    if (request.fields.has(FIELD.contentLength) && body.length > 0) send(most);
    const answer = { status: 0, reason: '', fields: request.fields, asked: 0, flushes: 0 };
    const pieces: Buffer[] = [];
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- one packet after the other
      const message = await this.#next();
      switch (message.type) {
        case 'headers':
          Object.assign(answer, message);
          break;
        case 'body':
          if (message.end > message.start)
            pieces.push(Buffer.from(this.#reader.bytes.subarray(message.start, message.end)));
          else answer.flushes++;
          break;
        case 'get-body':
          answer.asked++;
          send(message.most);
          break;
        case 'end':
          return { ...answer, body: Buffer.concat(pieces), reuse: message.reuse };
        case 'cpong':
          throw new Error('CPONG in the middle of an answer');
      }
    }
  }

  /** Resolves when the container has closed the connection. */
  async ended(): Promise<void> {
    while (!this.#closed) {
      // oxlint-disable-next-line no-await-in-loop -- until it is
      await this.#more();
    }
  }

  close(): void {
    this.#socket.destroy();
  }

  async #next(): Promise<NonNullable<ReturnType<typeof readContainerMessage>>> {
    while (!this.#reader.next()) {
      if (this.#reader.flaw !== null) throw new Error(`no packet: ${this.#reader.flaw}`);
      if (this.#closed) throw new Error('The connection is over');
      // oxlint-disable-next-line no-await-in-loop -- until one is there
      await this.#more();
    }
    const { bytes, start, end } = this.#reader;
    const message = readContainerMessage(bytes, start, end);
    if (message === null) {
      const hex = Buffer.from(bytes.subarray(start, Math.min(end, start + 40))).toString('hex');
      throw new Error(`no message: ${hex}`);
    }
    return message;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#heard = resolve;
      this.#socket.resume();
    });
  }
}

function latin1(text: string): Buffer {
  return Buffer.from(text, 'latin1');
}
