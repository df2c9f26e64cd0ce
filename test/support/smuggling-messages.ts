/**
 * Bytes that are sent to a proxy in the hope that it and the server behind it disagree about where one
 * request ends and the next begins, and what a proxy that can be trusted makes of them.
 *
 * The targets below have their final length; who sends a case puts a route and the number of the case into
 * them, so that every line in a log belongs to one case.
 */

/** The request that a client sends openly. */
export const FIRST = '/@/first-0000';
/** A request that follows openly on the same connection. */
export const SECOND = '/@/second-0000';
/** A request that is hidden where it is not one: no server may ever see it. */
export const SMUGGLED = '/@/smuggled-0000';

/** See the head of this file; text is latin1. */
export interface SmugglingCase {
  readonly title: string;
  readonly bytes: string;
  /** Method and target of the requests that reach the server and are answered, in order. */
  readonly reaches: readonly string[];
  /**
   * What comes behind them. `open`: the connection waits for another request. `closes`: it ends without
   * another answer. `refused`: one more answer, of the proxy itself, and then it ends. `waits`: the proxy
   * waits for the rest of a request.
   */
  readonly behind: 'open' | 'closes' | 'refused' | 'waits';
}

/** The `Host` of ordinary requests. */
export const HOST = 'Host: site.test';

/** A request of a request line, field lines and a body. */
export function message(line: string, fields: readonly string[], body = ''): string {
  return `${line}\r\n${fields.map((field) => `${field}\r\n`).join('')}\r\n${body}`;
}

/** A GET with `Host` and further fields. */
export function get(target: string, ...fields: readonly string[]): string {
  return message(`GET ${target} HTTP/1.1`, [HOST, ...fields]);
}

/** The first request as a POST with `Host`, further fields and a body. */
export function post(fields: readonly string[], body: string): string {
  return message(`POST ${FIRST} HTTP/1.1`, [HOST, ...fields], body);
}

/** Frames text for a chunked body: its length in hexadecimal, line end, text, line end. */
export function chunk(data: string): string {
  return `${data.length.toString(16)}\r\n${data}\r\n`;
}

/** A whole request that stands inside the body of another; no back end may ever see it as one. */
export const HIDDEN = get(SMUGGLED);
/** The request that follows openly. */
export const NEXT = get(SECOND);
/** The length of the hidden request as a body. */
export const LENGTH = `Content-Length: ${HIDDEN.length}`;
/** Header line that makes a recipient read the body chunk by chunk. */
export const CHUNKED = 'Transfer-Encoding: chunked';
/** The end of a chunked body without trailers. */
export const LAST_CHUNK = '0\r\n\r\n';
/** A body in chunks, whole with its end, whose content is the smuggled request. */
export const HIDDEN_CHUNKS = chunk(HIDDEN) + LAST_CHUNK;

/** The first request as a log shows it, made by GET. */
export const GET_FIRST = `GET ${FIRST}`;
/** The first request as a log shows it, made by POST. */
export const POST_FIRST = `POST ${FIRST}`;
/** The second request as a log shows it. */
export const GET_SECOND = `GET ${SECOND}`;

/** A case of which nothing reaches the server. */
export function refused(title: string, bytes: string): SmugglingCase {
  return { title, bytes, reaches: [], behind: 'refused' };
}

/** A case that reaches the server and leaves the connection open. */
export function passed(title: string, bytes: string, ...reaches: readonly string[]): SmugglingCase {
  return { title, bytes, reaches, behind: 'open' };
}

/** A case that reaches the server and ends the connection. */
export function closing(
  title: string,
  bytes: string,
  ...reaches: readonly string[]
): SmugglingCase {
  return { title, bytes, reaches, behind: 'closes' };
}

/** A POST whose body has the length that `LENGTH` says, with a further field that changes nothing. */
export function hiddenByLength(field: string): SmugglingCase {
  const bytes = post([LENGTH, field], HIDDEN) + NEXT;
  return passed(`Content-Length with ${shown(field)}`, bytes, POST_FIRST, GET_SECOND);
}

/** A chunked POST with a further field that changes nothing. */
export function hiddenInChunk(field: string): SmugglingCase {
  const bytes = post([CHUNKED, field], HIDDEN_CHUNKS) + NEXT;
  return passed(`chunked with ${shown(field)}`, bytes, POST_FIRST, GET_SECOND);
}

/** Renders bytes as JSON for the title of a test, cut after 60 characters with their number behind. */
export function shown(text: string): string {
  const json = JSON.stringify(text);
  return json.length > 60 ? `${json.slice(0, 60)}… (${text.length} characters)` : json;
}
