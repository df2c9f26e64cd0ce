import { MemoryBudget, type Fault } from '../../src/base/index.ts';
import {
  type ConnectionFacts,
  Exchange,
  Fields,
  NO_FIELDS,
  parseTarget,
  type RequestHead,
} from '../../src/http/message/index.ts';

/** What a test says about a request; everything else has an ordinary value. */
export interface MemoryRequest {
  readonly method?: string;
  readonly target?: string;
  readonly version?: number;
  readonly fields?: Fields;
  readonly contentLength?: number;
  readonly upgrade?: string | null;
  readonly host?: string;
}

/** A request head as a protocol would have made it. */
export function memoryRequest(request: MemoryRequest): RequestHead {
  const method = request.method ?? 'GET';
  const target = request.target ?? '/';
  const name = request.host ?? 'localhost';
  const parsed = parseTarget(method, target);
  return {
    method,
    target,
    path: parsed?.path ?? '/',
    query: parsed?.query ?? null,
    version: request.version ?? 11,
    host: { name, port: -1 },
    authority: name,
    fields: request.fields ?? NO_FIELDS,
    contentLength: request.contentLength ?? 0,
    expectsContinue: false,
    upgrade: request.upgrade ?? null,
  };
}

/** The facts of a connection between two loopback addresses. */
export function memoryConnection(facts: Partial<ConnectionFacts> = {}): ConnectionFacts {
  return {
    id: 1,
    remoteAddress: '127.0.0.1',
    remotePort: 50_000,
    peerEnded: false,
    localAddress: '127.0.0.1',
    localPort: 8080,
    secure: false,
    requests: 1,
    ...facts,
  };
}

/**
 * An exchange without a wire: what a handler sends is kept in fields, and a test plays the client by the
 * `take…` methods. A response counts as flushed when it ends, unless `full` holds it back.
 */
export class MemoryExchange extends Exchange {
  readonly informed: { status: number; fields: Fields }[] = [];
  sentFields: Fields = NO_FIELDS;
  sentReason = '';
  sentLength = -2;
  body: Buffer = Buffer.alloc(0);
  sentTrailers: Fields | null = null;
  ended = false;
  resetBy: Fault | null = null;
  tunnelled = false;
  /** While true, `write` answers false; `takeDrain` plays the client that reads on. */
  full = false;
  readonly flow: ('start' | 'pause' | 'resume')[] = [];

  constructor(
    request: MemoryRequest | RequestHead = {},
    connection = memoryConnection(),
    budget = new MemoryBudget(1 << 20),
    refusal: Fault | null = null,
  ) {
    super('path' in request ? request : memoryRequest(request), connection, budget, 0, refusal);
  }

  /** The body as latin1 text. */
  get text(): string {
    return this.body.toString('latin1');
  }

  protected putInform(status: number, fields: Fields): void {
    this.informed.push({ status, fields });
  }

  protected putHead(
    _status: number,
    reason: string,
    fields: Fields,
    length: number,
    body: string | Uint8Array | null,
    ends: boolean,
  ): void {
    this.sentReason = reason;
    this.sentFields = fields;
    this.sentLength = length;
    if (body !== null) {
      this.body = typeof body === 'string' ? Buffer.from(body, 'latin1') : Buffer.from(body);
    }
    if (ends) this.#ended();
  }

  protected putData(chunk: Uint8Array, start: number, end: number): boolean {
    this.body = Buffer.concat([this.body, chunk.subarray(start, end)]);
    return !this.full;
  }

  protected putEnd(trailers: Fields | null): void {
    this.sentTrailers = trailers;
    this.#ended();
  }

  #ended(): void {
    this.ended = true;
    if (!this.full) this.finish();
  }

  protected putTunnel(_status: number, fields: Fields): void {
    this.sentFields = fields;
    this.tunnelled = true;
  }

  protected putReset(fault: Fault): void {
    this.resetBy = fault;
  }

  protected startBody(): void {
    this.flow.push('start');
  }

  protected flowBody(on: boolean): void {
    this.flow.push(on ? 'resume' : 'pause');
  }
}
