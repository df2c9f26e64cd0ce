/**
 * Listen addresses that stand for the same connections: `*:80` takes those to `127.0.0.1:80` as well, and the system
 * lets nobody open a socket for each. So a configuration that names both gets one socket, on the wider address, and
 * each connection goes to the narrowest address that names where it arrived (as nginx does it).
 *
 * `*` and `::` take connections by IPv4 and IPv6, `0.0.0.0` those by IPv4. Host names are left alone here: see
 * `named-address.ts`.
 */
import { isIP } from 'node:net';
import { type Endpoint, plainHostText } from '../schema/index.ts';
import type { Address, AddressSites } from './addresses.ts';

/** Wider ones first: `0.0.0.0` lies within both others, which take the same. */
const WIDE: readonly string[] = ['*', '::', '0.0.0.0'];

/** The host of a TCP address as the system spells it, `*` and names as they are; null for every other address. */
export function plainHost(target: Endpoint): string | null {
  return target.kind === 'tcp' ? plainHostText(target.host) : null;
}

/** The widest of `others` whose socket takes the connections to `target` too; null where it needs one of its own. */
export function coverOf<T extends { readonly target: Endpoint }>(
  target: Endpoint,
  others: Iterable<T>,
): T | null {
  let widest: T | null = null;
  let rank = WIDE.length;
  for (const other of others) {
    const host = plainHost(other.target);
    const at = host === null ? -1 : WIDE.indexOf(host);
    if (at < 0 || at >= rank || !covers(other.target, target)) continue;
    widest = other;
    rank = at;
  }
  return widest;
}

/** Whether a socket on `wide` takes the connections to `narrow` as well, and others besides. */
export function covers(wide: Endpoint, narrow: Endpoint): boolean {
  if (wide.kind !== 'tcp' || narrow.kind !== 'tcp') return false;
  if (wide.port !== narrow.port || narrow.port === 0) return false;
  const [outer, inner] = [plainHost(wide) ?? '', plainHost(narrow) ?? ''];
  const [outerRank, innerRank] = [WIDE.indexOf(outer), WIDE.indexOf(inner)];
  if (outerRank < 0) return false;
  if (innerRank >= 0) return outerRank < innerRank;
  return isIP(inner) === 4 || (isIP(inner) === 6 && outer !== '0.0.0.0');
}

/** Whether the address takes what comes to any address of the machine, or to any of its IPv4 addresses. */
export function isWide(target: Endpoint): boolean {
  return WIDE.includes(plainHost(target) ?? '');
}

/** A listen address without a socket of its own. */
export interface NarrowAddress extends AddressSites {
  /** Where its connections arrive, as the system spells it: `127.0.0.1`; `0.0.0.0` or `::` for a family. */
  readonly host: string;
}

/** A listen address that the system is asked to open. */
export interface SocketAddress extends Address {
  /** Addresses whose connections arrive on its sockets too. */
  readonly narrow: readonly NarrowAddress[];
}

/** The addresses that get sockets, each with those whose connections arrive there too. */
export function socketsOf(addresses: Iterable<Address>): readonly SocketAddress[] {
  const all = [...addresses];
  const wide = all.filter(({ target }) => isWide(target));
  const narrow = new Map<string, NarrowAddress[]>();
  const own: Address[] = [];
  for (const address of all) {
    const cover = coverOf(address.target, wide);
    const host = plainHost(address.target);
    if (cover === null || host === null) {
      own.push(address);
      continue;
    }
    const { key, lenientLineEnds, tls, ajp, hosts, fallback } = address;
    const others = narrow.get(cover.key) ?? [];
    others.push({ key, lenientLineEnds, tls, ajp, hosts, fallback, host });
    narrow.set(cover.key, others);
  }
  return own.map((address) => ({ ...address, narrow: narrow.get(address.key) ?? [] }));
}
