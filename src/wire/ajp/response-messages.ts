/** The packets that a container sends for a request, and the body that it is sent. */
import { FIELD, type Fields, isFieldValue } from '../../http/message/index.ts';
import {
  CONTAINER_PACKET,
  PACKET_HEAD,
  RESPONSE_FIELDS,
  SERVER_PACKET,
  TO_CONTAINER,
  TO_SERVER,
} from './codes.ts';
import { FieldCodes } from './field-codes.ts';
import { Payload, textPiece, word } from './payload.ts';
import { wordAt } from './packet-reader.ts';

const CODES = new FieldCodes(RESPONSE_FIELDS);

/** Asks a container whether it lives (CPING). */
export const CPING = `${word(TO_CONTAINER)}${word(1)}${String.fromCharCode(SERVER_PACKET.cping)}`;
/** The answer of one that lives to CPING; of one that hangs none comes. */
export const CPONG = `${word(TO_SERVER)}${word(1)}${String.fromCharCode(CONTAINER_PACKET.cpong)}`;
/** Ends the body of a request, where its end is not told by its length. */
export const LAST_BODY_PACKET = `${word(TO_CONTAINER)}${word(0)}`;
/** Has the web server pass on what it has of an answer: a chunk of nothing. */
export const FLUSH = `${bodyChunkHead(0)}\0`;

/** The most bytes of a request body in one packet of `largest` bytes: its head and their number go off. */
export function mostRequestBody(largest: number): number {
  return largest - PACKET_HEAD - 2;
}

/** The most bytes of an answer's body in one packet of `largest` bytes: head, code, their number and a NUL go off. */
export function mostResponseBody(largest: number): number {
  return largest - PACKET_HEAD - 4;
}

/** What stands in front of so many bytes of a request body; nothing follows them. */
export function requestBodyHead(bytes: number): string {
  return word(TO_CONTAINER) + word(bytes + 2) + word(bytes);
}

/** What stands in front of so many bytes of an answer's body; a NUL follows them. */
export function bodyChunkHead(bytes: number): string {
  return (
    word(TO_SERVER) +
    word(bytes + 4) +
    String.fromCharCode(CONTAINER_PACKET.bodyChunk) +
    word(bytes)
  );
}

/**
 * The head of an answer (SEND_HEADERS) as latin1 text; null where no packet of `largest` bytes can hold it. `length`
 * is that of the body, null where it is not told.
 */
export function responseHead(
  status: number,
  reason: string,
  fields: Fields,
  largest: number,
  length: number | null = null,
): string | null {
  const others = CODES.write(fields);
  if (others === null) return null;
  let payload =
    String.fromCharCode(CONTAINER_PACKET.headers) +
    word(status) +
    textPiece(reason) +
    word(fields.size + (length === null ? 0 : 1));
  payload += others;
  if (length !== null) payload += CODES.writeOne(FIELD.contentLength, String(length));
  if (payload.length + PACKET_HEAD > largest) return null;
  return word(TO_SERVER) + word(payload.length) + payload;
}

/** Ends an answer; `reuse` says whether the connection takes another request. */
export function endResponse(reuse: boolean): string {
  return `${word(TO_SERVER)}${word(2)}${String.fromCharCode(CONTAINER_PACKET.end)}${reuse ? '\x01' : '\0'}`;
}

/** Asks for the next bytes of a request body, so many at most. */
export function getBodyChunk(most: number): string {
  return `${word(TO_SERVER)}${word(3)}${String.fromCharCode(CONTAINER_PACKET.getBodyChunk)}${word(most)}`;
}

/** A packet to the web server, by its first byte. */
export type ContainerMessage =
  | {
      readonly type: 'headers';
      readonly status: number;
      readonly reason: string;
      readonly fields: Fields;
    }
  /** Bytes `[start, end)` of the buffer that was read; none of them means that what is there is to be passed on. */
  | { readonly type: 'body'; readonly start: number; readonly end: number }
  | { readonly type: 'end'; readonly reuse: boolean }
  /** More of the request body is wanted, at most so many bytes. */
  | { readonly type: 'get-body'; readonly most: number }
  | { readonly type: 'cpong' };

/** Reads the payload of a packet from a container, `[start, end)` of `bytes`; null where it is none. */
export function readContainerMessage(
  bytes: Uint8Array,
  start: number,
  end: number,
): ContainerMessage | null {
  if (start >= end) return null;
  switch (bytes[start]) {
    case CONTAINER_PACKET.bodyChunk: {
      const from = start + 3;
      const to = from + wordAt(bytes, start + 1);
      // Behind the bytes a NUL stands, which some containers leave out.
      return to > end || to < end - 1 ? null : { type: 'body', start: from, end: to };
    }
    case CONTAINER_PACKET.headers:
      return readHead(latin1(bytes, start + 1, end));
    case CONTAINER_PACKET.end: {
      const reuse = bytes[start + 1];
      return end !== start + 2 || reuse === undefined || reuse > 1
        ? null
        : { type: 'end', reuse: reuse === 1 };
    }
    case CONTAINER_PACKET.getBodyChunk:
      return end === start + 3 ? { type: 'get-body', most: wordAt(bytes, start + 1) } : null;
    case CONTAINER_PACKET.cpong:
      return end === start + 1 ? { type: 'cpong' } : null;
    default:
      return null;
  }
}

function readHead(text: string): ContainerMessage | null {
  const payload = new Payload(text);
  const status = payload.word();
  const reason = payload.text() ?? '';
  const fields = CODES.read(payload, payload.word());
  if (fields === null || payload.broken || payload.more) return null;
  if (status < 100 || status > 999 || !isFieldValue(reason)) return null;
  return { type: 'headers', status, reason, fields };
}

/** Bytes `[start, end)` as text of the same length. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1');
}
