/** A request and a response for servlets in unit tests, without a container; what a test does not use is not there. */
import {
  type DispatcherType,
  type HttpServletRequest,
  HttpServletRequestWrapper,
  type HttpServletResponse,
  HttpServletResponseWrapper,
  IllegalStateException,
  type PrintWriter,
  type ServletOutputStream,
} from '../../src/was/api/index.ts';

// Both override what servlets under test call; anything else fails loudly, because nothing is wrapped.
const NOTHING = null as unknown as HttpServletRequest & HttpServletResponse;

/** What a test says about a request; everything else has an ordinary value. */
export interface MemoryServletModel {
  readonly method?: string;
  /** Decoded; `GET` of it without a context is what `uri` is unless said. */
  readonly path?: string;
  readonly pathInfo?: string | null;
  readonly uri?: string;
  readonly query?: string | null;
  readonly dispatcher?: DispatcherType;
  /** By name in lower case; several values are several fields. */
  readonly fields?: Readonly<Record<string, string | readonly string[]>>;
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** See `MemoryServletModel`. */
export class MemoryServletRequest extends HttpServletRequestWrapper {
  readonly #model: MemoryServletModel;

  constructor(model: MemoryServletModel = {}) {
    super(NOTHING);
    this.#model = model;
  }

  override getMethod(): string {
    return this.#model.method ?? 'GET';
  }

  override getServletPath(): string {
    return this.#model.path ?? '/';
  }

  override getPathInfo(): string | null {
    return this.#model.pathInfo ?? null;
  }

  override getRequestURI(): string {
    return this.#model.uri ?? encodeURI(this.getServletPath());
  }

  override getQueryString(): string | null {
    return this.#model.query ?? null;
  }

  override getDispatcherType(): DispatcherType {
    return this.#model.dispatcher ?? 'REQUEST';
  }

  override getHeaders(name: string): readonly string[] {
    return [this.#model.fields?.[name.toLowerCase()] ?? []].flat();
  }

  override getHeader(name: string): string | null {
    return this.getHeaders(name)[0] ?? null;
  }

  override getAttribute(name: string): unknown {
    return this.#model.attributes?.[name] ?? null;
  }
}

/** A response that keeps what it is told. An included servlet changes nothing but the body, as the container has it. */
export class MemoryServletResponse extends HttpServletResponseWrapper {
  status = 200;
  /** The status of `sendError`, null where it was not called. */
  error: number | null = null;
  location: string | null = null;
  length: number | null = null;
  encoding = 'ISO-8859-1';
  committed = false;
  /** Whether an included servlet writes. */
  included = false;
  /** What `ready` waits for before each write of a test; undefined for nothing. */
  readonly waits: (() => Promise<void>)[] = [];
  readonly chunks: Uint8Array[] = [];
  readonly #fields = new Map<string, string>();
  #namesCharset = false;
  #taken: 'stream' | 'writer' | null = null;

  constructor() {
    super(NOTHING);
  }

  /** The body so far, latin1. */
  get body(): string {
    return Buffer.concat(this.chunks).toString('latin1');
  }

  /** Header fields by name in lower case, the type included. */
  get fields(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#fields);
  }

  override getStatus(): number {
    return this.status;
  }

  override setStatus(status: number): void {
    if (!this.included) this.status = status;
  }

  override sendError(status: number): void {
    if (this.included) return;
    this.status = status;
    this.error = status;
    this.chunks.length = 0;
  }

  override sendRedirect(location: string, status = 302): void {
    if (this.included) return;
    this.status = status;
    this.location = location;
  }

  override setHeader(name: string, value: string): void {
    if (!this.included) this.#fields.set(name.toLowerCase(), value);
  }

  override setDateHeader(name: string, value: number): void {
    this.setHeader(name, new Date(value).toUTCString());
  }

  override containsHeader(name: string): boolean {
    return this.#fields.has(name.toLowerCase());
  }

  override getHeader(name: string): string | null {
    return this.#fields.get(name.toLowerCase()) ?? null;
  }

  override getContentType(): string | null {
    const type = this.getHeader('content-type');
    return type !== null && this.#namesCharset ? `${type};charset=${this.encoding}` : type;
  }

  override setContentType(type: string | null): void {
    if (type !== null) this.setHeader('content-type', type);
  }

  override getCharacterEncoding(): string {
    return this.encoding;
  }

  override setCharacterEncoding(encoding: string): void {
    this.encoding = encoding;
    this.#namesCharset = true;
  }

  override setContentLength(length: number): void {
    if (!this.included) this.length = length;
  }

  override getBufferSize(): number {
    return 8192;
  }

  override setBufferSize(): void {
    if (this.committed || this.chunks.length > 0) throw new IllegalStateException('Written');
  }

  override isCommitted(): boolean {
    return this.committed;
  }

  override encodeRedirectURL(url: string): string {
    return url;
  }

  override getOutputStream(): ServletOutputStream {
    if (this.#taken === 'writer') throw new IllegalStateException('getWriter was called before');
    this.#taken = 'stream';
    return this.#body();
  }

  override getWriter(): PrintWriter {
    if (this.#taken === 'stream') throw new IllegalStateException('getOutputStream was called');
    this.#taken = 'writer';
    this.#namesCharset = true;
    const stream = this.#body();
    return {
      ...stream,
      print: (value) => stream.write(String(value)),
      println: (value) => stream.write(`${String(value)}\n`),
    };
  }

  #body(): ServletOutputStream {
    const write = (data: Uint8Array | string): void => {
      const latin1 = this.encoding === 'ISO-8859-1';
      this.chunks.push(
        typeof data === 'string' ? Buffer.from(data, latin1 ? 'latin1' : 'utf8') : data,
      );
    };
    return {
      write,
      print: write,
      println: (text = '') => write(`${text}\r\n`),
      isReady: () => this.waits.length === 0,
      ready: () => this.waits.shift()?.() ?? Promise.resolve(),
      flush: () => (this.committed = true),
      close: () => (this.committed = true),
    };
  }
}
