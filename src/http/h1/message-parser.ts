/**
 * The part of HTTP/1.1 parsing that requests and responses share (RFC 9112): lines, field sections,
 * body framing. Bytes go in by `push`, events come out of `next`; there is no I/O and no time here.
 *
 * Theory. A head is read line by line, and a line only when it is there as a whole: what arrived of an
 * unfinished line is kept, and searched for its end only in what is new, so that a client that sends
 * single bytes costs no more than its bytes. A whole head in one chunk, the usual case, is read once,
 * in place. Field values stay offsets until somebody asks for them.
 *
 * Rules. Every line ends with CR LF; `lenientLineEnds` also takes LF in heads, never in chunked framing.
 * Nothing is repaired: what RFC 9112 allows a recipient to mend (obs-fold, repeated equal lengths) is
 * refused, because the next hop may mend it differently, and that difference is request smuggling.
 */
import { Fault, type FaultKind, type Stage } from '../../base/index.ts';
import { fieldIdOfBytes } from '../message/field-names.ts';
import { Fields } from '../message/fields.ts';
import { hexValue, isBlankByte, isFieldValueByte, isTokenByte } from '../message/token.ts';
import type { H1Limits } from './limits.ts';

/** What `next` found; numbers, so that a switch over them is a table. */
export const EVENT = {
  /** Nothing more can be said before more bytes are pushed. */
  needData: 0,
  /** A head is complete. */
  head: 1,
  /** Body bytes: `window[dataStart, dataEnd)`. */
  data: 2,
  /** The message is complete; `trailers` holds the fields behind a chunked body, or null. */
  end: 3,
  /** The input is refused for good: `fault` says why. */
  refused: 4,
} as const;

/** One of the numbers of `EVENT`. */
export type ParserEvent = (typeof EVENT)[keyof typeof EVENT];

/** The fault kinds that a role (server or client) gives to what the shared part finds. */
export interface ParserFaults {
  readonly fieldLine: FaultKind;
  readonly fieldValue: FaultKind;
  readonly obsFold: FaultKind;
  readonly bareLf: FaultKind;
  readonly headTooLarge: FaultKind;
  readonly tooManyFields: FaultKind;
  readonly startLineTooLong: FaultKind;
  readonly chunk: FaultKind;
  readonly chunkTooLarge: FaultKind;
  readonly chunkExtension: FaultKind;
  readonly cut: FaultKind;
  readonly headStage: Stage;
  readonly bodyStage: Stage;
}

const START_LINE = 0;
const FIELD_LINES = 1;
const BODY_BY_LENGTH = 2;
const BODY_UNTIL_CLOSE = 3;
const CHUNK_SIZE = 4;
const CHUNK_DATA = 5;
const CHUNK_END = 6;
const TRAILER_LINES = 7;
const MESSAGE_END = 8;
const REFUSED = 9;

/** How the body of a message ends. */
export type BodyFraming = 'length' | 'chunked' | 'until-close';

const CR = 0x0d;
const LF = 0x0a;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const UNDERSCORE = 0x5f;
const CHUNK_EXTENSION_LIMIT = 4096;
/** More unread bytes than this are hardly those of a head. */
const BODY_BYTES = 16 * 1024;
const NOTHING = Buffer.alloc(0);

// What reading a line ended with.
const LINE_READ = 0;
const LINE_INCOMPLETE = 1;
const LINE_REFUSED = 2;
const SECTION_END = 3;

/** See the head of this file; `RequestParser` and `ResponseParser` add the start line and the framing. */
export abstract class MessageParser {
  /** The bytes that the offsets of a `data` event point into; owned by whoever takes the event. */
  window: Buffer = NOTHING;
  dataStart = 0;
  dataEnd = 0;
  /** The fields behind a chunked body; valid at the `end` event. */
  trailers: Fields | null = null;
  /** Why the input was refused. */
  fault: Fault | null = null;

