/**
 * Entity tags (RFC 9110 §8.8.3).
 *
 * A tag is kept as its wire text, `"x"` or `W/"x"`: comparison is then comparison of strings and
 * nothing is allocated per request.
 *
 * A member of a list that is no entity tag matches nothing and is passed over up to the next
 * comma, as nginx does. A malformed If-Match then fails and a malformed If-None-Match passes: in
 * both the request gets the answer that cannot hide or lose a change.
 */

import { dropTrailingBlanks, isBlankByte, skipBlanks } from './token.ts';

const COMMA = 0x2c;
const QUOTE = 0x22;

/** An entity tag taken apart: the weakness flag and the text between the quotes. */
export interface EntityTag {
  readonly weak: boolean;
  readonly opaque: string;
}

function isTagByte(code: number): boolean {
  return code >= 0x21 && code !== QUOTE && code !== 0x7f && code <= 0xff;
}

/** The position after the entity tag that begins at `from`, or -1 if none does. */
function endOfTag(text: string, from: number, to: number): number {
  let at = from;
  // `W` is case-sensitive (RFC 9110 §8.8.3).
  if (text.charCodeAt(at) === 0x57 && text.charCodeAt(at + 1) === 0x2f) at += 2;
  if (at >= to || text.charCodeAt(at) !== QUOTE) return -1;
  at++;
  while (at < to && isTagByte(text.charCodeAt(at))) at++;
  return at < to && text.charCodeAt(at) === QUOTE ? at + 1 : -1;
}

/** Where the quoted part of a well-formed tag begins: after `W/` or at once. */
function quoteAt(text: string, from: number): number {
  return text.charCodeAt(from) === 0x57 ? from + 2 : from;
}

/** Whether the whole text is one entity tag, weak or strong; blanks around it are refused. */
export function isEntityTag(text: string): boolean {
  return endOfTag(text, 0, text.length) === text.length;
}

/** The parts of a text that is one entity tag, or null. */
export function parseEntityTag(text: string): EntityTag | null {
  if (!isEntityTag(text)) return null;
  const quote = quoteAt(text, 0);
  return { weak: quote !== 0, opaque: text.slice(quote + 1, -1) };
}

/** Whether two well-formed tags are both strong and the same (RFC 9110 §8.8.3.2). */
export function strongEntityTagEquals(a: string, b: string): boolean {
  return a === b && a.charCodeAt(0) === QUOTE;
}

/** Whether two well-formed tags are the same when weakness is left out of account. */
export function weakEntityTagEquals(a: string, b: string): boolean {
  if (a === b) return true;
  const from = quoteAt(a, 0);
  const start = quoteAt(b, 0);
  return from !== start && a.length - from === b.length - start && a.endsWith(b.slice(start));
}

/** Whether a field value is `*`, which stands for any representation, and not a list of tags. */
export function isAnyEntityTag(value: string): boolean {
  if (value === '*') return true;
  const from = skipBlanks(value, 0, value.length);
  return dropTrailingBlanks(value, from, value.length) - from === 1 && value[from] === '*';
}

/**
 * The position of the first byte of the next member, past blanks and empty members; `length` when
 * there is none.
 */
function nextMember(value: string, from: number): number {
  let at = from;
  for (; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code !== COMMA && !isBlankByte(code)) break;
  }
  return at;
}

/** The end of the tag that is the whole member at `from`, or -1 for a malformed member. */
function endOfMemberTag(value: string, from: number): number {
  const end = endOfTag(value, from, value.length);
  if (end === -1) return -1;
  const after = skipBlanks(value, end, value.length);
  return after === value.length || value.charCodeAt(after) === COMMA ? end : -1;
}

function endOfMember(value: string, from: number, tagEnd: number): number {
  const comma = value.indexOf(',', tagEnd === -1 ? from : tagEnd);
  return comma === -1 ? value.length : comma;
}

/**
 * The well-formed tags of an If-Match or If-None-Match value in their order, `'*'` for the value
 * `*`. Malformed members are left out.
 */
export function parseEntityTags(value: string): '*' | readonly string[] {
  if (isAnyEntityTag(value)) return '*';
  const tags: string[] = [];
  let from = nextMember(value, 0);
  while (from < value.length) {
    const end = endOfMemberTag(value, from);
    if (end !== -1) tags.push(value.slice(from, end));
    from = nextMember(value, endOfMember(value, from, end));
  }
  return tags;
}

/**
 * Whether a list of tags has one that equals `tag`, a well-formed tag, by strong or by weak
 * comparison. `*` is no list: ask `isAnyEntityTag` first.
 */
export function entityTagListHas(
  value: string,
  tag: string,
  comparison: 'strong' | 'weak',
): boolean {
  const strong = comparison === 'strong';
  // The usual conditional request repeats the one tag it was given.
  if (value === tag) return !strong || tag.charCodeAt(0) === QUOTE;
  const tagQuote = quoteAt(tag, 0);
  if (strong && tagQuote !== 0) return false;
  const opaqueLength = tag.length - tagQuote;
  const quoted = tagQuote === 0 ? tag : tag.slice(tagQuote);
  let from = nextMember(value, 0);
  while (from < value.length) {
    const end = endOfMemberTag(value, from);
    if (end !== -1) {
      const quote = quoteAt(value, from);
      if (
        !(strong && quote !== from) &&
        end - quote === opaqueLength &&
        value.startsWith(quoted, quote)
      ) {
        return true;
      }
    }
    from = nextMember(value, endOfMember(value, from, end));
  }
  return false;
}
