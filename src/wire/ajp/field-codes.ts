import {
  dropTrailingBlanks,
  Fields,
  isFieldValue,
  isToken,
  lowerAscii,
  skipBlanks,
} from '../../http/message/index.ts';
import { FIELD_CODE } from './codes.ts';
import { type Payload, textPiece, word } from './payload.ts';

/** Field names and their codes in one direction, from 0xA001 on. */
export class FieldCodes {
  readonly #names: readonly string[];
  readonly #pieces: ReadonlyMap<string, string>;

  /** `names` are in the order of their codes. */
  constructor(names: readonly string[]) {
    this.#names = names;
    this.#pieces = new Map(names.map((name, at) => [lowerAscii(name), word(FIELD_CODE + at + 1)]));
  }

  /** The name of a field as it is written: by its code where it has one. */
  piece(name: string): string {
    return this.#pieces.get(lowerAscii(name)) ?? textPiece(name);
  }

  /** Reads so many fields; null where one is none, or where a code belongs to no field. */
  read(payload: Payload, count: number): Fields | null {
    const fields = new Fields();
    for (let at = 0; at < count; at++) {
      const code = payload.word();
      const name =
        (code & 0xff00) === FIELD_CODE ? this.#names[code - FIELD_CODE - 1] : payload.textOf(code);
      const value = payload.text() ?? '';
      if (payload.broken || name === undefined || !isToken(name) || !isFieldValue(value))
        return null;
      const begin = skipBlanks(value, 0, value.length);
      fields.append(name, value.slice(begin, dropTrailingBlanks(value, begin, value.length)));
    }
    return fields;
  }
}
