import { FIELD } from '../message/field-names.ts';
import type { Fields } from '../message/fields.ts';
import { UNKNOWN_LENGTH } from '../message/request.ts';
import {
  equalsIgnoreCaseAscii,
  isDigitByte,
  isFieldValueByte,
  listContainsToken,
  parseDecimal,
} from '../message/token.ts';
import { CALL_FAULTS } from '../message/faults.ts';
import { H1_RESPONSE_FAULTS as FAULTS } from './faults.ts';
import type { H1Limits } from './limits.ts';
import { MessageParser, type ParserFaults } from './message-parser.ts';

const PARSER_FAULTS: ParserFaults = {
  fieldLine: FAULTS['h1-response-head'],
  fieldValue: FAULTS['h1-response-head'],
  obsFold: FAULTS['h1-response-head'],
  bareLf: FAULTS['h1-response-head'],
  headTooLarge: FAULTS['h1-response-too-large'],
  tooManyFields: FAULTS['h1-response-too-large'],
  startLineTooLong: FAULTS['h1-response-too-large'],
  chunk: FAULTS['h1-response-chunk'],
  chunkTooLarge: FAULTS['h1-response-chunk'],
  chunkExtension: FAULTS['h1-response-chunk'],
  cut: CALL_FAULTS['call-cut'],
  headStage: 'upstream-head',
  bodyStage: 'upstream-body',
};

const HTTP_1 = [0x48, 0x54, 0x54, 0x50, 0x2f, 0x31, 0x2e];
const SP = 0x20;

/**
 * Reads the responses of one connection to a back end. Which request a response answers changes its
 * framing (RFC 9112 section 6.3), so `expect` is called before each.
 */
export class ResponseParser extends MessageParser {
  /** Status of the head that was read last. Below 200 the final head is still to come (but for 101). */
  status = 0;
  /** The reason phrase as sent. */
  reason = '';
  /** The fields of that head. */
  headFields: Fields = this.fields;
  /** Bytes of the body, 0 for none, or `UNKNOWN_LENGTH`; for HEAD, what a GET would have had. */
  length = 0;
  /** Whether the back end lets the connection be used again behind this response. */
  keepAlive = true;
  /** Whether the body is a tunnel: what follows is no HTTP. */
  tunnel = false;

  #method = 'GET';
  #upgrade = false;
  #version = 11;
  #reasonStart = 0;
  #reasonEnd = 0;

  constructor(limits: H1Limits, lenientLineEnds: boolean) {
    super(limits, PARSER_FAULTS, lenientLineEnds);
  }

  /** Names the request that the next final response answers; `upgrade` where it offered to switch protocols. */
  expect(method: string, upgrade: boolean): void {
    this.#method = method;
    this.#upgrade = upgrade;
    this.tunnel = false;
  }

  protected readStartLine(window: Buffer, from: number, end: number): number {
    for (let i = 0; i < HTTP_1.length; i++) {
      if (from + i >= end) return -1;
      if (window[from + i] !== HTTP_1[i]) return this.#noStatusLine();
    }
    if (from + 12 >= end) return -1;
    const minor = window[from + 7] as number;
    const hundreds = (window[from + 9] as number) - 0x30;
    const tens = window[from + 10] as number;
    const ones = window[from + 11] as number;
    if (
      !isDigitByte(minor) ||
      window[from + 8] !== SP ||
      !(hundreds >= 1 && hundreds <= 9) ||
      !isDigitByte(tens) ||
      !isDigitByte(ones)
    ) {
      return this.#noStatusLine();
    }
    this.#version = minor === 0x30 ? 10 : 11;
    this.status = hundreds * 100 + (tens - 0x30) * 10 + (ones - 0x30);
    let at = from + 12;
    // The space in front of the reason is required, but many leave it out together with the reason.
    if (window[at] === SP) at++;
    else if (isFieldValueByte(window[at] as number)) return this.#noStatusLine();
    this.#reasonStart = at - from;
    while (at < end && isFieldValueByte(window[at] as number)) at++;
    if (at >= end) return -1;
    this.#reasonEnd = at - from;
    return at;
  }

  #noStatusLine(): -2 {
    this.refuse(FAULTS['h1-response-head'], 'upstream-head', 'no status line');
    return -2;
  }

  protected finishHead(text: string): boolean {
    this.reason = text.slice(this.#reasonStart, this.#reasonEnd);
    this.headFields = this.fields;
    const status = this.status;
    if (status === 101) {
      if (!this.#upgrade) {
        return this.refuse(CALL_FAULTS['call-unasked'], 'upstream-head', '101 without a request');
      }
      return this.#becomeTunnel();
    }
    if (status < 200) {
      this.beginAnotherHead();
      return true;
    }
    if (this.#method === 'CONNECT' && status < 300) return this.#becomeTunnel();
    return this.#frameBody();
  }

  #becomeTunnel(): boolean {
    this.tunnel = true;
    this.keepAlive = false;
    this.length = UNKNOWN_LENGTH;
    this.beginBody('until-close', 0);
    return true;
  }

  #frameBody(): boolean {
    const fields = this.fields;
    const connection = fields.joined(FIELD.connection);
    this.keepAlive =
      this.#version === 11
        ? connection === null || !listContainsToken(connection, 'close')
        : connection !== null &&
          listContainsToken(connection, 'keep-alive') &&
          !listContainsToken(connection, 'close');

    const lengthAt = fields.indexOf(FIELD.contentLength);
    const codingAt = fields.indexOf(FIELD.transferEncoding);
    if (lengthAt >= 0 && fields.indexOf(FIELD.contentLength, lengthAt + 1) >= 0) {
      return this.#noFraming('two Content-Length');
    }
    if (lengthAt >= 0 && codingAt >= 0) return this.#noFraming('Content-Length beside chunked');
    let length = UNKNOWN_LENGTH;
    if (lengthAt >= 0) {
      length = parseDecimal(fields.valueAt(lengthAt));
      if (length < 0) return this.#noFraming('Content-Length is no number');
    }
    let chunked = false;
    if (codingAt >= 0) {
      const once = fields.indexOf(FIELD.transferEncoding, codingAt + 1) < 0;
      chunked = once && equalsIgnoreCaseAscii(fields.valueAt(codingAt), 'chunked');
      if (!chunked || this.#version < 11) return this.#noFraming('Transfer-Encoding');
    }
    this.length = length;
    if (this.#method === 'HEAD' || this.status === 204 || this.status === 304) {
      // RFC 9112 section 6.3 rule 1: the head is all, whatever lengths it announces.
      if (this.status === 204) this.length = 0;
      this.beginBody('length', 0);
    } else if (chunked) {
      this.beginBody('chunked', 0);
    } else if (length >= 0) {
      this.beginBody('length', length);
    } else {
      this.keepAlive = false;
      this.beginBody('until-close', 0);
    }
    return true;
  }

  #noFraming(detail: string): false {
    return this.refuse(FAULTS['h1-response-framing'], 'upstream-head', detail);
  }
}
