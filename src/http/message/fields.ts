import { canonicalName, FIELD, fieldId, UNKNOWN_FIELD } from './field-names.ts';
import { equalsIgnoreCaseAscii, isFieldValue, isToken } from './token.ts';

const CR = 0x0d;
const LF = 0x0a;
const SPACE = 0x20;
/** Entries of a field. */
const ENTRY = 5;

/** A response as it stands on the wire, and what it was made of. */
export interface WholeResponse {
  /** Status line and what else begins the head; another second makes another. */
  readonly opening: string;
  readonly body: string;
  readonly text: string;
}

/**
 * The fields of one head or trailer section, in order of arrival with their raw spelling (RFC 9110
 * section 5). Fields from the wire are offsets into the text of the head and become strings only when
 * somebody asks; fields set by a program are strings from the start. All text is latin1: one character
 * is one byte.
 *
 * A field is addressed by its index, `0` to `size - 1`, or found by number (`FIELD.host`) or by name.
 */
export class Fields {
  #text = '';
  // Read with `as number` below: every index under `size` has all of its entries.
  // Five entries a field: its number, and where its name begins and ends in #text, and its value. A negative
  // beginning, -1 - k, says instead: strings k and k + 1 of #own.
  #spans: number[] = [];
  #own: string[] | null = null;
  #sealed = false;
  /** What a writer made of these fields, kept until they change; see `http/h1/head-writer.ts`. */
  serialized: string | null = null;
  /** A whole response with these fields, which a writer kept to send it again; dropped when they change. */
  response: WholeResponse | null = null;

  /** Makes fields from pairs of name and value, in order. */
  static of(...pairs: (readonly [name: string, value: string])[]): Fields {
    const fields = new Fields();
    for (const [name, value] of pairs) fields.append(name, value);
    return fields;
  }

  /** How many fields there are; a name that came twice counts twice. */
  get size(): number {
    return this.#spans.length / ENTRY;
  }

  /** The text that fields from the wire point into; set once the whole section has arrived. */
  setText(text: string): void {
    this.#text = text;
  }

  /**
   * Adds a field from the wire: where its name and its value (without the white space around it) lie
   * in the text given to `setText`.
   */
  appendSpan(id: number, name: number, nameEnd: number, value: number, valueEnd: number): void {
    this.#spans.push(id, name, nameEnd, value, valueEnd);
  }

  /**
   * Adds a field behind the others. Throws a `TypeError` for a name that is no token or a value with CR,
   * LF, NUL or another control character, so that no text from a request can split a head.
   */
  append(name: string, value: string): void {
    this.#push(fieldId(name), name, value);
  }

  /** Adds a known field behind the others, in its usual spelling. Throws as `append` does. */
  appendKnown(id: number, value: string): void {
    this.#push(id, canonicalName(id), value);
  }

