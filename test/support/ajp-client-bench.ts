import { Fields } from '../../src/http/message/index.ts';
import {
  AjpClientConnection,
  type AjpClientSettings,
  type AjpRequest,
  bodyChunkHead,
  endResponse,
  Payload,
  readForwardRequest,
  responseHead,
} from '../../src/wire/ajp/index.ts';
import { ClientBench } from './client-bench.ts';

export { Answer, GET, TIMEOUTS } from './client-bench.ts';

const PLAIN = {
  packetSize: 8192,
  secret: null,
  route: null,
  ping: 'off',
  pingTimeout: 500,
  pingInterval: 0,
} as const;

/** A client connection that speaks AJP; no pings, and packets of 8 KiB, unless said. */
export class Bench extends ClientBench<AjpClientConnection> {
  constructor(own: Partial<AjpClientSettings> = {}) {
    super(
      (wire, settings, owner) =>
        new AjpClientConnection(wire, { ...settings, ...PLAIN, ...own }, owner),
    );
  }
}

/** A packet with the head of a response. */
export function head(
  status: number,
  ...fields: (readonly [name: string, value: string])[]
): string {
  return responseHead(status, 'Fine', Fields.of(...fields), 8192) ?? '';
}

/** A packet with bytes of its body. */
export function chunk(bytes: string): string {
  return `${bodyChunkHead(bytes.length)}${bytes}\0`;
}

/** The packet behind a response; the connection may be used again. */
export const END = endResponse(true);
/** A whole small response. */
export const OK = `${head(200, ['Content-Length', '2'])}${chunk('hi')}${END}`;

/** The request in the first packet of what was sent. Throws where it is none. */
export function requestIn(sent: string): AjpRequest {
  const size = 4 + (sent.charCodeAt(2) << 8) + sent.charCodeAt(3);
  const read = readForwardRequest(new Payload(sent.slice(0, size), 5));
  if (read.request === null) throw new Error(read.flaw);
  return read.request;
}

/** What follows the first packet. */
export function behindRequest(sent: string): string {
  return sent.slice(4 + (sent.charCodeAt(2) << 8) + sent.charCodeAt(3));
}
