/**
 * The response as a servlet writes it, on top of the response of the pipeline: status, header and a buffer
 * until the response is committed, bytes behind one another from then on.
 */
import {
  charsetOf,
  FIELD,
  fieldId,
  Fields,
  httpDate,
  NO_FIELDS,
  parseDecimal,
  UNKNOWN_LENGTH,
} from '../../../http/message/index.ts';
import type { Context } from '../../../pipeline/index.ts';
import {
  type Cookie,
  type HttpServletResponse,
  IllegalStateException,
  type PrintWriter,
  type ServletOutputStream,
} from '../../api/index.ts';
import { namesOf, valuesOf } from '../header-values.ts';
import { ResponseBuffer } from './response-buffer.ts';
import { BodyStream, BodyWriter } from './response-streams.ts';
import { setCookieValue } from './set-cookie.ts';
import { findEncoding, type TextEncoding } from './text-encoding.ts';

/** RFC 9110 section 15.3.6: without a body, whatever is written. */
const RESET_CONTENT = 205;

/** What a servlet asked to be told the client instead of an answer. */
export interface SentError {
  readonly status: number;
  readonly message: string;
}

/** Who knows the session that an address may have to carry. */
export interface UrlEncoder {
  encodeUrl(url: string): string;
}

/** See the head of this file. */
export class ContainerResponse implements HttpServletResponse {
  readonly #context: Context;
  readonly #encoder: UrlEncoder;
  readonly #defaultEncoding: TextEncoding;
  readonly #buffer: ResponseBuffer;
  #status = 200;
  #fields: Fields = NO_FIELDS;
  #type: string | null = null;
  #encoding: TextEncoding;
  #namesCharset = false;
  #length = UNKNOWN_LENGTH;
  #committed = false;
  #suspended = false;
  #over = false;
  #included = 0;
  #error: SentError | null = null;
  #stream: BodyStream | null = null;
  #writer: BodyWriter | null = null;

  constructor(context: Context, encoder: UrlEncoder, encoding: TextEncoding) {
    this.#context = context;
    this.#encoder = encoder;
    this.#defaultEncoding = encoding;
    this.#encoding = encoding;
    this.#buffer = new ResponseBuffer(context, this);
  }

  // Status

  getStatus(): number {
    return this.#status;
  }

