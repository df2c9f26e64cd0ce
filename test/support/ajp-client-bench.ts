import { Fields, type OutgoingRequest } from '../../src/http/message/index.ts';
import {
  type AjpClientCall,
  AjpClientConnection,
  type AjpClientSettings,
  type AjpRequest,
  bodyChunkHead,
  endResponse,
  Payload,
  readForwardRequest,
  requestBodyHead,
  responseHead,
} from '../../src/wire/ajp/index.ts';
import { Answer, ClientBench, GET, TIMEOUTS } from './client-bench.ts';

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

/** The packet that begins a response, with these fields alone. */
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

/** A bench whose connection carries a call, a GET unless `request` says something else. */
export function opened(
  request: Partial<OutgoingRequest> = {},
  settings: Partial<AjpClientSettings> = {},
): { readonly bench: Bench; readonly answer: Answer; readonly call: AjpClientCall } {
  const bench = new Bench(settings);
  const answer = new Answer();
  const call = bench.connection.open({ ...GET, ...request }, answer, TIMEOUTS);
  return { bench, answer, call };
}

/** Gives a call bytes of its body, which lie in the midst of others. */
export function write(call: AjpClientCall, text: string): boolean {
  const bytes = Buffer.from(`<${text}>`, 'latin1');
  return call.write(bytes, 1, bytes.length - 1);
}

/** What the container reads of so many bytes of a request that it has asked for. */
export function bodyPacket(text: string): string {
  return requestBodyHead(text.length) + text;
}