  #push(id: number, name: string, value: string): void {
    const own = this.#changeable();
    // Known names are tokens.
    if (id === UNKNOWN_FIELD && !isToken(name)) {
      throw new TypeError(`${JSON.stringify(name)} is no field name`);
    }
    checkValue(name, value);
    this.appendSpan(id, -1 - own.length, 0, 0, 0);
    own.push(name, value);
  }

  /** The number of the field at `index`, or `UNKNOWN_FIELD`. */
  idAt(index: number): number {
    return this.#spans[index * ENTRY] ?? UNKNOWN_FIELD;
  }

  /** The name of the field at `index` as it was spelt. */
  nameAt(index: number): string {
    if (index >= this.size) return '';
    const at = index * ENTRY;
    const start = this.#spans[at + 1] as number;
    if (start < 0) return this.#own?.[-1 - start] ?? '';
    return this.#text.slice(start, this.#spans[at + 2]);
  }

  /** The value of the field at `index`, without the white space around it. */
  valueAt(index: number): string {
    if (index >= this.size) return '';
    const at = index * ENTRY;
    const start = this.#spans[at + 1] as number;
    if (start < 0) return this.#own?.[-start] ?? '';
    return this.#text.slice(this.#spans[at + 3], this.#spans[at + 4]);
  }

  /**
   * All fields as HTTP/1.1 writes them, each with its line end. Neighbours that came well spaced leave in one
   * piece of their text, line ends included.
   */
  lines(): string {
    let lines = '';
    const text = this.#text;
    const spans = this.#spans;
    const { size } = this;
    for (let i = 0; i < size;) {
      const start = spans[i * ENTRY + 1] as number;
      let end = this.#wellSpacedEnd(i);
      if (end < 0) {
        lines += `${this.nameAt(i)}: ${this.valueAt(i)}\r\n`;
        i++;
        continue;
      }
      for (i++; i < size && spans[i * ENTRY + 1] === end; i++) {
        const next = this.#wellSpacedEnd(i);
        if (next < 0) break;
        end = next;
      }
      lines += text.slice(start, end);
    }
    return lines;
  }

  // Where the line of the field at `index` ends in the text, if it is spelt as nearly everybody spells it and
  // as it would be written: colon, one space, value, CR LF. Else -1.
  #wellSpacedEnd(index: number): number {
    const text = this.#text;
    const spans = this.#spans;
    const at = index * ENTRY;
    const value = spans[at + 3] as number;
    const end = spans[at + 4] as number;
    return (spans[at + 1] as number) >= 0 &&
      value === (spans[at + 2] as number) + 2 &&
      text.charCodeAt(value - 1) === SPACE &&
      text.charCodeAt(end) === CR &&
      text.charCodeAt(end + 1) === LF
      ? end + 2
      : -1;
  }

  /** The index of the first field with number `id` at or behind `from`, or -1. */
  indexOf(id: number, from = 0): number {
    const spans = this.#spans;
    for (let at = from * ENTRY; at < spans.length; at += ENTRY)
      if (spans[at] === id) return at / ENTRY;
    return -1;
  }

  /** The index of the first field called `name`, in any case, at or behind `from`, or -1. */
  indexOfName(name: string, from = 0): number {
    const id = fieldId(name);
    if (id !== UNKNOWN_FIELD) return this.indexOf(id, from);
    for (
      let i = this.indexOf(UNKNOWN_FIELD, from);
      i >= 0;
      i = this.indexOf(UNKNOWN_FIELD, i + 1)
    ) {
      if (equalsIgnoreCaseAscii(this.nameAt(i), name)) return i;
    }
    return -1;
  }

  /** Whether a field with number `id` is there. */
  has(id: number): boolean {
    return this.indexOf(id) >= 0;
  }

  /** The value of the first field with number `id`, or null where there is none. */
  get(id: number): string | null {
    const index = this.indexOf(id);
    return index < 0 ? null : this.valueAt(index);
  }

  /** The value of the first field called `name`, or null where there is none. */
  getByName(name: string): string | null {
    const index = this.indexOfName(name);
    return index < 0 ? null : this.valueAt(index);
  }

  /**
   * All values of a list-valued field as one list, joined by a comma as RFC 9110 section 5.3 allows, or
   * null where there is none. Not for `Set-Cookie`, whose values contain commas.
   */
  joined(id: number): string | null {
    let index = this.indexOf(id);
    if (index < 0) return null;
    let value = this.valueAt(index);
    while ((index = this.indexOf(id, index + 1)) >= 0) value += `, ${this.valueAt(index)}`;
    return value;
  }

  /** Replaces every field called `name` by one, which takes the place of the first. */
  set(name: string, value: string): void {
    const index = this.indexOfName(name);
    if (index < 0) {
      this.append(name, value);
      return;
    }
    this.#removeFrom(fieldId(name), name, index + 1);
    this.replaceAt(index, value);
  }

  /** Gives the field at `index` another value; its spelling and place stay. */
  replaceAt(index: number, value: string): void {
    const own = this.#changeable();
    const name = this.nameAt(index);
    checkValue(name, value);
    this.#spans[index * ENTRY + 1] = -1 - own.length;
    own.push(name, value);
  }

  /** Takes out every field called `name`, in any case; says whether there was one. */
  remove(name: string): boolean {
    return this.#removeFrom(fieldId(name), name, 0);
  }

  /** Takes out every field with the known number `id`; says whether there was one. */
  removeKnown(id: number): boolean {
    return this.#removeFrom(id, '', 0);
  }

  /**
   * Takes out every known field whose number `marked` has at 1; unknown fields stay. One pass, for heads on
   * their way through a proxy, which lose a handful of fields each.
   */
  removeMarked(marked: Uint8Array): void {
    let kept = 0;
    const { size } = this;
    for (let i = 0; i < size; i++) {
      if (marked[this.#spans[i * ENTRY] as number] === 1) {
        // Before anything moves: what is shared stays as it was.
        if (kept === i) this.#changeable();
        continue;
      }
      if (kept < i) this.#move(i, kept);
      kept++;
    }
    this.#shorten(kept);
  }

  #removeFrom(id: number, name: string, from: number): boolean {
    let kept = from;
    const { size } = this;
    for (let i = from; i < size; i++) {
      if (
        this.#spans[i * ENTRY] === id &&
        (id !== UNKNOWN_FIELD || equalsIgnoreCaseAscii(this.nameAt(i), name))
      ) {
        if (kept === i) this.#changeable();
        continue;
      }
      if (kept < i) this.#move(i, kept);
      kept++;
    }
    return this.#shorten(kept);
  }

  #move(from: number, to: number): void {
    const spans = this.#spans;
    // Array.copyWithin costs many times what five assignments do.
    for (let part = 0; part < ENTRY; part++) {
      spans[to * ENTRY + part] = spans[from * ENTRY + part] as number;
    }
  }

  #shorten(kept: number): boolean {
    if (kept === this.size) return false;
    this.#spans.length = kept * ENTRY;
    return true;
  }

  #changeable(): string[] {
    if (this.#sealed)
      throw new TypeError('Fields that are shared were to be changed; change a copy');
    this.serialized = null;
    this.response = null;
    return (this.#own ??= []);
  }

  /** Whether the fields are shared and cannot change. */
  get sealed(): boolean {
    return this.#sealed;
  }

  /**
   * Makes these fields safe to share between requests: from now on every change throws a `TypeError`,
   * instead of showing one client what was meant for another. Returns itself.
   */
  seal(): this {
    this.#sealed = true;
    return this;
  }

  /** A copy that can be changed without the original; use it before changing fields that are shared. */
  copy(): Fields {
    const copy = new Fields();
    copy.#text = this.#text;
    copy.#spans = this.#spans.slice();
    copy.#own = this.#own === null ? null : this.#own.slice();
    return copy;
  }

  /** The fields as pairs of name and value, for tests and for code where speed does not matter. */
  *entries(): Generator<[name: string, value: string]> {
    for (let i = 0; i < this.size; i++) yield [this.nameAt(i), this.valueAt(i)];
  }
}

function checkValue(name: string, value: string): void {
  if (isFieldValue(value)) return;
  throw new TypeError(`The value for ${name} holds a control character: ${JSON.stringify(value)}`);
}

/** Fields without any; shared and sealed. */
export const NO_FIELDS: Fields = new Fields().seal();

/**
 * Whether the known field `id` speaks of this connection only and is never passed on: `Connection`,
 * `Keep-Alive`, `TE`, `Trailer`, `Transfer-Encoding`, `Upgrade` and their kind (RFC 9110 section 7.6.1).
 * Fields that `Connection` names are hop-by-hop as well; that list is the caller's to read.
 */
export function isHopByHop(id: number): boolean {
  return HOP_BY_HOP[id] === 1;
}

const HOP_BY_HOP = new Uint8Array(256);
for (const id of [
  FIELD.connection,
  FIELD.keepAlive,
  FIELD.proxyConnection,
  FIELD.te,
  FIELD.trailer,
  FIELD.transferEncoding,
  FIELD.upgrade,
  FIELD.http2Settings,
]) {
  HOP_BY_HOP[id] = 1;
}
