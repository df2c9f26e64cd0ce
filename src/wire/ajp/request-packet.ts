import { Fault } from '../../base/index.ts';
import {
  announcesLength,
  type ConnectionFacts,
  FIELD,
  mustBeOneRequest,
  type OutgoingRequest,
  parseHost,
  UNKNOWN_LENGTH,
} from '../../http/message/index.ts';
import type { AjpClientSettings } from './client-settings.ts';
import { AJP_RESPONSE_FAULTS as FAULTS } from './faults.ts';
import { type AjpRequest, forwardRequest } from './forward-request.ts';

/**
 * The packet with the head of a request to a container. What it cannot carry, a switch to another protocol, is left
 * out. Throws a `TypeError` where the request would not be one, and a `Fault` where it does not fit into a packet.
 */
export function requestPacket(request: OutgoingRequest, settings: AjpClientSettings): string {
  mustBeOneRequest(request);
  const { method, target, client } = request;
  if (method === 'CONNECT') throw new TypeError('AJP carries no CONNECT');
  const mark = target.indexOf('?');
  const secure = client !== null && client.secure;
  const packet = forwardRequest(
    {
      method,
      protocol: 'HTTP/1.1',
      uri: mark < 0 ? target : target.slice(0, mark),
      remoteAddress: addressOf(client),
      remoteHost: null,
      ...server(request.authority, secure),
      secure,
      fields: request.fields,
      attributes: attributesOf(mark < 0 ? null : target.slice(mark + 1), settings),
      keySize: 0,
      named: namedOf(client),
    },
    settings.packetSize,
    ownFields(request),
  );
  if (packet === null) {
    const detail = `it would have more than ${settings.packetSize} bytes`;
    throw new Fault(FAULTS['ajp-head-too-large'], 'upstream-head', detail);
  }
  return packet;
}

// A client of a unix socket is on this machine. None at all would be null for applications, which do not expect it.
function addressOf(client: ConnectionFacts | null): string {
  return client === null || client.remoteAddress === 'unix:' ? '127.0.0.1' : client.remoteAddress;
}

// The port is that of the URL that the client has asked for, which it leaves out where it is the usual one.
function server(authority: string, secure: boolean): Pick<AjpRequest, 'serverName' | 'serverPort'> {
  const host = parseHost(authority);
  const usual = secure ? 443 : 80;
  if (host === null) return { serverName: authority, serverPort: usual };
  return { serverName: host.name, serverPort: host.port < 0 ? usual : host.port };
}

// The fields that are the transport's, as every client has them: `Host` before all others.
function ownFields(request: OutgoingRequest): (readonly [id: number, value: string])[] {
  const own: (readonly [number, string])[] = [[FIELD.host, request.authority]];
  if (request.length === UNKNOWN_LENGTH) own.push([FIELD.transferEncoding, 'chunked']);
  else if (announcesLength(request)) own.push([FIELD.contentLength, String(request.length)]);
  return own;
}

function attributesOf(
  query: string | null,
  { secret, route }: AjpClientSettings,
): AjpRequest['attributes'] {
  return {
    ...(query === null ? {} : { query }),
    ...(route === null ? {} : { route }),
    ...(secret === null ? {} : { secret }),
  };
}

// What AJP has no place for, by the names that mod_jk has given it and Tomcat knows.
function namedOf(client: ConnectionFacts | null): AjpRequest['named'] {
  if (client === null || client.remotePort === 0) return [];
  return [
    ['AJP_REMOTE_PORT', String(client.remotePort)],
    ['AJP_LOCAL_ADDR', client.localAddress],
  ];
}
