import { Fault } from '../../base/index.ts';
import {
  Exchange,
  type Fields,
  NO_FIELDS,
  reasonPhrase,
  UNKNOWN_LENGTH,
} from '../../http/message/index.ts';
import { AJP_REQUEST_FAULTS as FAULTS } from './faults.ts';
import { bodyChunkHead, endResponse, mostResponseBody, responseHead } from './response-messages.ts';

/** What an exchange asks of the connection that carries it. */
export interface AjpServerLine {
  readonly packetSize: number;
  /** Queues bytes of a response; false above the wire's high-water mark. */
  put(data: string | Uint8Array): boolean;
  /** Whether another request may follow, where the exchange does not say that none may. */
  readonly goesOn: boolean;
  /** Somebody wants the request body: ask for it. */
  bodyWanted(): void;
  /** The receiver of the body asked for a pause. */
  bodyHeld(): void;
  /** All of the response was queued. */
  responseEnded(exchange: Exchange): void;
  /** An exchange was cut off: the connection goes, so that the web server can tell. */
  reset(exchange: Exchange): void;
}

/** One request of a web server: cuts its response into packets. */
export class AjpServerExchange extends Exchange {
  readonly #line: AjpServerLine;
  // Of an answer whose head did not fit nothing is sent.
  #dropsBody = false;

  constructor(line: AjpServerLine, ...exchange: ConstructorParameters<typeof Exchange>) {
    super(...exchange);
    this.#line = line;
  }

  // A web server takes the first head for the final one.
  protected putInform(): void {}

  protected startBody(): void {
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
    const { packetSize } = this.#line;
    const isFramed = length !== UNKNOWN_LENGTH && status !== 204 && status !== 304;
    const phrase = reason === '' ? reasonPhrase(status) : reason;
    const head = responseHead(status, phrase, fields, packetSize, isFramed ? length : null);
    if (head === null) this.#putTooLarge();
    else this.#put(head);
    if (body !== null && body.length > 0) {
      if (typeof body === 'string') this.#putText(body);
      else this.putData(body, 0, body.length);
    }
    if (ends) this.putEnd();
  }

  // What is behind it would belong to another head.
  #putTooLarge(): void {
    this.#dropsBody = true;
    this.fault ??= new Fault(FAULTS['ajp-answer-too-large'], 'response');
    this.status = 500;
    this.bodyBytesSent = 0;
    this.#put(responseHead(500, reasonPhrase(500), NO_FIELDS, this.#line.packetSize, 0) ?? '');
  }

  protected putData(chunk: Uint8Array, start: number, end: number): boolean {
    if (this.#dropsBody) return true;
    const most = mostResponseBody(this.#line.packetSize);
    let room = true;
    for (let at = start; at < end; at += most) {
      const to = Math.min(at + most, end);
      this.#put(bodyChunkHead(to - at));
      this.#put(at === 0 && to === chunk.length ? chunk : chunk.subarray(at, to));
      room = this.#put('\0');
    }
    return room;
  }

  #putText(text: string): void {
    if (this.#dropsBody) return;
    const most = mostResponseBody(this.#line.packetSize);
    for (let at = 0; at < text.length; at += most) {
      const piece = text.slice(at, at + most);
      this.#put(`${bodyChunkHead(piece.length)}${piece}\0`);
    }
  }

  protected putEnd(): void {
    if (!this.#line.goesOn) this.closes = true;
    this.#put(endResponse(!this.closes));
    this.#line.responseEnded(this);
  }

  // No request offers to switch to another protocol, so none comes to this.
  protected putTunnel(): void {
    this.#line.reset(this);
  }

  protected putReset(): void {
    this.#line.reset(this);
  }

  #put(data: string | Uint8Array): boolean {
    this.bytesSent += data.length;
    return this.#line.put(data);
  }
}
