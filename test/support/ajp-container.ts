import { createServer, type Server, type Socket } from 'node:net';
import { FIELD, type Fields } from '../../src/http/message/index.ts';
import {
  type AjpRequest,
  bodyChunkHead,
  CPONG,
  endResponse,
  FLUSH,
  getBodyChunk,
  latin1,
  mostRequestBody,
  mostResponseBody,
  PacketReader,
  Payload,
  readForwardRequest,
  responseHead,
  SERVER_PACKET,
  TO_CONTAINER,
} from '../../src/wire/ajp/index.ts';

export { Fields } from '../../src/http/message/index.ts';

/** A request with all of its body. */
export interface AjpArrival {
  readonly request: AjpRequest;
  readonly body: Buffer;
}

/** An answer as a whole, before it is cut into packets. */
export interface AjpReply {
  readonly status: number;
  readonly reason: string;
  readonly fields: Fields;
  readonly body: Buffer;
  /** Whether the web server is told to pass on what is there, before the body. */
  readonly flush?: boolean;
  /** Whether the connection takes another request. */
  readonly reuse?: boolean;
}

/** The container's side of AJP, as simple as it can be: takes whole requests, and sends whole answers. */
export class AjpContainer {
  /** What was refused; a test looks at it in the end. */
  readonly flaws: string[] = [];
  /** CPINGs that were answered, and connections that came. */
  pings = 0;
  connections = 0;
  readonly #packet: number;
  readonly #reply: (arrival: AjpArrival) => AjpReply;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  /** Packets have at most `packet` bytes in both directions. */
  constructor(packet: number, reply: (arrival: AjpArrival) => AjpReply) {
    this.#packet = packet;
    this.#reply = reply;
    this.#server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => {});
      this.#serve(socket).catch((error: unknown) => {
        this.flaws.push(String(error));
        socket.destroy();
      });
    });
  }

  /** Listens on a port of 127.0.0.1. */
  listen(port: number): Promise<void> {
    return new Promise((resolve) => {
      this.#server.listen(port, '127.0.0.1', resolve);
    });
  }

  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #serve(socket: Socket): Promise<void> {
    const reader = new PacketReader(TO_CONTAINER, this.#packet);
    const packets = this.#packetsOf(socket, reader);
    const next = async (): Promise<boolean> => (await packets.next()).done !== true;
    while (await next()) {
      const { bytes, start, end } = reader;
      const code = bytes[start];
      if (code === SERVER_PACKET.cping && end === start + 1) {
        this.pings++;
        socket.write(CPONG, 'latin1');
        continue;
      }
      if (code !== SERVER_PACKET.forward) throw new Error(`a packet of the kind ${code}`);
      const read = readForwardRequest(new Payload(latin1(bytes, start + 1, end)));
      if (read.request === null) throw new Error(read.flaw);
      const pieces: Buffer[] = [];
      const given = read.request.fields.get(FIELD.contentLength);
      const isOpen = given === null && read.request.fields.has(FIELD.transferEncoding);
      let left = given === null ? (isOpen ? Infinity : 0) : Number(given);
      // The first packet of a body whose length is known comes unasked.
      for (let asked = given === null; left > 0; asked = true) {
        if (asked)
          socket.write(getBodyChunk(Math.min(left, mostRequestBody(this.#packet))), 'latin1');
        // oxlint-disable-next-line no-await-in-loop -- one packet after the other
        if (!(await next())) throw new Error('the end in the middle of a body');
        const size =
          reader.end - reader.start < 2
            ? 0
            : new Payload(latin1(reader.bytes, reader.start, reader.end)).word();
        if (size === 0) break;
        if (reader.end - reader.start !== size + 2)
          throw new Error('a body packet of another length');
        pieces.push(Buffer.from(reader.bytes.subarray(reader.start + 2, reader.end)));
        left -= size;
      }
      if (left > 0 && left !== Infinity) throw new Error(`${left} bytes of a body are missing`);
      this.#answer(socket, this.#reply({ request: read.request, body: Buffer.concat(pieces) }));
    }
    if (reader.flaw !== null) throw new Error(reader.flaw);
  }

  #answer(socket: Socket, reply: AjpReply): void {
    const { status, reason, fields, body, flush = false, reuse = true } = reply;
    const head = responseHead(status, reason, fields, this.#packet);
    if (head === null) throw new Error('a head that does not fit');
    socket.write(head, 'latin1');
    if (flush) socket.write(FLUSH, 'latin1');
    const most = mostResponseBody(this.#packet);
    for (let at = 0; at < body.length; at += most) {
      const piece = body.subarray(at, at + most);
      const chunkHead = Buffer.from(bodyChunkHead(piece.length), 'latin1');
      socket.write(Buffer.concat([chunkHead, piece, Buffer.alloc(1)]));
    }
    socket.write(endResponse(reuse), 'latin1');
    if (!reuse) socket.end();
  }

  async *#packetsOf(socket: Socket, reader: PacketReader): AsyncGenerator<null> {
    for await (const chunk of socket as AsyncIterable<Buffer>) {
      reader.push(chunk, 0, chunk.length);
      while (reader.next()) yield null;
      if (reader.flaw !== null) return;
    }
  }
}
