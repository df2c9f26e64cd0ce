/**
 * Cookie and Set-Cookie (RFC 6265): finding one cookie without building a table, and rewriting
 * the attributes of a cookie that passes through.
 */

import {
  dropTrailingBlanks,
  equalsIgnoreCaseAscii,
  isFieldValueByte,
  matchesAtIgnoreCaseAscii,
  skipBlanks,
} from './token.ts';

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;

/** How `findCookie` compares names. */
export interface FindCookieOptions {
  /**
   * Whether ASCII letters of both cases count as one, which nginx's `$cookie_name` needs, its
   * variable names being in lower case. Cookie names do have case (default false).
   */
  readonly ignoreCase?: boolean;
}

/** One attribute of a Set-Cookie value, known to us or not (RFC 6265 section 4.1.1). */
export interface CookieAttribute {
  /** As spelt. */
  readonly name: string;
  /** Without blanks around it; null for an attribute without `=`, such as `HttpOnly`. */
  readonly value: string | null;
}

/** A Set-Cookie value taken apart; attributes unknown to us are kept, and all keep their order. */
export interface SetCookie {
  readonly name: string;
  /** As received, quotes included. */
  readonly value: string;
  readonly attributes: readonly CookieAttribute[];
}

function findInField(field: string, name: string, ignoreCase: boolean): string | null {
  const length = field.length;
  let from = 0;
  while (from < length) {
    const start = skipBlanks(field, from, length);
    const matches = ignoreCase
      ? matchesAtIgnoreCaseAscii(field, start, name)
      : field.startsWith(name, start);
    if (matches) {
      const equals = skipBlanks(field, start + name.length, length);
      if (field.charCodeAt(equals) === EQUALS) {
        let end = field.indexOf(';', equals + 1);
        if (end === -1) end = length;
        const valueFrom = skipBlanks(field, equals + 1, end);
        return field.slice(valueFrom, dropTrailingBlanks(field, valueFrom, end));
      }
    }
    const next = field.indexOf(';', start);
    if (next === -1) return null;
    from = next + 1;
  }
  return null;
}

/**
 * The value of the first cookie called `name` in one Cookie field value or in several (HTTP/2
 * splits the field, RFC 9113 §8.2.3), as received with its quotes, if any; null when there is
 * none. A pair without `=` is no cookie. Only `;` separates pairs: nginx takes a comma as well,
 * which lets part of one value pass for another cookie. `name` must not be empty.
 */
export function findCookie(
  fields: string | readonly string[],
  name: string,
  options: FindCookieOptions = {},
): string | null {
  const ignoreCase = options.ignoreCase === true;
  if (typeof fields === 'string') return findInField(fields, name, ignoreCase);
  for (const field of fields) {
    const value = findInField(field, name, ignoreCase);
    if (value !== null) return value;
  }
  return null;
}

/** The parts of `name=value` in `text[from, to)`, blanks around both dropped. */
function readPair(text: string, from: number, to: number): CookieAttribute {
  const start = skipBlanks(text, from, to);
  const end = dropTrailingBlanks(text, start, to);
  // Not indexOf: it would look through the whole rest of the field for each attribute.
  let equals = start;
  while (equals < end && text.charCodeAt(equals) !== EQUALS) equals++;
  if (equals === end) return { name: text.slice(start, end), value: null };
  const valueFrom = skipBlanks(text, equals + 1, end);
  return {
    name: text.slice(start, dropTrailingBlanks(text, start, equals)),
    value: text.slice(valueFrom, end),
  };
}

/** Whether no byte is a control or a semicolon, so that the text cannot leave its place. */
function isContained(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === SEMICOLON || !isFieldValueByte(code)) return false;
  }
  return true;
}

/**
 * Takes a Set-Cookie value apart. Null for one without `name=` or with a control byte: whoever
 * rewrites leaves such a field as it is. Empty attributes (`;;`) are dropped.
 */
export function parseSetCookie(field: string): SetCookie | null {
  let semicolon = field.indexOf(';');
  const pair = readPair(field, 0, semicolon === -1 ? field.length : semicolon);
  if (pair.name === '' || pair.value === null) return null;
  if (!isContained(pair.name) || !isContained(pair.value)) return null;
  const attributes: CookieAttribute[] = [];
  while (semicolon !== -1) {
    const next = field.indexOf(';', semicolon + 1);
    const attribute = readPair(field, semicolon + 1, next === -1 ? field.length : next);
    if (!isContained(attribute.name) || !isContained(attribute.value ?? '')) return null;
    if (attribute.name !== '') attributes.push(attribute);
    semicolon = next;
  }
  return { name: pair.name, value: pair.value, attributes };
}

/**
 * The Set-Cookie value of a cookie, its parts joined by `; `.
 *
 * @throws RangeError if a part has a control byte or `;`, or a name is empty or has `=`: it would
 * add attributes, or field lines, that nobody asked for.
 */
export function serializeSetCookie(cookie: SetCookie): string {
  let field = serializePair(cookie.name, cookie.value);
  for (const attribute of cookie.attributes) {
    field += `; ${serializePair(attribute.name, attribute.value)}`;
  }
  return field;
}

function serializePair(name: string, value: string | null): string {
  if (name === '' || name.includes('=') || !isContained(name)) {
    throw new RangeError('Cannot serialise a cookie: a name is empty or has a forbidden byte');
  }
  if (value === null) return name;
  if (!isContained(value)) {
    throw new RangeError(`Cannot serialise a cookie: the value of ${name} has a forbidden byte`);
  }
  return `${name}=${value}`;
}

/**
 * The value of an attribute by its name, letter case aside: '' where it stands without `=`, null
 * where it is absent. The last of several counts, as in browsers (RFC 6265 §5.3).
 */
export function cookieAttribute(cookie: SetCookie, name: string): string | null {
  for (let at = cookie.attributes.length - 1; at >= 0; at--) {
    const attribute = cookie.attributes[at];
    if (attribute !== undefined && equalsIgnoreCaseAscii(attribute.name, name)) {
      return attribute.value ?? '';
    }
  }
  return null;
}

/**
 * The cookie with an attribute set: at the place of the first of that name with its spelling, the
 * others of that name removed, or at the end. A null value sets a flag (`Secure`).
 */
export function withCookieAttribute(
  cookie: SetCookie,
  name: string,
  value: string | null,
): SetCookie {
  const attributes: CookieAttribute[] = [];
  let isSet = false;
  for (const attribute of cookie.attributes) {
    if (!equalsIgnoreCaseAscii(attribute.name, name)) {
      attributes.push(attribute);
    } else if (!isSet) {
      attributes.push({ name: attribute.name, value });
      isSet = true;
    }
  }
  if (!isSet) attributes.push({ name, value });
  return { name: cookie.name, value: cookie.value, attributes };
}

/** The cookie without any attribute of that name, letter case aside. */
export function withoutCookieAttribute(cookie: SetCookie, name: string): SetCookie {
  const attributes = cookie.attributes.filter(
    (attribute) => !equalsIgnoreCaseAscii(attribute.name, name),
  );
  return { name: cookie.name, value: cookie.value, attributes };
}