  protected readonly limits: H1Limits;
  protected readonly faults: ParserFaults;
  protected readonly lenientLineEnds: boolean;
  /** Where the next unread byte lies in `window`. */
  protected position = 0;
  /** Where the head (or trailer section) that is being read begins in `window`. */
  protected sectionStart = 0;
  protected fields: Fields = new Fields();

  #windowEnd = 0;
  // Whether `window` was allocated here, so that bytes may be appended to it.
  #windowIsOwn = false;
  // Bytes before this offset hold no end of the line that begins at `position`.
  #searched = 0;
  #state = START_LINE;
  #remaining = 0;
  #extensionBytes = 0;
  #bodyBytes = 0;
  // Whether interim heads came of a message whose final head is still to come.
  #awaitsFinalHead = false;

  constructor(limits: H1Limits, faults: ParserFaults, lenientLineEnds: boolean) {
    this.limits = limits;
    this.faults = faults;
    this.lenientLineEnds = lenientLineEnds;
  }

  /**
   * Reads the start line that begins at `position`, up to but not including its line end. Returns the
   * offset behind it, -1 where bytes are missing, or -2 after `refuse`.
   */
  protected abstract readStartLine(window: Buffer, from: number, end: number): number;
  /** The head, whose text is `text`, is complete: decide the framing. False after `refuse`. */
  protected abstract finishHead(text: string): boolean;

