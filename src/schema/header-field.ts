/** Names and values of HTTP header fields as options (RFC 9110, sections 5.1 and 5.5). */
import type { NameCheck } from './collection.ts';
import type { Fault } from './problem.ts';
import { parsed, type Parsed } from './scalars.ts';
import type { Schema } from './schema.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Undefined for a token, or what is wrong with the name. */
export const headerNameFault: NameCheck = (name) =>
  TOKEN.test(name)
    ? undefined
    : ({
        code: 'wrong-form',
        message: `${JSON.stringify(name)} is not the name of a header field`,
        cure: 'Use letters, digits and hyphens only',
      } satisfies Fault);

/** The name of a header field; its case is kept. */
export function headerName(): Schema<string, string> {
  return parsed({
    expects: 'the name of a header field',
    pattern: TOKEN.source,
    parse: (name): Parsed<string> => headerNameFault(name) ?? { value: name },
  });
}

/**
 * The value of a header field: no control character but the tab, which would let a value end its
 * line and begin another header; no space around it; no character over U+00FF, which has no byte.
 */
export function headerValue(): Schema<string, string> {
  return parsed({
    expects: 'the value of a header field',
    parse(value): Parsed<string> {
      for (const character of value) {
        const code = character.codePointAt(0) ?? 0;
        if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff)
          return {
            message: `A header field cannot hold ${JSON.stringify(character)}`,
            cure: 'Remove the character, or encode it',
          };
      }
      if (/^[ \t]|[ \t]$/.test(value))
        return { message: 'The value has spaces around it', cure: 'Remove them' };
      return { value };
    },
  });
}
