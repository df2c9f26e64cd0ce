/**
 * Listen addresses that stand for the same connections: `*:80` takes those to `127.0.0.1:80` as well, and the system
 * lets nobody open a socket for each. So a configuration that names both gets one socket, on the wider address, and
 * each connection goes to the narrowest address that names where it arrived (as nginx does it).
 *
 * `*` and `::` take connections by IPv4 and IPv6, `0.0.0.0` those by IPv4. Host names are left alone here: see
 * `named-address.ts`.
 */
import { isIP } from 'node:net';
import type { ListenTarget } from '../net/index.ts';
import { type Endpoint, endpointText, plainHostText } from '../schema/index.ts';
import type { Address } from './addresses.ts';
import type { AddressMessage, NarrowAddress, OpenFault } from './messages.ts';

/** Wider ones first: `0.0.0.0` lies within both others, which take the same. */
const WIDE: readonly string[] = ['*', '::', '0.0.0.0'];

/** The host of a TCP address as the system spells it, `*` and names as they are; null for every other address. */
export function plainHost(target: ListenTarget): string | null {
  return target.kind === 'tcp' ? plainHostText(target.host) : null;
}

/** The widest of `others` whose socket takes the connections to `target` too; null where it needs one of its own. */
export function coverOf<T extends { readonly target: ListenTarget }>(
  target: ListenTarget,
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

function covers(wide: ListenTarget, narrow: ListenTarget): boolean {
  if (wide.kind !== 'tcp' || narrow.kind !== 'tcp') return false;
  if (wide.port !== narrow.port || narrow.port === 0) return false;
  const [outer, inner] = [plainHost(wide) ?? '', plainHost(narrow) ?? ''];
  const [outerRank, innerRank] = [WIDE.indexOf(outer), WIDE.indexOf(inner)];
  if (outerRank < 0) return false;
  if (innerRank >= 0) return outerRank < innerRank;
  return isIP(inner) === 4 || (isIP(inner) === 6 && outer !== '0.0.0.0');
}

/** Whether the address takes what comes to any address of the machine, or to any of its IPv4 addresses. */
export function isWide(target: ListenTarget): boolean {
  return WIDE.includes(plainHost(target) ?? '');
}

/** The addresses that get a socket, each with those whose connections arrive there too. `shared`: with other threads. */
export function socketsOf(
  addresses: readonly Address[],
  shared: boolean,
): readonly AddressMessage[] {
  const wide = addresses.filter(({ target }) => isWide(target));
  const narrow = new Map<string, NarrowAddress[]>();
  const own: Address[] = [];
  for (const address of addresses) {
    const cover = coverOf(address.target, wide);
    const host = plainHost(address.target);
    if (cover === null || host === null) {
      own.push(address);
      continue;
    }
    const { key, lenientLineEnds, hosts, fallback } = address;
    const others = narrow.get(cover.key) ?? [];
    others.push({ key, lenientLineEnds, hosts, fallback, host });
    narrow.set(cover.key, others);
  }
  return own.map((address) => ({ ...address, shared, narrow: narrow.get(address.key) ?? [] }));
}

/** Where a socket listens, with the port that it got where the configuration says any. */
export function openTarget<T extends ListenTarget>(
  { key, target }: { readonly key: string; readonly target: T },
  ports: ReadonlyMap<string, number> = new Map(),
): T {
  const port = ports.get(key);
  return target.kind === 'tcp' && port !== undefined ? { ...target, port } : target;
}

/**
 * Why an address cannot be opened beside those that this server itself has open; null where none of them is in the
 * way. `open` have the ports that they got.
 */
export function ownFault(endpoint: Endpoint, open: Iterable<ListenTarget>): OpenFault | null {
  if (endpoint.kind !== 'tcp') return null;
  for (const own of open) {
    if (own.kind !== 'tcp' || own.port !== endpoint.port) continue;
    const isSame = plainHost(own) === plainHost(endpoint);
    if (!isSame && !covers(own, endpoint) && !covers(endpoint, own)) continue;
    return {
      key: endpointText(endpoint),
      code: 'OVERLAP',
      message: `this server has ${endpointText(own)} open, and the system opens no second socket for the same connections`,
      cure: 'Restart the server to change from one to the other, or let it listen as before',
    };
  }
  return null;
}
