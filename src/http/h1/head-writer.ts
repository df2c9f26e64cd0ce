/**
 * Writes HTTP/1.1 heads as latin1 text (RFC 9112 sections 3 to 6). What is in `Fields` was checked when it
 * came in, so nothing is checked again here; framing fields are never among them, they are arguments.
 */
import { httpDate } from '../message/date.ts';
import { FIELD } from '../message/field-names.ts';
import type { Fields } from '../message/fields.ts';
import { reasonPhrase } from '../message/status.ts';

/** The field lines of `fields`, each with its line end; kept on the fields until they change. */
export function fieldLines(fields: Fields): string {
  return (fields.serialized ??= fields.lines());
}

/** `HTTP/1.1 200 OK` with its line end; without a reason of its own, the registered one. */
export function statusLine(status: number, reason: string): string {
  return `HTTP/1.1 ${status} ${reason === '' ? reasonPhrase(status) : reason}\r\n`;
}

/**
 * Writes the beginning of response heads: status line, `Server`, `Date`. It is the same for a second
 * and a status, so it is made once for both.
 */
export class HeadOpening {
  readonly #serverLine: string;
  readonly #openings = new Map<number, string>();
  #second = -1;
  #date = '';

  /** `server` is the value of `Server`, empty for none. */
  constructor(server: string) {
    this.#serverLine = server === '' ? '' : `Server: ${server}\r\n`;
  }

  /** The opening for `status`; `Server` and `Date` that are among `fields` are not written twice. */
  text(status: number, reason: string, fields: Fields, epochMs: number): string {
    const second = Math.floor(epochMs / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#date = `Date: ${httpDate(second)}\r\n`;
      this.#openings.clear();
    }
    if (reason !== '' || fields.has(FIELD.server) || fields.has(FIELD.date)) {
      return (
        statusLine(status, reason) +
        (fields.has(FIELD.server) ? '' : this.#serverLine) +
        (fields.has(FIELD.date) ? '' : this.#date)
      );
    }
    let opening = this.#openings.get(status);
    if (opening === undefined) {
      opening = statusLine(status, '') + this.#serverLine + this.#date;
      this.#openings.set(status, opening);
    }
    return opening;
  }
}

const HEX = '0123456789abcdef';

/** The line in front of a chunk of `size` bytes (RFC 9112 section 7.1). */
export function chunkLine(size: number): string {
  let rest = size;
  let digits = '';
  do {
    digits = HEX.charAt(rest & 15) + digits;
    rest = Math.floor(rest / 16);
  } while (rest > 0);
  return `${digits}\r\n`;
}
