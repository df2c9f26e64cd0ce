import { Exchange } from '../message/exchange.ts';
import { FIELD } from '../message/field-names.ts';
import type { Fields } from '../message/fields.ts';
import { UNKNOWN_LENGTH } from '../message/request.ts';
import { listContainsToken } from '../message/token.ts';
import { chunkLine, fieldLines, statusLine } from './head-writer.ts';

/** What an exchange asks of the connection that carries it. */
export interface H1ServerLine {
  /** Whether the connection has become a tunnel. */
  readonly tunnelling: boolean;
  /** Queues bytes of a response; false above the wire's high-water mark. */
  put(data: string | Uint8Array): boolean;
  /** The opening of a response head. */
  opening(status: number, reason: string, fields: Fields): string;
  /** The `Connection` field of a final response, and with it the decision whether another request may follow. */
  connectionLine(exchange: Exchange): string;
  /** Somebody wants the request body, or the client's bytes in a tunnel: let them come. */
  bodyWanted(): void;
  /** The receiver of the body asked for a pause: stop at the next event. */
  bodyHeld(): void;
  /** All of the response was queued. */
  responseEnded(exchange: Exchange): void;
  /** The connection becomes a tunnel behind the head that was just written. */
  beginTunnel(): void;
  /** Our side of the tunnel ended. */
  tunnelEnded(): void;
  /** An exchange was cut off: what is on the wire is not a whole response, so the connection goes. */
  reset(exchange: Exchange): void;
}

/** One request of an HTTP/1.1 connection: frames the response and hands it to the connection. */
export class H1ServerExchange extends Exchange {
  readonly #line: H1ServerLine;
  #chunked = false;
  #continued = false;

  constructor(line: H1ServerLine, ...exchange: ConstructorParameters<typeof Exchange>) {
    super(...exchange);
    this.#line = line;
  }

  protected putInform(status: number, fields: Fields): void {
    this.#put(`${statusLine(status, '')}${fieldLines(fields)}\r\n`);
  }

  protected startBody(): void {
    if (this.request.expectsContinue && !this.#continued && this.status === 0) {
      this.#continued = true;
      this.#put('HTTP/1.1 100 Continue\r\n\r\n');
    }
    this.#line.bodyWanted();
  }

  protected flowBody(on: boolean): void {
    if (on) this.#line.bodyWanted();
    else this.#line.bodyHeld();
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
    if (this.request.expectsContinue && !this.#continued) this.closes = true;
    let framing = '';
    if (status !== 204 && status !== 304) {
      if (length !== UNKNOWN_LENGTH) framing = `Content-Length: ${length}\r\n`;
      else if (this.request.method === 'HEAD') framing = '';
      else if (this.request.version >= 11) {
        this.#chunked = true;
        framing = 'Transfer-Encoding: chunked\r\n';
      } else this.closes = true;
    }
    const opening = this.#line.opening(status, reason, fields);
    const connection = this.#line.connectionLine(this);
    if (typeof body === 'string' && connection === '' && fields.sealed && length <= KEPT_BODY) {
      this.#put(keptResponse(opening, framing, fields, body));
    } else {
      const head = `${opening}${framing}${connection}${fieldLines(fields)}\r\n`;
      if (typeof body === 'string') {
        this.#put(head + body);
      } else {
        this.#put(head);
        if (body !== null && body.length > 0) this.#put(body);
      }
    }
    if (ends) this.#line.responseEnded(this);
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
    if (this.#line.tunnelling) {
      this.#line.tunnelEnded();
      return;
    }
    if (this.#chunked) {
      const allowed = trailers !== null && this.#takesTrailers();
      this.#put(allowed ? `0\r\n${fieldLines(trailers)}\r\n` : '0\r\n\r\n');
    }
    this.#line.responseEnded(this);
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
    this.#put(`${this.#line.opening(status, '', fields)}${switching}${fieldLines(fields)}\r\n`);
    this.#line.beginTunnel();
  }

  protected putReset(): void {
    this.#line.reset(this);
  }

  #put(data: string | Uint8Array): boolean {
    this.bytesSent += data.length;
    return this.#line.put(data);
  }
}

/** Bodies up to this many bytes are kept together with their head. */
const KEPT_BODY = 16 * 1024;

// The same file for the same status within the same second is the same text, down to the last byte: it is
// put together once, and from then on costs neither a concatenation nor the copy that flattens it.
function keptResponse(opening: string, framing: string, fields: Fields, body: string): string {
  const kept = fields.response;
  if (kept !== null && kept.opening === opening && kept.body === body) return kept.text;
  const text = `${opening}${framing}${fieldLines(fields)}\r\n${body}`;
  fields.response = { opening, body, text };
  return text;
}
