/** A container that speaks AJP, and breaks it where a test says so, on any stream of bytes. */
import { FIELD, Fields, NO_FIELDS } from '../../src/http/message/index.ts';
import {
  bodyChunkHead,
  CPONG,
  endResponse,
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
import type { BackCall, Breakage } from './back.ts';
import type { BackConnection, BackStream } from './back-wire.ts';

const PACKET = 8192;

/** The container's side of one accepted connection: asks for bodies as fast as they come. */
export class AjpBackConnection implements BackConnection {
  readonly number: number;
  readonly stream: BackStream;
  readonly #calls: BackCall[];
  readonly #reader = new PacketReader(TO_CONTAINER, PACKET);
  #current: AjpBackCall | null = null;
  #bodyLeft = 0;

  /** `calls` collects the requests of all connections. */
  constructor(number: number, stream: BackStream, calls: BackCall[]) {
    this.number = number;
    this.stream = stream;
    this.#calls = calls;
  }

  onBytes(bytes: Uint8Array): void {
    const reader = this.#reader;
    reader.push(bytes, 0, bytes.length);
    while (reader.next()) {
      if (this.#bodyLeft > 0) this.#takeBody();
      else if (reader.bytes[reader.start] === SERVER_PACKET.cping) this.stream.send(CPONG);
      else this.#takeHead();
    }
    if (reader.flaw !== null) throw new Error(`the transport sent no AJP: ${reader.flaw}`);
  }

  #takeHead(): void {
    const { bytes, start, end } = this.#reader;
    const read = readForwardRequest(new Payload(latin1(bytes, start + 1, end)));
    if (read.request === null) throw new Error(`the transport sent no request: ${read.flaw}`);
    const { method, uri, fields, attributes } = read.request;
    const target = attributes.query === undefined ? uri : `${uri}?${attributes.query}`;
    const call = new AjpBackCall(this, method, target, fields);
    this.#current = call;
    this.#calls.push(call);
    const length = Number(fields.get(FIELD.contentLength) ?? 0);
    this.#bodyLeft = fields.has(FIELD.transferEncoding) ? Infinity : length;
    if (this.#bodyLeft === Infinity) this.#ask();
    call.bodyEnded = this.#bodyLeft === 0;
  }

  #takeBody(): void {
    const { bytes, start, end } = this.#reader;
    const size = end - start < 2 ? 0 : new Payload(latin1(bytes, start, end)).word();
    if (size > 0 && size !== end - start - 2) throw new Error('a body packet of another length');
    const call = this.#current;
    if (call === null) return;
    if (size > 0) call.body += latin1(bytes, start + 2, end);
    this.#bodyLeft = size === 0 ? 0 : this.#bodyLeft - size;
    if (this.#bodyLeft > 0) this.#ask();
    else call.bodyEnded = true;
  }

  #ask(): void {
    this.stream.send(getBodyChunk(mostRequestBody(PACKET)));
  }

  onFin(): void {
    this.onGone();
  }

  onGone(): void {
    if (this.#current !== null) this.#current.gone = true;
  }
}

function word(number: number): string {
  return String.fromCharCode(number >> 8, number & 255);
}

/** The head of a response whose fields nobody has checked. */
function rawHead(status: number, ...fields: (readonly [name: string, value: string])[]): string {
  const text = (value: string): string => `${word(value.length)}${value}\0`;
  let payload = `\x04${word(status)}${text('OK')}${word(fields.length)}`;
  for (const [name, value] of fields) payload += text(name) + text(value);
  return `AB${word(payload.length)}${payload}`;
}

function chunk(bytes: string): string {
  return `${bodyChunkHead(bytes.length)}${bytes}\0`;
}

const NO_LENGTH = ['Content-Length', '0'] as const;

// Null where AJP has no such way.
const BREAKS: Readonly<Record<Breakage, string | null>> = {
  'no protocol at all': 'SSH-2.0-OpenSSH_9.2\r\n',
  'a control character in a field': rawHead(200, ['X-A', 'a\0b'], NO_LENGTH),
  'a line end in a field': rawHead(200, ['X-A', 'a\rSet-Cookie: b'], NO_LENGTH),
  'a folded field': rawHead(200, ['X-A', 'a\r\n b'], NO_LENGTH),
  'two lengths': `${rawHead(200, ['Content-Length', '2'], ['Content-Length', '2'])}${chunk('hi')}`,
  'a length that is no number': `${rawHead(200, ['Content-Length', '+2'])}${chunk('hi')}`,
  'a length beside another framing': null,
  'an unknown framing': null,
  'an endless head': `AB\x9c\x40\x04${'a'.repeat(40_000)}`,
  'too many fields': null,
  'interim responses without end': rawHead(103).repeat(1000),
  'a switch that nobody asked for': rawHead(101, ['Upgrade', 'websocket']),
  'no response': '',
  'a cut head': rawHead(200, NO_LENGTH).slice(0, 12),
  'a cut body': `${rawHead(200, ['Content-Length', '9'])}${chunk('hi')}`,
  'a cut body of unknown length': `${rawHead(200)}${chunk('hi')}`,
  'a broken body': `${rawHead(200)}${chunk('hi')}AB\0\x05\x03\0\x09hi`,
};

/** One request on such a connection. */
class AjpBackCall implements BackCall {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly fields: Fields;
  readonly upgrade = null;
  readonly trailers = null;
  body = '';
  bodyEnded = false;
  gone = false;
  readonly #on: AjpBackConnection;
  #left = Infinity;
  #last = false;

  constructor(on: AjpBackConnection, method: string, target: string, fields: Fields) {
    this.#on = on;
    this.method = method;
    this.target = target;
    this.authority = fields.get(FIELD.host) ?? '';
    this.fields = fields;
  }

  get connection(): number {
    return this.#on.number;
  }

  inform(status: number, fields = NO_FIELDS): void {
    this.#sendHead(status, '', fields);
  }

  #sendHead(status: number, reason: string, fields: Fields): void {
    this.#on.stream.send(responseHead(status, reason, fields, PACKET) ?? '');
  }

  respond(status: number, length: number | 'unknown' | 'until-close', fields = NO_FIELDS): void {
    const sent = fields.copy();
    if (typeof length === 'number' && status !== 204) sent.append('Content-Length', String(length));
    this.#sendHead(status, 'Fine', sent);
    const isBodiless = this.method === 'HEAD' || status === 204 || status === 304;
    this.#left = isBodiless ? 0 : typeof length === 'number' ? length : Infinity;
    if (this.#left === 0) this.#sendEnd();
  }

  write(bytes: string): void {
    const most = mostResponseBody(PACKET);
    for (let at = 0; at < bytes.length; at += most)
      this.#on.stream.send(chunk(bytes.slice(at, at + most)));
    this.#left -= bytes.length;
    if (this.#left === 0) this.#sendEnd();
  }

  #sendEnd(): void {
    this.#on.stream.send(endResponse(!this.#last));
  }

  end(): void {
    if (this.#left === Infinity) this.#sendEnd();
  }

  switch(): void {
    throw new Error('AJP has no tunnels');
  }

  lastOne(): void {
    this.#last = true;
  }

  stray(): boolean {
    this.#on.stream.send(`${rawHead(200)}${chunk('stray')}${endResponse(true)}`);
    return true;
  }

  breakWith(how: Breakage): boolean {
    const bytes = BREAKS[how];
    if (bytes === null) return false;
    if (bytes !== '') this.#on.stream.send(bytes);
    if (how === 'no response' || how.startsWith('a cut')) this.#on.stream.fin();
    return true;
  }

  stall(): void {
    this.#on.stream.stall();
  }

  readOn(): void {
    this.#on.stream.readOn();
  }

  leave(how: 'fin' | 'reset'): void {
    if (how === 'fin') this.#on.stream.fin();
    else this.#on.stream.reset();
  }
}
