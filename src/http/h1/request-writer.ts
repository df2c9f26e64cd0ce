import { UNKNOWN_LENGTH } from '../message/request.ts';
import { isToken } from '../message/token.ts';
import type { OutgoingRequest } from '../message/transport.ts';
import { fieldLines } from './head-writer.ts';

/**
 * The head of a request to a back end as latin1 text (RFC 9112 section 3). `close` adds
 * `Connection: close`, for a connection that is to carry one request. Throws a `TypeError` where
 * method, target or authority hold bytes that would make another request of it: they may come from
 * rewrite rules and decoded text, and nobody behind us checks them again.
 */
export function requestHead(request: OutgoingRequest, close: boolean): string {
  const { method, target, authority, length, upgrade } = request;
  if (!isToken(method)) throw new TypeError(`${JSON.stringify(method)} is no method`);
  if (target === '') throw new TypeError('The request target is empty');
  refuseBlanks('request target', target);
  refuseBlanks('Host', authority);
  let framing = '';
  if (length === UNKNOWN_LENGTH) framing = 'Transfer-Encoding: chunked\r\n';
  else if (length > 0 || announcesEmptyBody(method)) framing = `Content-Length: ${length}\r\n`;
  let connection = '';
  if (upgrade !== null && upgrade !== 'connect') {
    if (!isToken(upgrade.replace('/', ''))) {
      throw new TypeError(`${JSON.stringify(upgrade)} is no protocol`);
    }
    connection = `Connection: upgrade\r\nUpgrade: ${upgrade}\r\n`;
  } else if (close) connection = 'Connection: close\r\n';
  return `${method} ${target} HTTP/1.1\r\nHost: ${authority}\r\n${framing}${connection}${fieldLines(request.fields)}\r\n`;
}

// RFC 9110 section 8.6: an empty body is announced where the method has a meaning for a body.
function announcesEmptyBody(method: string): boolean {
  return method === 'POST' || method === 'PUT' || method === 'PATCH';
}

function refuseBlanks(what: string, text: string): void {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 0x20 || code === 0x7f || code > 0xff) {
      throw new TypeError(
        `The ${what} holds a blank or control character: ${JSON.stringify(text)}`,
      );
    }
  }
}
