import { type Fields, Fields as FieldList } from '../../src/http/message/index.ts';
import {
  type ContainerMessage,
  forwardRequest,
  LAST_BODY_PACKET,
  mostRequestBody,
  PacketReader,
  readContainerMessage,
  requestBodyHead,
  TO_SERVER,
} from '../../src/wire/ajp/index.ts';
import type { TestCall, TestRequest } from './front.ts';
import type { ClientLine, ClientSide } from './front-wire.ts';

const PACKET = 8192;

/** What a test client says and understands of AJP, over whatever carries its bytes: it is the web server. */
export class AjpClientSide implements ClientSide {
  readonly tunnelling = false;
  readonly #line: ClientLine;
  readonly #calls: AjpCall[] = [];
  readonly #reader = new PacketReader(TO_SERVER, PACKET);
  #over: 'no' | 'ended' | 'reset' = 'no';

  constructor(line: ClientLine) {
    this.#line = line;
  }

  request(request: TestRequest = {}): TestCall {
    const call = new AjpCall(this.#line, request);
    this.#calls.push(call);
    this.#line.send(call.head);
    return call;
  }

  requestGarbage(): TestCall {
    const call = new AjpCall(this.#line, {});
    this.#calls.push(call);
    this.#line.send('\x12\x34\0\x02\x02\x02');
    return call;
  }

  take(bytes: Buffer): void {
    if (bytes.length > 0) this.#reader.push(bytes, 0, bytes.length);
    this.#parse();
  }

  over(how: 'ended' | 'reset'): void {
    if (this.#over === 'no') this.#over = how;
    this.#parse();
  }

  #parse(): void {
    const reader = this.#reader;
    while (reader.next()) {
      const message = readContainerMessage(reader.bytes, reader.start, reader.end);
      if (message === null) throw new Error('the server sent no AJP');
      const call = this.#calls.find((each) => each.state === 'waiting' || each.state === 'open');
      if (call === undefined) throw new Error(`${message.type} to no request`);
      call.hear(message, reader.bytes);
    }
    if (reader.flaw !== null) throw new Error(`the server sent no AJP: ${reader.flaw}`);
    if (this.#over === 'no') return;
    for (const call of this.#calls)
      if (call.state === 'waiting' || call.state === 'open') call.state = 'broken';
  }
}

class AjpCall implements TestCall {
  readonly informed: number[] = [];
  readonly trailers = null;
  readonly head: string;
  status = 0;
  fields: Fields | null = null;
  body = '';
  state: 'waiting' | 'open' | 'complete' | 'broken' = 'waiting';
  readonly #line: ClientLine;
  #waiting = '';
  #ended = false;
  // How many bytes the next packet may have; 0 while the server has not asked.
  #asked: number;

  constructor(line: ClientLine, { method = 'GET', target = '/', fields, body }: TestRequest) {
    this.#line = line;
    const sent = FieldList.of(['Host', 'localhost'], ...(fields?.entries() ?? []));
    if (body === 'stream') sent.append('Transfer-Encoding', 'chunked');
    else if (body !== undefined) sent.append('Content-Length', String(body));
    this.#asked = typeof body === 'number' && body > 0 ? mostRequestBody(PACKET) : 0;
    const mark = target.indexOf('?');
    this.head =
      forwardRequest(
        {
          method,
          protocol: 'HTTP/1.1',
          uri: mark < 0 ? target : target.slice(0, mark),
          remoteAddress: '192.0.2.7',
          remoteHost: null,
          serverName: 'localhost',
          serverPort: 80,
          secure: false,
          fields: sent,
          attributes: mark < 0 ? {} : { query: target.slice(mark + 1) },
          keySize: 0,
          named: [],
        },
        PACKET,
      ) ?? '';
  }

  write(bytes: string): void {
    this.#waiting += bytes;
    this.#send();
  }

  end(): void {
    this.#ended = true;
    this.#send();
  }

  breakBody(): boolean {
    this.#line.send('\x12\x34\0\x04\0\x09ab');
    return true;
  }

  hear(message: ContainerMessage, bytes: Uint8Array): void {
    switch (message.type) {
      case 'headers':
        this.status = message.status;
        this.fields = message.fields;
        this.state = 'open';
        break;
      case 'body':
        this.body += Buffer.from(bytes.subarray(message.start, message.end)).toString('latin1');
        break;
      case 'get-body':
        this.#asked = message.most;
        this.#send();
        break;
      case 'end':
        this.state = 'complete';
        break;
      case 'cpong':
        throw new Error('CPONG without CPING');
    }
  }

  #send(): void {
    if (this.#asked === 0) return;
    const piece = this.#waiting.slice(0, this.#asked);
    if (piece === '' && !this.#ended) return;
    this.#asked = 0;
    this.#waiting = this.#waiting.slice(piece.length);
    this.#line.send(piece === '' ? LAST_BODY_PACKET : requestBodyHead(piece.length) + piece);
  }
}
