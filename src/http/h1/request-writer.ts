import { announcesLength, mustBeOneRequest } from '../message/outgoing-request.ts';
import { UNKNOWN_LENGTH } from '../message/request.ts';
import { isToken } from '../message/token.ts';
import type { OutgoingRequest } from '../message/transport.ts';
import { fieldLines } from './head-writer.ts';

/**
 * The head of a request to a back end as latin1 text (RFC 9112 section 3). `close` adds
 * `Connection: close`, for a connection that is to carry one request. Throws a `TypeError` where the request would not
 * be one, see `mustBeOneRequest`.
 */
export function requestHead(request: OutgoingRequest, close: boolean): string {
  const { method, target, authority, length, upgrade } = request;
  mustBeOneRequest(request);
  let framing = '';
  if (length === UNKNOWN_LENGTH) framing = 'Transfer-Encoding: chunked\r\n';
  else if (announcesLength(request)) framing = `Content-Length: ${length}\r\n`;
  let connection = '';
  if (upgrade !== null && upgrade !== 'connect') {
    if (!isToken(upgrade.replace('/', ''))) {
      throw new TypeError(`${JSON.stringify(upgrade)} is no protocol`);
    }
    connection = `Connection: upgrade\r\nUpgrade: ${upgrade}\r\n`;
  } else if (close) connection = 'Connection: close\r\n';
  return `${method} ${target} HTTP/1.1\r\nHost: ${authority}\r\n${framing}${connection}${fieldLines(request.fields)}\r\n`;
}
