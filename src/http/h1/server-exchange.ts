import type { Fault } from '../../base/index.ts';
import { Exchange } from '../message/exchange.ts';
import { FIELD } from '../message/field-names.ts';
import type { Fields } from '../message/fields.ts';
import { UNKNOWN_LENGTH } from '../message/request.ts';
import { listContainsToken } from '../message/token.ts';
import { chunkLine, fieldLines, statusLine } from './head-writer.ts';
import type { H1ServerConnection } from './server-connection.ts';

/** One request of an HTTP/1.1 connection: frames the response and hands it to the connection. */
export class H1ServerExchange extends Exchange {
  readonly #wire: H1ServerConnection;
  #chunked = false;
  #continued = false;

  constructor(connection: H1ServerConnection, ...exchange: ConstructorParameters<typeof Exchange>) {
    super(...exchange);
    this.#wire = connection;
  }

  protected putInform(status: number, fields: Fields): void {
    this.#put(`${statusLine(status, '')}${fieldLines(fields)}\r\n`);
  }

  protected startBody(): void {
    if (this.request.expectsContinue && !this.#continued && this.status === 0) {
      this.#continued = true;
      this.#put('HTTP/1.1 100 Continue\r\n\r\n');
    }
    this.#wire.bodyWanted();
  }

  protected flowBody(on: boolean): void {
    if (on) this.#wire.bodyWanted();
    else this.#wire.bodyHeld();
  }

  protected putHead(
    status: number,
    reason: string,
    fields: Fields,
    length: number,
    body: string | Uint8Array | null,
    ends: boolean,
  ): void {
    // A client that was not told to continue may or may not send the body; nobody can tell what its
    // next bytes are, so they are not read as a request (RFC 9110 section 10.1.1).
    if (this.request.expectsContinue && !this.#continued && this.bodyPending) this.closes = true;
    let framing = '';
    if (status !== 204 && status !== 304) {
      if (length !== UNKNOWN_LENGTH) framing = `Content-Length: ${length}\r\n`;
      else if (this.request.method === 'HEAD') framing = '';
      else if (this.request.version >= 11) {
        this.#chunked = true;
        framing = 'Transfer-Encoding: chunked\r\n';
      } else this.closes = true;
    }
    const head = `${this.#wire.opening(status, reason, fields)}${framing}${this.#wire.connectionLine(this)}${fieldLines(fields)}\r\n`;
    if (typeof body === 'string') {
      this.#put(head + body);
    } else {
      this.#put(head);
      if (body !== null && body.length > 0) this.#put(body);
    }
    if (ends) this.#wire.responseEnded(this);
  }

  protected putData(chunk: Uint8Array, start: number, end: number): boolean {
    const whole = start === 0 && end === chunk.length;
    const bytes = whole ? chunk : chunk.subarray(start, end);
    if (!this.#chunked) return this.#put(bytes);
    this.#put(chunkLine(bytes.length));
    this.#put(bytes);
    return this.#put('\r\n');
  }

  protected putEnd(trailers: Fields | null): void {
    if (this.#wire.tunnelling) {
      this.#wire.tunnelEnded();
      return;
    }
    if (this.#chunked) {
      const allowed = trailers !== null && this.#takesTrailers();
      this.#put(allowed ? `0\r\n${fieldLines(trailers)}\r\n` : '0\r\n\r\n');
    }
    this.#wire.responseEnded(this);
  }

  // RFC 9110 section 6.5.1: without TE: trailers the fields may be lost on the way, so they are left out.
  #takesTrailers(): boolean {
    const te = this.request.fields.joined(FIELD.te);
    return te !== null && listContainsToken(te, 'trailers');
  }

  protected putTunnel(status: number, fields: Fields): void {
    let switching = '';
    if (status === 101) {
      switching = 'Connection: upgrade\r\n';
      if (!fields.has(FIELD.upgrade)) switching += `Upgrade: ${this.request.upgrade ?? ''}\r\n`;
    }
    this.#put(`${this.#wire.opening(status, '', fields)}${switching}${fieldLines(fields)}\r\n`);
    this.#wire.beginTunnel();
  }

  protected putReset(fault: Fault): void {
    this.#wire.reset(this, fault);
  }

  #put(data: string | Uint8Array): boolean {
    this.bytesSent += data.length;
    return this.#wire.put(data);
  }
}
