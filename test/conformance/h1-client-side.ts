import { DEFAULT_H1_LIMITS, EVENT, ResponseParser } from '../../src/http/h1/index.ts';
import type { Fields } from '../../src/http/message/index.ts';
import type { TestCall, TestRequest } from './front.ts';
import type { ClientLine, ClientSide } from './front-wire.ts';

/** What a test client says and understands of HTTP/1.1, over whatever carries its bytes. */
export class H1ClientSide implements ClientSide {
  readonly #line: ClientLine;
  readonly #calls: H1Call[] = [];
  readonly #parser = new ResponseParser(DEFAULT_H1_LIMITS, false);
  #over: 'no' | 'ended' | 'reset' = 'no';

  constructor(line: ClientLine) {
    this.#line = line;
  }

  request(request: TestRequest = {}): TestCall {
    const method = request.method ?? 'GET';
    const call = new H1Call(
      this.#line,
      method,
      request.body === 'stream',
      request.upgrade !== undefined,
    );
    let head = `${method} ${request.target ?? '/'} HTTP/1.1\r\nHost: localhost\r\n`;
    for (const [name, value] of request.fields?.entries() ?? []) head += `${name}: ${value}\r\n`;
    if (request.body === 'stream') head += 'Transfer-Encoding: chunked\r\n';
    else if (request.body !== undefined) head += `Content-Length: ${request.body}\r\n`;
    if (request.expectContinue === true) head += 'Expect: 100-continue\r\n';
    if (request.upgrade !== undefined)
      head += `Connection: upgrade\r\nUpgrade: ${request.upgrade}\r\n`;
    if (request.takesTrailers === true) head += 'TE: trailers\r\n';
    this.#calls.push(call);
    this.#line.send(`${head}\r\n`);
    return call;
  }

  requestGarbage(): TestCall {
    const call = new H1Call(this.#line, 'GET', false, false);
    this.#calls.push(call);
    this.#line.send('GET / HTTP/1.1\r\nHost : localhost\r\n\r\n');
    return call;
  }

  /** Whether the connection is a tunnel. */
  get tunnelling(): boolean {
    return this.#calls.some((call) => call.status === 101);
  }

  /** Bytes of the server. */
  take(bytes: Buffer): void {
    if (bytes.length > 0) this.#parser.push(bytes, 0, bytes.length);
    this.#parse();
  }

  /** Nothing follows: the server ended its side, or cut the connection off by a reset. */
  over(how: 'ended' | 'reset'): void {
    if (this.#over === 'no') this.#over = how;
    this.#parse();
  }

  #parse(): void {
    const parser = this.#parser;
    for (;;) {
      const call = this.#calls.find((each) => each.state === 'waiting' || each.state === 'open');
      if (call === undefined) return;
      if (call.state === 'waiting') parser.expect(call.method, call.upgrade);
      const event = parser.next();
      if (event === EVENT.head) {
        if (parser.status < 200 && parser.status !== 101) {
          call.informed.push(parser.status);
        } else {
          call.status = parser.status;
          call.fields = parser.headFields;
          call.state = 'open';
        }
      } else if (event === EVENT.data) {
        call.body += parser.window.toString('latin1', parser.dataStart, parser.dataEnd);
      } else if (event === EVENT.end) {
        call.trailers = parser.trailers;
        call.state = 'complete';
      } else if (event === EVENT.refused) {
        call.state = 'broken';
      } else if (this.#over === 'no') {
        return;
      } else {
        const whole =
          call.state === 'open' && this.#over === 'ended' && parser.finish() === EVENT.end;
        call.state = whole ? 'complete' : 'broken';
      }
    }
  }
}

class H1Call implements TestCall {
  readonly informed: number[] = [];
  readonly method: string;
  readonly upgrade: boolean;
  status = 0;
  fields: Fields | null = null;
  body = '';
  trailers: Fields | null = null;
  state: 'waiting' | 'open' | 'complete' | 'broken' = 'waiting';
  readonly #line: ClientLine;
  readonly #chunked: boolean;

  constructor(line: ClientLine, method: string, chunked: boolean, upgrade: boolean) {
    this.#line = line;
    this.method = method;
    this.#chunked = chunked;
    this.upgrade = upgrade;
  }

  write(bytes: string): void {
    this.#line.send(this.#chunked ? `${bytes.length.toString(16)}\r\n${bytes}\r\n` : bytes);
  }

  end(trailers?: Fields): void {
    if (this.upgrade) {
      this.#line.end();
    } else if (this.#chunked) {
      let text = '0\r\n';
      for (const [name, value] of trailers?.entries() ?? []) text += `${name}: ${value}\r\n`;
      this.#line.send(`${text}\r\n`);
    }
  }

  breakBody(): boolean {
    if (!this.#chunked) return false;
    this.#line.send('zz\r\n');
    return true;
  }
}
