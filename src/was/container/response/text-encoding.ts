/** The charsets that response bodies are written in. */

/** A charset that text can be written in. */
export interface TextEncoding {
  /** As `Content-Type` spells it. */
  readonly name: string;
  readonly encode: (text: string) => Uint8Array;
  /** Bytes that a text takes; a half of a surrogate pair counts as the character that stands for it. */
  readonly length: (text: string) => number;
}

const UTF_8: TextEncoding = {
  name: 'UTF-8',
  encode: (text) => Buffer.from(text, 'utf8'),
  length: (text) => Buffer.byteLength(text, 'utf8'),
};

const ISO_8859_1: TextEncoding = {
  name: 'ISO-8859-1',
  // Node would cut characters down to their lowest byte, which makes line ends of some.
  encode: (text) => Buffer.from(text.replace(/[^\0-\xff]/gu, '?'), 'latin1'),
  length: (text) => text.length,
};

const US_ASCII: TextEncoding = {
  name: 'US-ASCII',
  encode: (text) => Buffer.from(text.replace(/[^\0-\x7f]/gu, '?'), 'latin1'),
  length: (text) => text.length,
};

const BY_NAME: ReadonlyMap<string, TextEncoding> = new Map([
  ['utf-8', UTF_8],
  ['utf8', UTF_8],
  ['iso-8859-1', ISO_8859_1],
  ['latin1', ISO_8859_1],
  ['iso8859-1', ISO_8859_1],
  ['iso8859_1', ISO_8859_1],
  ['us-ascii', US_ASCII],
  ['ascii', US_ASCII],
]);

/** The charset of answers where nothing else is said. Jakarta Servlet section 5.6 has ISO-8859-1; see decision 0012. */
export const DEFAULT_ENCODING: TextEncoding = UTF_8;

/** The charset of a name, letter case aside. @throws RangeError where text cannot be written in it. */
export function findEncoding(name: string): TextEncoding {
  const found = BY_NAME.get(name.toLowerCase());
  if (found !== undefined) return found;
  throw new RangeError(
    `Text cannot be written in ${JSON.stringify(name)}: UTF-8, ISO-8859-1 and US-ASCII are known; encode it and write bytes`,
  );
}
