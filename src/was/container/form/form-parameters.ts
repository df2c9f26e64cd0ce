/**
 * Query strings and `application/x-www-form-urlencoded` bodies, read as Tomcat 10.1's
 * `org.apache.tomcat.util.http.Parameters` reads them.
 */
import { hexValue } from '../../../http/message/index.ts';
import { BodyTooLargeException } from '../../api/index.ts';
import { type DecodeText } from './charset-decoder.ts';

const AMPERSAND = 0x26;
const PERCENT = 0x25;
const PLUS = 0x2b;
const SPACE = 0x20;
const EQUALS = 0x3d;

/** The parameters of a request in order of arrival: names by their first value, values of a name by their own. */
export class ParameterTable {
  readonly #maxParameters: number;
  readonly #values = new Map<string, string[]>();
  #size = 0;

  /** `maxParameters` is for values over all names; no limit unless given. Tomcat's `maxParameterCount`, 1000 in its server.xml. */
  constructor(maxParameters = Infinity) {
    this.#maxParameters = maxParameters;
  }

  /** How many values there are, over all names. */
  get size(): number {
    return this.#size;
  }

  /**
   * Puts a value behind those that the name has.
   * @throws BodyTooLargeException above the limit. Tomcat passes over what is above it in silence; an application
   * that checks what it is sent must not be shown a part of it.
   */
  add(name: string, value: string): void {
    if (this.#size >= this.#maxParameters) {
      throw new BodyTooLargeException(
        `The request has more than ${this.#maxParameters} parameters`,
      );
    }
    const values = this.#values.get(name);
    if (values === undefined) this.#values.set(name, [value]);
    else values.push(value);
    this.#size++;
  }

  /** The first value of a name, null for none. */
  first(name: string): string | null {
    return this.#values.get(name)?.[0] ?? null;
  }

  /** The values of a name, null for none. */
  all(name: string): readonly string[] | null {
    return this.#values.get(name) ?? null;
  }

  /** Each name once. */
  names(): readonly string[] {
    return [...this.#values.keys()];
  }

  /** The table itself, not a copy: it grows with what is added. */
  map(): ReadonlyMap<string, readonly string[]> {
    return this.#values;
  }
}

/**
 * Adds the parameters of a query string or of a form body, one character a byte, to `into`: `&` separates them, `+`
 * is a space, a name without `=` has the empty value. Left out, as in Tomcat, are parameters with an escape that is
 * not two hexadecimal digits and those without a name.
 *
 * Says how many were left out, but for empty pieces such as that in `a&&b`: a caller may refuse a request for them
 * as Tomcat's `FailedRequestFilter` does.
 * @throws BodyTooLargeException for more parameters than the table takes.
 */
export function readForm(text: string, decode: DecodeText, into: ParameterTable): number {
  const length = text.length;
  let leftOut = 0;
  let from = 0;
  while (from < length) {
    let equals = -1;
    let isEscaped = false;
    let to = from;
    for (; to < length; to++) {
      const code = text.charCodeAt(to);
      if (code === AMPERSAND) break;
      if (code === PERCENT || code === PLUS) isEscaped = true;
      else if (code === EQUALS && equals === -1) equals = to;
    }
    if (equals === from) leftOut++;
    else if (to > from) {
      const nameEnd = equals === -1 ? to : equals;
      const rawName = text.slice(from, nameEnd);
      const rawValue = text.slice(equals === -1 ? to : equals + 1, to);
      const name = isEscaped ? unescapeForm(rawName) : rawName;
      const value = isEscaped ? unescapeForm(rawValue) : rawValue;
      if (name === null || value === null) leftOut++;
      else into.add(decode(name), decode(value));
    }
    from = to + 1;
  }
  return leftOut;
}

/** The bytes that are meant, or null for a broken escape. */
function unescapeForm(text: string): string | null {
  // joining strings takes ten times as long where there is much to unescape
  const bytes = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    let code = text.charCodeAt(at);
    if (code === PLUS) code = SPACE;
    else if (code === PERCENT) {
      const high = hexValue(text.charCodeAt(at + 1));
      const low = hexValue(text.charCodeAt(at + 2));
      if (high === -1 || low === -1) return null;
      code = high * 16 + low;
      at += 2;
    }
    bytes[length++] = code;
  }
  return bytes.toString('latin1', 0, length);
}
