/** Text in the charsets that clients send it in. */

/** Makes text of bytes, which come as a string of one character each. Never throws: what is no text becomes U+FFFD. */
export type DecodeText = (bytes: string) => string;

/**
 * The decoder for UTF-8, which forms are sent in unless something else is said. What is not UTF-8 becomes U+FFFD, as
 * in Tomcat, whose `ByteChunk.toString` replaces malformed input.
 */
export function decodeUtf8(bytes: string): string {
  for (let at = 0; at < bytes.length; at++) {
    if (bytes.charCodeAt(at) > 0x7f) return Buffer.from(bytes, 'latin1').toString('utf8');
  }
  return bytes;
}

/**
 * The decoder for a charset by any of the labels of the WHATWG Encoding Standard, letter case aside; null for a name
 * that is none. `iso-8859-1` means windows-1252, as in browsers. A byte order mark stays in the text.
 */
export function charsetDecoder(charset: string): DecodeText | null {
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(charset, { ignoreBOM: true });
  } catch {
    return null;
  }
  if (decoder.encoding === 'utf-8') return decodeUtf8;
  return (bytes) => decoder.decode(Buffer.from(bytes, 'latin1'));
}

/**
 * Decodes bytes of a charset that the WHATWG knows; what is not valid becomes U+FFFD.
 * @throws RangeError for an unknown one.
 */
export function decoderOf(name: string): TextDecoder {
  try {
    return new TextDecoder(name);
  } catch (cause) {
    throw new RangeError(`Unknown charset ${JSON.stringify(name)}`, { cause });
  }
}
