/** A back end that speaks HTTP/1.1, and breaks it where a test says so, on any stream of bytes. */
import { type Fields, NO_FIELDS } from '../../src/http/message/index.ts';
import { DEFAULT_H1_LIMITS, EVENT, fieldLines, RequestParser } from '../../src/http/h1/index.ts';
import type { BackCall, Breakage } from './back.ts';
import type { BackConnection, BackStream } from './back-wire.ts';

/** The server's side of one accepted connection: understands requests, answers by script. */
export class H1BackConnection implements BackConnection {
  readonly number: number;
  readonly stream: BackStream;
  readonly #calls: BackCall[];
  readonly #parser = new RequestParser(DEFAULT_H1_LIMITS, false);
  #current: H1BackCall | null = null;
  #tunnel = false;

  /** `calls` collects the requests of all connections. */
  constructor(number: number, stream: BackStream, calls: BackCall[]) {
    this.number = number;
    this.stream = stream;
    this.#calls = calls;
  }

  onBytes(bytes: Uint8Array): void {
    if (this.#tunnel) {
      if (this.#current !== null) this.#current.body += Buffer.from(bytes).toString('latin1');
      return;
    }
    this.#parser.push(bytes, 0, bytes.length);
    for (;;) {
      const event = this.#parser.next();
      if (event === EVENT.needData) return;
      if (event === EVENT.head && this.#parser.head !== null) {
        this.#current = new H1BackCall(this, this.#parser.head);
        this.#calls.push(this.#current);
      } else if (event === EVENT.data && this.#current !== null) {
        const { window, dataStart, dataEnd } = this.#parser;
        this.#current.body += window.toString('latin1', dataStart, dataEnd);
      } else if (event === EVENT.end && this.#current !== null) {
        this.#current.bodyEnded = true;
        this.#current.trailers = this.#parser.trailers;
      } else throw new Error(`the transport sent no HTTP: ${this.#parser.fault?.message}`);
    }
  }

  beginTunnel(): void {
    this.#tunnel = true;
    if (this.#current !== null) this.#current.bodyEnded = false;
  }

  onFin(): void {
    if (this.#tunnel && this.#current !== null) this.#current.bodyEnded = true;
    else if (this.#current !== null) this.#current.gone = true;
  }

  onGone(): void {
    if (this.#current !== null) this.#current.gone = true;
  }
}

const BREAKS: Readonly<Record<Breakage, string | null>> = {
  'no protocol at all': 'SSH-2.0-OpenSSH_9.2\r\n',
  'a control character in a field': 'HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Length: 0\r\n\r\n',
  'a line end in a field': 'HTTP/1.1 200 OK\r\nX-A: a\rSet-Cookie: b\r\nContent-Length: 0\r\n\r\n',
  'a folded field': 'HTTP/1.1 200 OK\r\nX-A: a\r\n b\r\nContent-Length: 0\r\n\r\n',
  'two lengths': 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi',
  'a length that is no number': 'HTTP/1.1 200 OK\r\nContent-Length: +2\r\n\r\nhi',
  'a length beside another framing':
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'an unknown framing': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
  'an endless head': `HTTP/1.1 200 OK\r\n${`X-A: ${'a'.repeat(1000)}\r\n`.repeat(40)}`,
  'too many fields': `HTTP/1.1 200 OK\r\n${'X: y\r\n'.repeat(1000)}\r\n`,
  'interim responses without end': 'HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(1000),
  'a switch that nobody asked for':
    'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n',
  'no response': null,
  'a cut head': 'HTTP/1.1 200 OK\r\nContent-Le',
  'a cut body': 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi',
  'a cut body of unknown length':
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n',
  'a broken body': 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nzz\r\n',
};

type Head = Pick<BackCall, 'method' | 'target' | 'authority' | 'fields' | 'upgrade'>;

/** One request on such a connection. */
class H1BackCall implements BackCall {
  readonly method: string;
  readonly target: string;
  readonly authority: string;
  readonly fields: Fields;
  readonly upgrade: string | null;
  body = '';
  bodyEnded = false;
  trailers: Fields | null = null;
  gone = false;
  readonly #on: H1BackConnection;
  #framing: 'length' | 'chunked' | 'until-close' | 'tunnel' = 'length';
  #last = false;

  constructor(on: H1BackConnection, head: Head) {
    this.#on = on;
    this.method = head.method;
    this.target = head.target;
    this.authority = head.authority;
    this.fields = head.fields;
    this.upgrade = head.upgrade;
  }

  get connection(): number {
    return this.#on.number;
  }

  inform(status: number, fields = NO_FIELDS): void {
    this.#on.stream.send(`HTTP/1.1 ${status} \r\n${fieldLines(fields)}\r\n`);
  }

  respond(status: number, length: number | 'unknown' | 'until-close', fields = NO_FIELDS): void {
    let head = `HTTP/1.1 ${status} Fine\r\n${fieldLines(fields)}`;
    if (length === 'unknown') {
      this.#framing = 'chunked';
      head += 'Transfer-Encoding: chunked\r\n';
    } else if (length === 'until-close') this.#framing = 'until-close';
    else if (status !== 204) head += `Content-Length: ${length}\r\n`;
    if (this.#last) head += 'Connection: close\r\n';
    this.#on.stream.send(`${head}\r\n`);
  }

  write(bytes: string): void {
    const chunked = this.#framing === 'chunked';
    this.#on.stream.send(chunked ? `${bytes.length.toString(16)}\r\n${bytes}\r\n` : bytes);
  }

  end(trailers?: Fields): void {
    if (this.#framing === 'chunked') {
      this.#on.stream.send(`0\r\n${trailers === undefined ? '' : fieldLines(trailers)}\r\n`);
    } else if (this.#framing !== 'length' || this.#last) this.#on.stream.fin();
  }

  switch(protocol: string): void {
    this.#framing = 'tunnel';
    this.#on.beginTunnel();
    this.#on.stream.send(
      protocol === ''
        ? 'HTTP/1.1 200 Connected\r\n\r\n'
        : `HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: ${protocol}\r\n\r\n`,
    );
  }

  lastOne(): void {
    this.#last = true;
  }

  stray(): boolean {
    this.#on.stream.send('HTTP/1.1 200 Stray\r\nContent-Length: 5\r\n\r\nstray');
    return true;
  }

  breakWith(how: Breakage): boolean {
    const bytes = BREAKS[how];
    if (bytes !== null) this.#on.stream.send(bytes);
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