  /** The text of the head as far as it came, `limit` bytes at most; for the log of a refused one. */
  protected headSoFar(limit: number): string {
    const end = Math.min(this.#windowEnd, this.sectionStart + limit);
    return this.window.toString('latin1', this.sectionStart, end);
  }

  /** Bytes that were pushed and not read yet. */
  get unread(): number {
    return this.#windowEnd - this.position;
  }

  /** Bytes held of a head or line that is not complete yet; what a memory budget counts. */
  get held(): number {
    return this.#windowEnd - this.#keepFrom();
  }

  /** Whether the parser stands between two messages, with no byte of the next one seen. */
  get idle(): boolean {
    const between = this.#state === START_LINE || this.#state === MESSAGE_END;
    return between && this.unread === 0 && !this.#awaitsFinalHead;
  }

  /** Whether a head is being waited for, begun or not. */
  get inHead(): boolean {
    return this.#state === START_LINE || this.#state === FIELD_LINES;
  }

  /** Takes bytes `[start, end)` of `chunk`, which belongs to the parser from now on. */
  push(chunk: Uint8Array, start: number, end: number): void {
    const keep = this.#keepFrom();
    const kept = this.#windowEnd - keep;
    if (kept === 0) {
      this.window = Buffer.isBuffer(chunk)
        ? chunk
        : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      this.position = start;
      this.sectionStart = start;
      this.#searched = start;
      this.#windowEnd = end;
      this.#windowIsOwn = false;
      return;
    }
    const added = end - start;
    if (!this.#windowIsOwn || this.#windowEnd + added > this.window.length) {
      // Twice what is needed, so that a head that comes in single bytes is moved a few times, not
      // once a byte.
      this.#moveTo(Buffer.allocUnsafeSlow(Math.max(512, (kept + added) * 2)), keep, kept);
    }
    this.window.set(chunk.subarray(start, end), this.#windowEnd);
    this.#windowEnd += added;
  }

  /** Whether `keepUnread` would let go of much more than it copies. */
  get wasteful(): boolean {
    return this.window.length > 1024 + this.held * 4;
  }

  /**
   * Copies what is kept of the bytes pushed last, which are about to go away under the parser, or which
   * are few of many that are read already.
   */
  keepUnread(): void {
    const keep = this.#keepFrom();
    const kept = this.#windowEnd - keep;
    if (kept === 0) {
      this.window = NOTHING;
      this.position = 0;
      this.sectionStart = 0;
      this.#searched = 0;
      this.#windowEnd = 0;
    } else if (!this.#windowIsOwn || this.wasteful) {
      // A line is likely to grow; bytes of a body wait for somebody to take them.
      const size = kept > BODY_BYTES ? kept : Math.max(512, kept * 2);
      this.#moveTo(Buffer.allocUnsafeSlow(size), keep, kept);
    }
  }

  /** Copies the bytes of the `data` event, and what is unread behind them, which are about to go away. */
  keepData(): void {
    const from = this.dataStart;
    this.window = Buffer.from(this.window.subarray(from, this.#windowEnd));
    this.dataStart = 0;
    this.dataEnd -= from;
    this.position -= from;
    this.sectionStart = 0;
    this.#searched = 0;
    this.#windowEnd -= from;
    this.#windowIsOwn = false;
  }

  #moveTo(grown: Buffer, keep: number, kept: number): void {
    this.window.copy(grown, 0, keep, this.#windowEnd);
    this.position -= keep;
    this.#searched -= keep;
    this.sectionStart = 0;
    this.window = grown;
    this.#windowEnd = kept;
    this.#windowIsOwn = true;
  }

  #keepFrom(): number {
    return this.#state === FIELD_LINES || this.#state === TRAILER_LINES
      ? this.sectionStart
      : this.position;
  }

  /** Takes the bytes that nobody read, to be handed to what follows HTTP on this connection (a tunnel). */
  takeUnread(): Buffer {
    const rest = this.window.subarray(this.position, this.#windowEnd);
    this.window = NOTHING;
    this.position = 0;
    this.sectionStart = 0;
    this.#searched = 0;
    this.#windowEnd = 0;
    return rest;
  }

  /** Finds the next event in what was pushed. After `end` it begins the next message. */
  next(): ParserEvent {
    for (;;) {
      switch (this.#state) {
        case MESSAGE_END:
          this.#state = START_LINE;
          this.trailers = null;
          this.fields = new Fields();
          continue;
        case START_LINE: {
          const outcome = this.#startLine();
          if (outcome === LINE_READ) continue;
          return outcome === LINE_INCOMPLETE ? EVENT.needData : EVENT.refused;
        }
        case FIELD_LINES: {
          const outcome = this.#fieldLines();
          if (outcome === LINE_INCOMPLETE) return EVENT.needData;
          if (outcome === LINE_REFUSED) return EVENT.refused;
          const text = this.window.toString('latin1', this.sectionStart, this.position);
          this.fields.setText(text);
          return this.finishHead(text) ? EVENT.head : EVENT.refused;
        }
        case BODY_BY_LENGTH:
        case CHUNK_DATA: {
          const available = this.#windowEnd - this.position;
          if (available === 0 && this.#remaining > 0) return EVENT.needData;
          if (this.#remaining === 0) {
            if (this.#state === CHUNK_DATA) {
              this.#state = CHUNK_END;
              continue;
            }
            this.#state = MESSAGE_END;
            return EVENT.end;
          }
          const taken = Math.min(available, this.#remaining);
          this.dataStart = this.position;
          this.dataEnd = this.position += taken;
          this.#remaining -= taken;
          return EVENT.data;
        }
        case BODY_UNTIL_CLOSE: {
          if (this.unread === 0) return EVENT.needData;
          this.dataStart = this.position;
          this.dataEnd = this.position = this.#windowEnd;
          return EVENT.data;
        }
        case CHUNK_SIZE:
        case CHUNK_END: {
          const outcome = this.#state === CHUNK_SIZE ? this.#chunkSize() : this.#chunkEnd();
          if (outcome === LINE_READ) continue;
          return outcome === LINE_INCOMPLETE ? EVENT.needData : EVENT.refused;
        }
        case TRAILER_LINES: {
          const outcome = this.#fieldLines();
          if (outcome === LINE_INCOMPLETE) return EVENT.needData;
          if (outcome === LINE_REFUSED) return EVENT.refused;
          this.fields.setText(this.window.toString('latin1', this.sectionStart, this.position));
          this.trailers = this.fields.size === 0 ? null : this.fields;
          this.#state = MESSAGE_END;
          return EVENT.end;
        }
        default:
          return EVENT.refused;
      }
    }
  }

  /**
   * The body of `length` bytes as latin1 text, where the message has one and all of it was pushed: the
   * message is then complete, without further events. Else null, and nothing is taken.
   */
  takeWholeBody(length: number): string | null {
    const start = this.position;
    if (this.#state !== BODY_BY_LENGTH || this.#remaining !== length || this.unread < length) {
      return null;
    }
    this.position += length;
    this.#remaining = 0;
    this.#state = MESSAGE_END;
    return length === 0 ? '' : this.window.toString('latin1', start, start + length);
  }

  /**
   * The peer ended its side. Returns `end` where that completes a message that lasts until the close,
   * `needData` where no message was begun, and `refused` where one was cut.
   */
  finish(): ParserEvent {
    if (this.#state === BODY_UNTIL_CLOSE) {
      this.#state = MESSAGE_END;
      return EVENT.end;
    }
    if (this.#state === REFUSED) return EVENT.refused;
    if (this.idle || (this.#state === MESSAGE_END && !this.#awaitsFinalHead)) return EVENT.needData;
    this.refuse(this.faults.cut, this.inHead ? this.faults.headStage : this.faults.bodyStage, '');
    return EVENT.refused;
  }

  /** Decides how the body is read; called once from `finishHead`. */
  protected beginBody(framing: BodyFraming, length: number): void {
    this.#remaining = length;
    this.#bodyBytes = 0;
    this.#extensionBytes = 0;
    this.#awaitsFinalHead = false;
    if (framing === 'chunked') this.#state = CHUNK_SIZE;
    else this.#state = framing === 'length' ? BODY_BY_LENGTH : BODY_UNTIL_CLOSE;
  }

  /** The head was an interim one: the next head belongs to the same message. */
  protected beginAnotherHead(): void {
    this.#awaitsFinalHead = true;
    this.#state = MESSAGE_END;
  }

  /** Refuses the input for good; always false, so that callers can return it. */
  protected refuse(kind: FaultKind, stage: Stage, detail: string): false {
    this.fault ??= new Fault(kind, stage, detail);
    this.#state = REFUSED;
    return false;
  }

  #refuseLine(kind: FaultKind, detail: string): typeof LINE_REFUSED {
    const inHead = this.#state === START_LINE || this.#state === FIELD_LINES;
    this.refuse(kind, inHead ? this.faults.headStage : this.faults.bodyStage, detail);
    return LINE_REFUSED;
  }

  // Whether the line at `position` may be complete; remembers how far the search for its end came.
  #lineMayBeComplete(): boolean {
    if (this.#searched <= this.position) return true;
    const found = this.window.indexOf(LF, this.#searched);
    return found >= 0 && found < this.#windowEnd;
  }

  #startLine(): number {
    // RFC 9112 section 2.2: empty lines in front of a start line are ignored.
    while (this.position < this.#windowEnd) {
      const byte = this.window[this.position];
      const behind = this.position + 1;
      if (byte === CR && behind < this.#windowEnd && this.window[behind] === LF) this.position += 2;
      else if (byte === LF && this.lenientLineEnds) this.position++;
      else break;
    }
    const from = this.position;
    const end = this.#windowEnd;
    this.sectionStart = from;
    if (from === end) return LINE_INCOMPLETE;
    if (end - from === 1 && this.window[from] === CR) return LINE_INCOMPLETE;
    if (!this.#lineMayBeComplete()) return this.#incomplete(from, this.limits.requestLine);
    const behind = this.readStartLine(this.window, from, end);
    if (behind === -2) return LINE_REFUSED;
    if (behind === -1) return this.#incomplete(from, this.limits.requestLine);
    if (behind - from > this.limits.requestLine) {
      return this.#refuseLine(this.faults.startLineTooLong, `${behind - from} bytes`);
    }
    const next = this.#lineEnd(behind);
    if (next === -1) return this.#incomplete(from, this.limits.requestLine);
    if (next === -2) return LINE_REFUSED;
    this.position = next;
    this.#searched = next;
    this.#state = FIELD_LINES;
    return LINE_READ;
  }

  #incomplete(lineStart: number, limit: number): number {
    this.#searched = this.#windowEnd;
    // Two bytes more than the limit may be there: the line end, not recognised for want of the LF.
    if (this.#windowEnd - lineStart > limit + 2) {
      return this.#refuseLine(
        this.#state === START_LINE ? this.faults.startLineTooLong : this.faults.headTooLarge,
        `more than ${limit} bytes`,
      );
    }
    return LINE_INCOMPLETE;
  }

  // The offset behind the line end at `at`, -1 where bytes are missing, -2 after a refusal.
  #lineEnd(at: number): number {
    if (at >= this.#windowEnd) return -1;
    const byte = this.window[at];
    if (byte === CR) {
      if (at + 1 >= this.#windowEnd) return -1;
      if (this.window[at + 1] === LF) return at + 2;
      this.#refuseLine(this.faults.fieldValue, 'CR without LF');
      return -2;
    }
    if (byte === LF) {
      if (this.lenientLineEnds) return at + 1;
      this.#refuseLine(this.faults.bareLf, '');
      return -2;
    }
    this.#refuseLine(this.faults.fieldValue, `byte 0x${hex(byte)}`);
    return -2;
  }

  #fieldLines(): number {
    for (;;) {
      if (!this.#lineMayBeComplete()) return this.#incomplete(this.sectionStart, this.limits.head);
      const outcome = this.#fieldLine();
      if (outcome === LINE_INCOMPLETE) return this.#incomplete(this.sectionStart, this.limits.head);
      if (outcome === LINE_REFUSED) return outcome;
      if (this.position - this.sectionStart > this.limits.head) {
        return this.#refuseLine(this.faults.headTooLarge, `more than ${this.limits.head} bytes`);
      }
      if (outcome === SECTION_END) return outcome;
    }
  }

  #fieldLine(): number {
    const window = this.window;
    const end = this.#windowEnd;
    const from = this.position;
    if (from >= end) return LINE_INCOMPLETE;
    let at = from;
    let underscore = false;
    let byte = window[at] as number;
    while (isTokenByte(byte)) {
      if (byte === UNDERSCORE) underscore = true;
      if (++at >= end) return LINE_INCOMPLETE;
      byte = window[at] as number;
    }
    if (byte !== COLON || at === from) return this.#noField(from, at, byte);
    const nameEnd = at++;
    while (at < end && isBlankByte(window[at] as number)) at++;
    const value = at;
    while (at < end && isFieldValueByte(window[at] as number)) at++;
    if (at >= end) return LINE_INCOMPLETE;
    const next = this.#lineEnd(at);
    if (next === -1) return LINE_INCOMPLETE;
    if (next === -2) return LINE_REFUSED;
    let valueEnd = at;
    while (valueEnd > value && isBlankByte(window[valueEnd - 1] as number)) valueEnd--;
    this.position = next;
    this.#searched = next;
    // A name with `_` becomes the same variable as one with `-` in CGI and its heirs, and would let a
    // client forge a header that a proxy sets. It is left out, as nginx does.
    if (!underscore) {
      if (this.fields.size >= this.limits.headerCount) {
        return this.#refuseLine(this.faults.tooManyFields, `more than ${this.limits.headerCount}`);
      }
      const base = this.sectionStart;
      const id = fieldIdOfBytes(window, from, nameEnd);
      this.fields.appendSpan(id, from - base, nameEnd - base, value - base, valueEnd - base);
    }
    return LINE_READ;
  }

  // What stands at the place of a field line is none: the end of the section, or a fault.
  #noField(from: number, at: number, byte: number): number {
    if (at === from && (byte === CR || byte === LF)) {
      const next = this.#lineEnd(at);
      if (next === -1) return LINE_INCOMPLETE;
      if (next === -2) return LINE_REFUSED;
      this.position = next;
      this.#searched = next;
      return SECTION_END;
    }
    if (at === from && isBlankByte(byte)) return this.#refuseLine(this.faults.obsFold, '');
    if (byte === LF && !this.lenientLineEnds) return this.#refuseLine(this.faults.bareLf, '');
    const what = byte === COLON ? 'an empty name' : `byte 0x${hex(byte)} in or behind the name`;
    return this.#refuseLine(this.faults.fieldLine, what);
  }

  #chunkSize(): number {
    const window = this.window;
    const end = this.#windowEnd;
    let at = this.position;
    let size = 0;
    for (; at < end; at++) {
      const digit = hexValue(window[at] as number);
      if (digit < 0) break;
      // 2^49 - 1 followed by one more digit is at most 2^53 - 1.
      if (size > 0x1_ffff_ffff_ffff) return this.#refuseLine(this.faults.chunkTooLarge, '');
      size = size * 16 + digit;
      if (at - this.position >= 16) return this.#refuseLine(this.faults.chunk, 'size of 17 digits');
    }
    if (at >= end) return LINE_INCOMPLETE;
    if (at === this.position) return this.#refuseLine(this.faults.chunk, 'no size');
    const digitsEnd = at;
    while (at < end && isBlankByte(window[at] as number)) at++;
    if (at >= end) return this.#extensionIncomplete(digitsEnd);
    if (window[at] === SEMICOLON) {
      while (at < end && isFieldValueByte(window[at] as number)) at++;
      if (at >= end) return this.#extensionIncomplete(digitsEnd);
    } else if (at > digitsEnd) {
      return this.#refuseLine(this.faults.chunk, 'white space behind the size');
    }
    const ended = this.#chunkLineEnd(at);
    if (ended !== LINE_READ) {
      return ended === LINE_INCOMPLETE ? this.#extensionIncomplete(digitsEnd) : ended;
    }
    this.#extensionBytes += at - digitsEnd;
    if (this.#extensionBytes > CHUNK_EXTENSION_LIMIT) {
      return this.#refuseLine(this.faults.chunkExtension, '');
    }
    if (size === 0) {
      this.#state = TRAILER_LINES;
      this.sectionStart = this.position;
      this.fields = new Fields();
      return LINE_READ;
    }
    this.#bodyBytes += size;
    if (this.#bodyBytes > Number.MAX_SAFE_INTEGER) {
      return this.#refuseLine(this.faults.chunkTooLarge, 'sum of the chunks');
    }
    this.#remaining = size;
    this.#state = CHUNK_DATA;
    return LINE_READ;
  }

  #extensionIncomplete(digitsEnd: number): number {
    const extension = this.#windowEnd - digitsEnd + this.#extensionBytes;
    if (extension > CHUNK_EXTENSION_LIMIT + 2) {
      return this.#refuseLine(this.faults.chunkExtension, '');
    }
    return LINE_INCOMPLETE;
  }

  #chunkEnd(): number {
    const outcome = this.#chunkLineEnd(this.position);
    if (outcome === LINE_READ) this.#state = CHUNK_SIZE;
    return outcome;
  }

  // CR LF exactly, whatever the leniency elsewhere: here a line end frames the body.
  #chunkLineEnd(at: number): number {
    if (at >= this.#windowEnd) return LINE_INCOMPLETE;
    if (this.window[at] !== CR) {
      return this.#refuseLine(this.faults.chunk, `byte 0x${hex(this.window[at])} instead of CR LF`);
    }
    if (at + 1 >= this.#windowEnd) return LINE_INCOMPLETE;
    if (this.window[at + 1] !== LF) return this.#refuseLine(this.faults.chunk, 'CR without LF');
    this.position = at + 2;
    this.#searched = at + 2;
    return LINE_READ;
  }
}

function hex(byte: number | undefined): string {
  return (byte ?? 0).toString(16).padStart(2, '0');
}
