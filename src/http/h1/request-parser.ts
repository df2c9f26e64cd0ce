import { type Host, parseHost } from '../message/host.ts';
import { FIELD } from '../message/field-names.ts';
import { NO_FIELDS } from '../message/fields.ts';
import { type RequestHead, UNKNOWN_LENGTH } from '../message/request.ts';
import {
  equalsIgnoreCaseAscii,
  isDigitByte,
  isDigits,
  isTokenByte,
  listContainsToken,
  lowerAscii,
  parseDecimal,
} from '../message/token.ts';
import { parseTarget } from '../message/uri.ts';
import { H1_REQUEST_FAULTS as FAULTS } from './faults.ts';
import type { H1Limits } from './limits.ts';
import { MessageParser, type ParserFaults } from './message-parser.ts';

const PARSER_FAULTS: ParserFaults = {
  fieldLine: FAULTS['h1-field-line'],
  fieldValue: FAULTS['h1-field-value'],
  obsFold: FAULTS['h1-obs-fold'],
  bareLf: FAULTS['h1-bare-lf'],
  headTooLarge: FAULTS['h1-head-too-large'],
  tooManyFields: FAULTS['h1-too-many-fields'],
  startLineTooLong: FAULTS['h1-line-too-long'],
  chunk: FAULTS['h1-chunk'],
  chunkTooLarge: FAULTS['h1-chunk-too-large'],
  chunkExtension: FAULTS['h1-chunk-extension'],
  cut: FAULTS['h1-body-cut'],
  headStage: 'head',
  bodyStage: 'request-body',
};

const SP = 0x20;
const QUESTION = 0x3f;
const HASH = 0x23;
const SLASH = 0x2f;
const CR = 0x0d;
const LF = 0x0a;
const HTTP_SLASH = [0x48, 0x54, 0x54, 0x50, 0x2f];
const METHOD_LIMIT = 64;

/** Reads the requests of one connection; see `MessageParser` for the rules. */
export class RequestParser extends MessageParser {
  /** The request whose head was read last; valid from its `head` event on. Who takes it may set it to null. */
  head: RequestHead | null = null;
  /** Whether the client would send another request on this connection (RFC 9112 section 9.3). */
  keepAlive = true;

  // Where method, target and its first `?` lie, relative to the start of the section.
  #methodEnd = 0;
  #targetEnd = 0;
  #question = -1;
  #version = 11;
  #lineWasRead = false;
  // Most requests of a connection name the same host: it is taken apart once.
  #hostText = '';
  #host: Host | null = null;

  constructor(limits: H1Limits, lenientLineEnds: boolean) {
    super(limits, PARSER_FAULTS, lenientLineEnds);
  }

  protected readStartLine(window: Buffer, from: number, end: number): number {
    this.#lineWasRead = false;
    let at = from;
    while (at < end && isTokenByte(window[at] as number)) at++;
    if (at - from > METHOD_LIMIT) return this.#noRequestLine('a method of more than 64 bytes');
    if (at >= end) return -1;
    if (at === from || window[at] !== SP) return this.#noRequestLine(shown(window[at]));
    this.#methodEnd = at - from;
    const target = ++at;
    let question = -1;
    let byte = 0;
    for (; at < end; at++) {
      byte = window[at] as number;
      if (byte <= SP || byte === 0x7f) break;
      if (byte === QUESTION && question < 0) question = at;
      else if (byte === HASH) {
        this.refuse(FAULTS['h1-target'], 'head', 'a fragment');
        return -2;
      }
    }
    if (at >= end) return -1;
    if (at === target || byte !== SP) return this.#noRequestLine(shown(byte));
    this.#targetEnd = at - from;
    this.#question = question < 0 ? -1 : question - from;
    return this.#readVersion(window, at + 1, end);
  }

