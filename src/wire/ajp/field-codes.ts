import {
  canonicalName,
  dropTrailingBlanks,
  fieldId,
  Fields,
  isFieldValue,
  isToken,
  lowerAscii,
  skipBlanks,
  UNKNOWN_FIELD,
} from '../../http/message/index.ts';
import { FIELD_CODE } from './codes.ts';
import { type Payload, textPiece, word } from './payload.ts';

/** Field names and their codes in one direction, from 0xA001 on. */
export class FieldCodes {
  readonly #names: readonly string[];
  // The codes of fields that have a number of ours, by it, and those of the others by name.
  readonly #byId: (string | undefined)[] = [];
  readonly #byName = new Map<string, string>();

  /** `names` are in the order of their codes. */
  constructor(names: readonly string[]) {
    this.#names = names;
    for (const [at, name] of names.entries()) {
      const id = fieldId(name);
      const code = word(FIELD_CODE + at + 1);
      if (id === UNKNOWN_FIELD) this.#byName.set(lowerAscii(name), code);
      else this.#byId[id] = code;
    }
  }

  /**
   * All of `fields` as they are written, names by their code where they have one. Null where a name is so long that
   * its length would be read as a code, and what follows as whatever its sender likes.
   */
  write(fields: Fields): string | null {
    let pieces = '';
    for (let at = 0; at < fields.size; at++) {
      const id = fields.idAt(at);
      const name = fields.nameAt(at);
      const code = id === UNKNOWN_FIELD ? this.#byName.get(lowerAscii(name)) : this.#byId[id];
      if (code === undefined && name.length >= FIELD_CODE) return null;
      pieces += (code ?? textPiece(name)) + textPiece(fields.valueAt(at));
    }
    return pieces;
  }

  /** One more field, that has a number of ours. */
  writeOne(id: number, value: string): string {
    return (this.#byId[id] ?? textPiece(canonicalName(id))) + textPiece(value);
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
