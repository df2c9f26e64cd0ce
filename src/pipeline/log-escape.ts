/**
 * What keeps a log line one line, and a terminal that shows it safe: bytes of a client never leave
 * their place. Text is latin1; the tables are nginx's, `log_format escape=`.
 */

/** How a value is written into a line: as nginx by default, inside a JSON string, or as it is. */
export type LogEscape = 'default' | 'json' | 'none';

const DEFAULT = escapes((code) => {
  if (code >= 0x20 && code < 0x7f && code !== 0x22 && code !== 0x5c) return '';
  return `\\x${hex(code, 2)}`;
});

const SHORT: ReadonlyMap<number, string> = new Map([
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [0x22, '\\"'],
  [0x5c, '\\\\'],
]);

const JSON_NGINX = escapes((code) =>
  code < 0x20 || code === 0x22 || code === 0x5c ? (SHORT.get(code) ?? `\\u${hex(code, 4)}`) : '',
);

const JSON_ASCII = escapes((code) =>
  code < 0x20 || code === 0x22 || code === 0x5c || code >= 0x7f
    ? (SHORT.get(code) ?? `\\u${hex(code, 4)}`)
    : '',
);

function hex(code: number, digits: number): string {
  return code.toString(16).toUpperCase().padStart(digits, '0');
}

function escapes(of: (code: number) => string): readonly string[] {
  return Array.from({ length: 256 }, (_, code) => of(code));
}

function escaped(text: string, table: readonly string[]): string {
  const { length } = text;
  let result = '';
  let from = 0;
  for (let at = 0; at < length; at++) {
    // Text of our own, such as a message of the engine, may have characters above latin1.
    const code = text.charCodeAt(at);
    const escape = code < 256 ? table[code] : `\\u${hex(code, 4)}`;
    if (escape === '' || escape === undefined) continue;
    result += text.slice(from, at) + escape;
    from = at + 1;
  }
  return from === 0 ? text : result + text.slice(from);
}

/** 1 for each byte that stands as it is: what nearly every value is made of. */
const PLAIN = Uint8Array.from(DEFAULT, (escape) => (escape === '' ? 1 : 0));

/** Whether `escapeText` leaves a character as it is. */
export function isPlain(code: number): boolean {
  return PLAIN[code] === 1;
}

/** Controls, DEL, bytes from 0x80, `"` and `\` as `\xXX`; the same string when there are none. */
export function escapeText(text: string): string {
  const { length } = text;
  for (let at = 0; at < length; at++) {
    if (!isPlain(text.charCodeAt(at))) return escaped(text, DEFAULT);
  }
  return text;
}

/**
 * The inside of a JSON string in ASCII alone: bytes from 0x7F are `\u00XX`. That is valid JSON whatever
 * the client sent, where `escape=json` of nginx lets bytes through that are no UTF-8.
 */
export function escapeJson(text: string): string {
  return escaped(text, JSON_ASCII);
}

/** The function that writes values with one of nginx's kinds of escaping. */
export function escaper(kind: LogEscape): (text: string) => string {
  switch (kind) {
    case 'default':
      return escapeText;
    case 'json':
      return (text) => escaped(text, JSON_NGINX);
    case 'none':
      return (text) => text;
  }
}