  #readVersion(window: Buffer, from: number, end: number): number {
    for (let i = 0; i < HTTP_SLASH.length; i++) {
      if (from + i >= end) return -1;
      if (window[from + i] !== HTTP_SLASH[i]) return this.#noRequestLine(shown(window[from + i]));
    }
    if (from + 8 >= end) return -1;
    const major = window[from + 5] as number;
    const minor = window[from + 7] as number;
    const behind = window[from + 8] as number;
    if (
      !isDigitByte(major) ||
      window[from + 6] !== 0x2e ||
      !isDigitByte(minor) ||
      (behind !== CR && behind !== LF)
    ) {
      return this.#noRequestLine('the version');
    }
    if (major !== 0x31) {
      this.refuse(FAULTS['h1-version'], 'head', '');
      return -2;
    }
    // RFC 9110 section 2.5: a higher minor version is spoken to as the highest that we know.
    this.#version = minor === 0x30 ? 10 : 11;
    this.#lineWasRead = true;
    return from + 8;
  }

  #noRequestLine(detail: string): -2 {
    this.refuse(FAULTS['h1-request-line'], 'head', detail);
    return -2;
  }

  protected finishHead(text: string): boolean {
    const method = text.slice(0, this.#methodEnd);
    const target = text.slice(this.#methodEnd + 1, this.#targetEnd);
    const fields = this.fields;
    let hostAt = -1;
    let lengthAt = -1;
    let codingAt = -1;
    let expects = false;
    let expectsOther = false;
    let offers = false;
    let connection: string | null = null;
    for (let i = 0; i < fields.size; i++) {
      switch (fields.idAt(i)) {
        case FIELD.host:
          if (hostAt >= 0) return this.refuse(FAULTS['h1-host'], 'head', 'two of them');
          hostAt = i;
          break;
        case FIELD.contentLength:
          if (lengthAt >= 0) return this.refuse(FAULTS['h1-content-length'], 'head', 'two of them');
          lengthAt = i;
          break;
        case FIELD.transferEncoding:
          if (codingAt >= 0) {
            return this.refuse(FAULTS['h1-transfer-encoding'], 'head', 'two of them');
          }
          codingAt = i;
          break;
        case FIELD.connection:
          connection =
            connection === null ? fields.valueAt(i) : `${connection},${fields.valueAt(i)}`;
          break;
        case FIELD.expect:
          expects = true;
          if (!equalsIgnoreCaseAscii(fields.valueAt(i), '100-continue')) expectsOther = true;
          break;
        case FIELD.upgrade:
          offers = true;
          break;
      }
    }

    const length = this.#bodyLength(lengthAt, codingAt);
    if (length === REFUSED_LENGTH) return false;
    if (expectsOther) return this.refuse(FAULTS['h1-expectation'], 'head', '');
    let path = target;
    let query: string | null = null;
    let authority = '';
    if (text.charCodeAt(this.#methodEnd + 1) === SLASH && method !== 'CONNECT') {
      if (this.#question >= 0) {
        path = text.slice(this.#methodEnd + 1, this.#question);
        query = text.slice(this.#question + 1, this.#targetEnd);
      }
    } else {
      const parsed = parseTarget(method, target);
      if (parsed === null) return this.refuse(FAULTS['h1-target'], 'head', '');
      path = parsed.path;
      query = parsed.query;
      if (parsed.form === 'authority') authority = target;
      else if (parsed.form === 'absolute') authority = authorityOf(target);
    }
    if (!this.#readHost(hostAt, authority)) return false;
    if (method === 'CONNECT' && length !== 0) return this.refuse(FAULTS['h1-connect'], 'head', '');

    this.keepAlive =
      this.#version === 11
        ? connection === null || !listContainsToken(connection, 'close')
        : connection !== null &&
          listContainsToken(connection, 'keep-alive') &&
          !listContainsToken(connection, 'close');
    let upgrade: string | null = method === 'CONNECT' ? 'connect' : null;
    if (
      offers &&
      this.#version === 11 &&
      length === 0 &&
      connection !== null &&
      listContainsToken(connection, 'upgrade')
    ) {
      const offered = fields.joined(FIELD.upgrade) ?? '';
      if (offered !== '') upgrade ??= lowerAscii(offered);
    }
    this.head = {
      method,
      target,
      path,
      query,
      version: this.#version,
      host: this.#host,
      authority: this.#hostText,
      fields,
      contentLength: length,
      // An HTTP/1.0 client cannot be waiting (RFC 9110 section 10.1.1).
      expectsContinue: expects && this.#version === 11 && length !== 0,
      upgrade,
    };
    if (length === UNKNOWN_LENGTH) this.beginBody('chunked', 0);
    else this.beginBody('length', length);
    return true;
  }

  // RFC 9112 section 6.3, in the strict reading: a request that could be framed in two ways is refused.
  #bodyLength(lengthAt: number, codingAt: number): number {
    if (codingAt >= 0) {
      const coding = this.fields.valueAt(codingAt);
      if (lengthAt >= 0) {
        this.refuse(FAULTS['h1-transfer-encoding'], 'head', 'beside Content-Length');
      } else if (this.#version < 11) {
        this.refuse(FAULTS['h1-transfer-encoding'], 'head', 'in HTTP/1.0');
      } else if (equalsIgnoreCaseAscii(coding, 'chunked')) {
        return UNKNOWN_LENGTH;
      } else if (isOtherCodingThenChunked(coding)) {
        this.refuse(FAULTS['h1-transfer-coding-unknown'], 'head', '');
      } else {
        this.refuse(FAULTS['h1-transfer-encoding'], 'head', '');
      }
      return REFUSED_LENGTH;
    }
    if (lengthAt < 0) return 0;
    const text = this.fields.valueAt(lengthAt);
    const length = parseDecimal(text);
    if (length >= 0) return length;
    if (isDigits(text)) this.refuse(FAULTS['h1-content-length-too-large'], 'head', '');
    else this.refuse(FAULTS['h1-content-length'], 'head', '');
    return REFUSED_LENGTH;
  }

  // RFC 9112 section 3.2. A target with an authority must agree with Host: the next hop may believe either.
  #readHost(hostAt: number, authority: string): boolean {
    if (hostAt < 0) {
      if (this.#version === 11) return this.refuse(FAULTS['h1-host'], 'head', 'missing');
      this.#keepHost(authority);
      return true;
    }
    const text = this.fields.valueAt(hostAt);
    if (!this.#keepHost(text)) return this.refuse(FAULTS['h1-host'], 'head', 'not a host');
    if (authority === '') return true;
    const asked = parseHost(authority);
    const named = this.#host;
    if (
      asked === null ||
      named === null ||
      asked.name !== named.name ||
      asked.port !== named.port
    ) {
      return this.refuse(FAULTS['h1-host'], 'head', "another than the target's");
    }
    return true;
  }

  #keepHost(text: string): boolean {
    if (text === this.#hostText) return text === '' || this.#host !== null;
    // The host outlives its head, whose whole text a slice of it would keep alive.
    const own = Buffer.from(text, 'latin1').toString('latin1');
    this.#hostText = own;
    this.#host = own === '' ? null : parseHost(own);
    return text === '' || this.#host !== null;
  }

  /**
   * A head for the log, made of what came of a refused request: method and target where the request
   * line was whole, else the line as the target.
   */
  refusedHead(): RequestHead {
    const text = this.headSoFar(LOGGED_LINE);
    let end = text.indexOf('\n');
    if (end < 0) end = text.length;
    if (end > 0 && text.charCodeAt(end - 1) === CR) end--;
    const known = this.#lineWasRead && text.length >= this.#targetEnd;
    const method = known ? text.slice(0, this.#methodEnd) : '';
    const target = known ? text.slice(this.#methodEnd + 1, this.#targetEnd) : text.slice(0, end);
    return {
      method,
      target,
      path: '/',
      query: null,
      version: known ? this.#version : 11,
      host: null,
      authority: '',
      fields: NO_FIELDS,
      contentLength: 0,
      expectsContinue: false,
      upgrade: null,
    };
  }
}

const REFUSED_LENGTH = -2;
const LOGGED_LINE = 1024;

// `gzip, chunked` and its like: well formed, and chunked is where RFC 9112 section 6.1 wants it, but
// nothing here undoes the coding in front of it.
function isOtherCodingThenChunked(value: string): boolean {
  const comma = value.indexOf(',');
  if (comma <= 0) return false;
  const first = value.slice(0, comma);
  const known = ['gzip', 'x-gzip', 'deflate', 'compress', 'x-compress'];
  if (!known.some((coding) => equalsIgnoreCaseAscii(coding, first))) return false;
  const rest = value.slice(comma + 1);
  const second = rest.charCodeAt(0) === SP ? rest.slice(1) : rest;
  return equalsIgnoreCaseAscii(second, 'chunked');
}

function authorityOf(absolute: string): string {
  const from = absolute.indexOf('//') + 2;
  let to = from;
  while (to < absolute.length) {
    const code = absolute.charCodeAt(to);
    if (code === SLASH || code === QUESTION) break;
    to++;
  }
  return absolute.slice(from, to);
}

function shown(byte: number | undefined): string {
  return `byte 0x${(byte ?? 0).toString(16).padStart(2, '0')}`;
}
