import {
  type ConnectionFacts,
  equalsIgnoreCaseAscii,
  FIELD,
  type Fields,
  type Host,
  parseDecimal,
  parseHost,
  parseTarget,
  type RequestHead,
  UNKNOWN_LENGTH,
} from '../../http/message/index.ts';
import type { AjpRequest } from './forward-request.ts';

/** Null with the words for a log, where a request of a web server is none that can be answered. */
export type ArrivedHead =
  | { readonly head: RequestHead; readonly flaw?: undefined }
  | { readonly head: null; readonly flaw: string };

/** The head of a request as every protocol in front has it. What AJP's reader lets pass and HTTP's would not, does not. */
export function arrivedHead(request: AjpRequest): ArrivedHead {
  const { method, uri, fields, attributes } = request;
  const query = attributes.query ?? null;
  const target = query === null ? uri : `${uri}?${query}`;
  const form = parseTarget(method, target)?.form;
  if (form !== 'origin' && form !== 'asterisk') return flawed('the target');
  const version = versionOf(request.protocol);
  if (version < 0) return flawed('the protocol');
  const contentLength = lengthOf(fields);
  if (contentLength < UNKNOWN_LENGTH) return flawed('the length of the body');
  const authority = authorityOf(request);
  const host: Host | null = authority === null || authority === '' ? null : parseHost(authority);
  if (authority === null || (authority !== '' && host === null)) return flawed('the host');
  return {
    head: {
      method,
      target,
      path: uri,
      query,
      version,
      host,
      authority,
      fields,
      contentLength,
      // The web server sees to it.
      expectsContinue: false,
      upgrade: null,
    },
  };
}

function flawed(flaw: string): ArrivedHead {
  return { head: null, flaw };
}

/** Who has asked for it, by the word of the web server whose connection it came on. */
export function arrivedFrom(request: AjpRequest, connection: ConnectionFacts): ConnectionFacts {
  const named = new Map(request.named);
  return {
    ...connection,
    remoteAddress: request.remoteAddress ?? connection.remoteAddress,
    remotePort: portOf(named.get('AJP_REMOTE_PORT')),
    localAddress: named.get('AJP_LOCAL_ADDR') ?? connection.localAddress,
    localPort: request.serverPort,
    secure: request.secure,
  };
}

/** Attributes of any name that web servers tell by themselves, and which of them no application sees as its own. */
const KNOWN_ATTRIBUTES = new Set([
  'AJP_REMOTE_PORT',
  'AJP_LOCAL_ADDR',
  'AJP_SSL_PROTOCOL',
  'JK_LB_ACTIVATION',
]);

/** The first attribute that nobody has allowed; null where there is none. */
export function strangeAttribute({ named }: AjpRequest): string | null {
  for (const [name] of named) if (!KNOWN_ATTRIBUTES.has(name)) return name;
  return null;
}

function portOf(text: string | undefined): number {
  const port = text === undefined ? -1 : parseDecimal(text);
  return port >= 0 && port <= 65_535 ? port : 0;
}

// -1 where it is none.
function versionOf(protocol: string): number {
  const [, major, minor] = /^HTTP\/([1-9])(?:\.([0-9]))?$/.exec(protocol) ?? [];
  return major === undefined ? -1 : Number(major) * 10 + Number(minor ?? 0);
}

// Less than `UNKNOWN_LENGTH` where there is no telling. The reader has seen to it that there is one framing at most.
function lengthOf(fields: Fields): number {
  if (fields.indexOf(FIELD.transferEncoding) >= 0)
    return equalsIgnoreCaseAscii(fields.joined(FIELD.transferEncoding) ?? '', 'chunked')
      ? UNKNOWN_LENGTH
      : -2;
  const text = fields.get(FIELD.contentLength);
  if (text === null) return 0;
  const length = parseDecimal(text);
  return length < 0 ? -2 : length;
}

// That of `Host`, of which there may be one; without it the server that the web server names. Null for two.
function authorityOf({ fields, serverName, serverPort, secure }: AjpRequest): string | null {
  const at = fields.indexOf(FIELD.host);
  if (at >= 0) return fields.indexOf(FIELD.host, at + 1) >= 0 ? null : fields.valueAt(at);
  if (serverName === null) return '';
  return serverPort === (secure ? 443 : 80) ? serverName : `${serverName}:${serverPort}`;
}
