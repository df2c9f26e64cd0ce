const MAPPED = '::ffff:';

/**
 * The address of a peer, or of this end, as rules, logs and back ends know it. A listener on all addresses sees
 * an IPv4 peer as `::ffff:192.0.2.1`, which becomes `192.0.2.1`; a link-local address loses the interface that
 * Node writes behind it (`fe80::1%eth0`), as no list of addresses has one. Empty where the connection is gone.
 */
export function plainAddress(address: string | undefined): string {
  if (address === undefined) return '';
  if (
    address.startsWith(MAPPED) &&
    address.indexOf(':', MAPPED.length) < 0 &&
    address.includes('.')
  ) {
    return address.slice(MAPPED.length);
  }
  const zone = address.indexOf('%');
  return zone < 0 ? address : address.slice(0, zone);
}
