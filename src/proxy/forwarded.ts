/**
 * What a server is told of the client: `X-Forwarded-*` and `Forwarded` (RFC 7239). Only hops that the
 * configuration trusts are believed; what anybody else sends in these fields, or in `X-Real-IP`, is dropped.
 */
import { BlockList, isIPv6 } from 'node:net';
import { FIELD, type Fields, isToken, type RequestHead } from '../http/message/index.ts';
import type { ConnectionFacts } from '../http/message/index.ts';
import type { Network } from '../schema/index.ts';

/** Which of the two families is written. */
export type ForwardedMode = 'x-forwarded' | 'forwarded' | 'both' | 'off';

// What speaks of the client, for `Fields.removeMarked`.
const OF_THE_CLIENT = new Uint8Array(256);
for (const id of [
  FIELD.xForwardedFor,
  FIELD.xForwardedHost,
  FIELD.xForwardedPort,
  FIELD.xForwardedProto,
  FIELD.forwarded,
  FIELD.xRealIp,
]) {
  OF_THE_CLIENT[id] = 1;
}

/** The networks whose word about the client is handed on. */
export class TrustedHops {
  readonly #networks: BlockList | null;

  constructor(networks: readonly Network[]) {
    this.#networks = networks.length === 0 ? null : new BlockList();
    for (const { address, bits, family } of networks) {
      this.#networks?.addSubnet(address, bits, family === 6 ? 'ipv6' : 'ipv4');
    }
  }

  /** Whether the peer at `address` is one of them; the peer of a unix socket never is. */
  has(address: string): boolean {
    if (this.#networks === null) return false;
    return this.#networks.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
  }
}

/** Puts the client's address, protocol, host and port into `fields`, which hold those of the request. */
export function setForwarded(
  fields: Fields,
  request: RequestHead,
  connection: ConnectionFacts,
  mode: ForwardedMode,
  trusted: TrustedHops,
): void {
  if (!trusted.has(connection.remoteAddress)) fields.removeMarked(OF_THE_CLIENT);
  const proto = connection.secure ? 'https' : 'http';
  if (mode === 'x-forwarded' || mode === 'both') {
    const address = connection.remoteAddress === 'unix:' ? 'unknown' : connection.remoteAddress;
    setList(fields, FIELD.xForwardedFor, address);
    setMissing(fields, FIELD.xForwardedProto, proto);
    if (request.authority !== '') setMissing(fields, FIELD.xForwardedHost, request.authority);
    if (connection.localPort > 0) {
      setMissing(fields, FIELD.xForwardedPort, String(connection.localPort));
    }
  }
  if (mode === 'forwarded' || mode === 'both') {
    let element = `for=${node(connection.remoteAddress)}`;
    if (request.authority !== '') element += `;host=${quoted(request.authority)}`;
    setList(fields, FIELD.forwarded, `${element};proto=${proto}`);
  }
}

// Appends to the list that a trusted hop began.
function setList(fields: Fields, id: number, value: string): void {
  const before = fields.joined(id);
  if (before !== null) fields.removeKnown(id);
  fields.appendKnown(id, before === null || before === '' ? value : `${before}, ${value}`);
}

function setMissing(fields: Fields, id: number, value: string): void {
  if (!fields.has(id)) fields.appendKnown(id, value);
}

// RFC 7239 section 6: an IPv6 address stands in brackets and therefore in quotes.
function node(address: string): string {
  if (address === 'unix:' || address === '') return 'unknown';
  return address.includes(':') ? `"[${address}]"` : address;
}

// An authority holds neither quotes nor backslashes, see `parseHost`.
function quoted(text: string): string {
  return isToken(text) ? text : `"${text}"`;
}