  setStatus(status: number): void {
    checkStatus(status);
    if (this.#isFixed()) return;
    this.#status = status;
  }

  sendError(status: number, message = ''): void {
    checkStatus(status);
    if (this.#included > 0) return;
    this.#refuseCommitted('sendError');
    this.resetBuffer();
    this.#status = status;
    this.#error = { status, message };
    this.#suspended = true;
  }

  sendRedirect(location: string, status = 302): void {
    if (this.#included > 0) return;
    this.#refuseCommitted('sendRedirect');
    const address = asciiUrl(location);
    checkValue('Location', address);
    this.resetBuffer();
    this.#forgetLength();
    this.setStatus(status);
    this.setHeader('Location', address);
    this.#suspended = true;
  }

  // Header

  setHeader(name: string, value: string): void {
    if (this.#isFixed() || this.#setsKnown(name, value)) return;
    this.#changeable().set(name, value);
  }

  addHeader(name: string, value: string): void {
    if (this.#isFixed() || this.#setsKnown(name, value)) return;
    this.#changeable().append(name, value);
  }

  setIntHeader(name: string, value: number): void {
    this.setHeader(name, integerText(name, value));
  }

  addIntHeader(name: string, value: number): void {
    this.addHeader(name, integerText(name, value));
  }

  setDateHeader(name: string, value: number): void {
    this.setHeader(name, dateText(name, value));
  }

  addDateHeader(name: string, value: number): void {
    this.addHeader(name, dateText(name, value));
  }

  containsHeader(name: string): boolean {
    return this.getHeader(name) !== null;
  }

  getHeader(name: string): string | null {
    switch (fieldId(name)) {
      case FIELD.contentType:
        return this.getContentType();
      case FIELD.contentLength:
        return this.#length === UNKNOWN_LENGTH ? null : String(this.#length);
      default:
        return this.#fields.getByName(name);
    }
  }

  getHeaders(name: string): readonly string[] {
    const id = fieldId(name);
    if (id === FIELD.contentType || id === FIELD.contentLength) {
      const value = this.getHeader(name);
      return value === null ? [] : [value];
    }
    return valuesOf(this.#fields, name);
  }

  getHeaderNames(): readonly string[] {
    return namesOf(this.#fields, [
      ...(this.#type === null ? [] : ['Content-Type']),
      ...(this.#length === UNKNOWN_LENGTH ? [] : ['Content-Length']),
    ]);
  }

  addCookie(cookie: Cookie): void {
    if (this.#isFixed()) return;
    this.#changeable().appendKnown(FIELD.setCookie, setCookieValue(cookie));
  }

  // Kind of body

  getContentType(): string | null {
    if (this.#type === null) return null;
    return this.#namesCharset ? `${this.#type};charset=${this.#encoding.name}` : this.#type;
  }

  setContentType(type: string | null): void {
    if (this.#isFixed()) return;
    if (type === null) {
      this.#type = null;
      if (this.#writer === null) this.#forgetEncoding();
      return;
    }
    checkValue('Content-Type', type);
    const charset = charsetOf(type);
    // Whoever has the writer has decided on the charset.
    if (charset !== null && this.#writer === null) this.setCharacterEncoding(charset);
    this.#type = withoutCharset(type);
  }

  getCharacterEncoding(): string {
    return this.#encoding.name;
  }

  setCharacterEncoding(encoding: string): void {
    if (this.#isFixed() || this.#writer !== null) return;
    this.#encoding = findEncoding(encoding);
    this.#namesCharset = true;
  }

  setContentLength(length: number): void {
    if (!Number.isSafeInteger(length) || length < 0) {
      throw new RangeError(`${length} is no length of a body`);
    }
    if (this.#isFixed()) return;
    this.#length = length;
    this.#buffer.limit = length;
  }

  // Body

  getOutputStream(): ServletOutputStream {
    if (this.#writer !== null) throw new IllegalStateException('getWriter was called before');
    return (this.#stream ??= new BodyStream(this));
  }

  getWriter(): PrintWriter {
    if (this.#stream !== null) throw new IllegalStateException('getOutputStream was called before');
    if (this.#writer === null) {
      this.#namesCharset = true;
      this.#writer = new BodyWriter(this);
    }
    return this.#writer;
  }

  getBufferSize(): number {
    return this.#buffer.size;
  }

  setBufferSize(size: number): void {
    if (!Number.isSafeInteger(size) || size < 0) throw new RangeError(`${size} is no buffer size`);
    if (this.#committed || !this.#buffer.isEmpty) {
      throw new IllegalStateException(
        'The size of the buffer was to change behind the first write',
      );
    }
    this.#buffer.size = size;
  }

  flushBuffer(): void {
    if (this.#suspended || this.#over) return;
    this.commit();
    this.#buffer.flush();
  }

  resetBuffer(): void {
    this.#refuseCommitted('resetBuffer');
    this.#buffer.clear();
  }

  reset(): void {
    if (this.#included > 0) return;
    this.#refuseCommitted('reset');
    this.#buffer.clear();
    this.#status = 200;
    this.#fields = NO_FIELDS;
    this.#type = null;
    this.#forgetEncoding();
    this.#forgetLength();
    this.#stream = null;
    this.#writer = null;
  }

  isCommitted(): boolean {
    return this.#committed || this.#over || this.#suspended;
  }

  encodeURL(url: string): string {
    return this.#encoder.encodeUrl(url);
  }

  encodeRedirectURL(url: string): string {
    return this.#encoder.encodeUrl(url);
  }

  // For the streams

  /** Takes the next text of the body. */
  writeText(text: string): void {
    if (!this.#takes()) return;
    this.#buffer.addText(text, this.#encoding);
    this.#closeWhenFull();
  }

  /** Takes the next bytes of the body. */
  writeBytes(bytes: Uint8Array): void {
    if (!this.#takes()) return;
    this.#buffer.addBytes(bytes);
    this.#closeWhenFull();
  }

  // The length that was told is all there is (section 5.7), which ends the response; what is written behind is dropped.
  #closeWhenFull(): void {
    if (this.#length <= 0 || this.#buffer.total < this.#length) return;
    if (!this.#over && this.#included === 0) this.finish();
    this.#suspended = true;
  }

  get isReady(): boolean {
    return this.#buffer.isReady;
  }

  /** Settles when the client takes more. */
  ready(): Promise<void> {
    return this.#buffer.ready();
  }

  /** Ends the response for the servlet. */
  close(): void {
    if (this.#suspended || this.#over) return;
    if (this.#included > 0) return;
    this.finish();
  }

  // For the container

  /** Sets a cookie in place of one with the same name that was set before; in an included servlet as well. */
  replaceCookie(name: string, value: string): void {
    const fields = this.#changeable();
    const start = `${name}=`;
    let at = fields.indexOf(FIELD.setCookie);
    while (at >= 0 && !fields.valueAt(at).startsWith(start)) {
      at = fields.indexOf(FIELD.setCookie, at + 1);
    }
    if (at < 0) fields.appendKnown(FIELD.setCookie, value);
    else fields.replaceAt(at, value);
  }

  /** What `sendError` was called with; null where it was not. */
  get sentError(): SentError | null {
    return this.#error;
  }

  /** Whether anything of it was sent; `isCommitted` also says so of what must not change any more. */
  get hasBegun(): boolean {
    return this.#committed || this.#over;
  }

  /** Takes an error or a redirect back, with what is in the buffer, so that a page can be written; status and header stay. */
  openForErrorPage(): void {
    this.#buffer.clear();
    this.#error = null;
    this.#suspended = false;
    this.#stream = null;
    this.#writer = null;
    this.#type = null;
    this.#forgetEncoding();
    this.#forgetLength();
  }

  #forgetLength(): void {
    this.#length = UNKNOWN_LENGTH;
    this.#buffer.limit = UNKNOWN_LENGTH;
  }

  #forgetEncoding(): void {
    this.#encoding = this.#defaultEncoding;
    this.#namesCharset = false;
  }

  /** Fields that the servlet has set; for an answer that the container makes itself. */
  get fields(): Fields {
    return this.#fields;
  }

  /** An included servlet begins: it may write, and nothing else. */
  beginInclude(): void {
    this.#included++;
  }

  /** The included servlet is through. */
  endInclude(): void {
    this.#included--;
  }

  /** Nothing more may be written: the servlet that was forwarded to has answered. */
  suspend(): void {
    this.#suspended = true;
  }

  /**
   * Sends what is left and ends the response. Harmless when that was done.
   * @throws IllegalStateException where there is less than was told, and nothing was sent yet.
   */
  finish(): void {
    if (this.#over) return;
    const { total } = this.#buffer;
    if (!this.#committed && this.#length > total && !this.#isBodiless) {
      this.#forgetLength();
      throw new IllegalStateException(
        `A body of another length than was told: it has ${total} bytes`,
      );
    }
    this.#over = true;
    this.#buffer.close();
    if (this.#committed) {
      this.#buffer.end();
      return;
    }
    this.#committed = true;
    const fields = this.#head();
    if (this.#length !== UNKNOWN_LENGTH && this.#isBodiless) {
      // The length that a body would have.
      this.#context.respond(this.#status, fields, this.#length);
      this.#context.end(null);
    } else if (this.#status === RESET_CONTENT) this.#context.send(this.#status, fields, null);
    else this.#context.send(this.#status, fields, this.#buffer.takeAll());
  }

  /** The request is over without an answer from here: whatever comes from the servlet is refused. */
  abandon(): void {
    this.#over = true;
    this.#committed = true;
    this.#buffer.abandon();
  }

  /** The client takes more. */
  drained(): void {
    this.#buffer.drained();
  }

  /** Sends status and header, where that was not done. */
  commit(): void {
    if (this.#committed) return;
    this.#committed = true;
    const length = this.#status === RESET_CONTENT ? 0 : this.#length;
    this.#buffer.limit = length;
    this.#context.respond(this.#status, this.#head(), length);
  }

  /** Whether the answer has no body, whatever is written: RFC 9110 sections 9.3.2 and 15.4.5. */
  get #isBodiless(): boolean {
    return this.#status === 304 || this.#context.exchange.request.method === 'HEAD';
  }

  #head(): Fields {
    const type = this.getContentType();
    if (type === null) return this.#fields;
    const fields = this.#changeable();
    fields.appendKnown(FIELD.contentType, type);
    return fields;
  }

  /** Whether status and header cannot change any more, which is no fault of who tries. */
  #isFixed(): boolean {
    return this.#committed || this.#suspended || this.#included > 0;
  }

  /** Whether bytes still go anywhere. */
  #takes(): boolean {
    if (this.#suspended) return false;
    if (this.#over) {
      if (this.#context.exchange.aborted) return false;
      throw new IllegalStateException('The response was to be written behind its end');
    }
    return true;
  }

  #refuseCommitted(what: string): void {
    if (this.isCommitted())
      throw new IllegalStateException(`${what} behind the commit of the response`);
  }

  // What a servlet may set as a header, but the container keeps elsewhere.
  #setsKnown(name: string, value: string): boolean {
    switch (fieldId(name)) {
      case FIELD.contentType:
        this.setContentType(value);
        return true;
      case FIELD.contentLength: {
        const length = parseDecimal(value);
        if (length < 0)
          throw new TypeError(`Content-Length is no number: ${JSON.stringify(value)}`);
        this.setContentLength(length);
        return true;
      }
      case FIELD.connection:
        // Its other options are the business of the protocol in front.
        if (/(?:^|,)\s*close\s*(?:,|$)/i.test(value)) this.#context.exchange.closes = true;
        return true;
      case FIELD.transferEncoding:
      case FIELD.keepAlive:
      case FIELD.trailer:
      case FIELD.upgrade:
        return true;
      default:
        return false;
    }
  }

  #changeable(): Fields {
    if (this.#fields === NO_FIELDS) this.#fields = new Fields();
    return this.#fields;
  }
}

function checkStatus(status: number): void {
  if (Number.isInteger(status) && status >= 200 && status <= 999) return;
  throw new RangeError(`${status} is no status of a final response: 200 to 999`);
}

function integerText(name: string, value: number): string {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${name}: ${value} is no whole number`);
  return String(value);
}

function dateText(name: string, value: number): string {
  const date = new Date(value);
  const year = date.getUTCFullYear();
  // RFC 9110 section 5.6.7: a year has four digits.
  if (!(year >= 0 && year <= 9999)) throw new RangeError(`${name}: ${value} is no date`);
  return value < 0 ? date.toUTCString() : httpDate(Math.floor(value / 1000));
}

function checkValue(name: string, value: string): void {
  // Throws for what cannot stand in a header.
  new Fields().append(name, value);
}

/** A media type without its charset, which is sent in the spelling of the encoding. */
function withoutCharset(type: string): string {
  const [essence = '', ...parameters] = type.split(';');
  if (parameters.length === 0) return type;
  const kept = parameters.filter((parameter) => !/^[ \t]*charset[ \t]*=/i.test(parameter));
  return kept.length === parameters.length ? type : [essence.trimEnd(), ...kept].join(';');
}

/** An address as a header can carry it: characters that are not ASCII in UTF-8, escaped. */
function asciiUrl(url: string): string {
  return url.replace(/[^\0-\x7f]+/gu, (text) => encodeURIComponent(text.toWellFormed()));
}
