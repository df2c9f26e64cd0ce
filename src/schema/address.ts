/** Notations of network addresses: where to listen, which peer to call, which networks to trust. */
import { isIP, isIPv4, SocketAddress } from 'node:net';
import { renderValue } from './problem.ts';
import type { Parsed } from './scalars.ts';

/** Where a socket listens or connects to. */
export type Endpoint =
  | {
      readonly kind: 'tcp';
      /** An IP address without brackets, a host name, or `*` for every address of the machine. */
      readonly host: string;
      readonly port: number;
    }
  | {
      readonly kind: 'unix';
      /** Absolute path of the socket. */
      readonly path: string;
    };

/**
 * A host in one spelling: an IPv6 address as RFC 5952 has it, its zone as written, one that stands for an
 * IPv4 address (RFC 4291 section 2.5.5.2) as that; names, which have no case, in lower case.
 */
export function plainHostText(host: string): string {
  const zone = host.indexOf('%');
  const bare = zone < 0 ? host : host.slice(0, zone);
  if (isIP(bare) !== 6) return host.toLowerCase();
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
  const mapped = address.slice(MAPPED.length);
  if (address.startsWith(MAPPED) && isIPv4(mapped)) return mapped;
  return zone < 0 ? address : address + host.slice(zone);
}

const MAPPED = '::ffff:';

/** An endpoint in one spelling, `[::1]:80`, `*:80` or `unix:/path`, so that equal ones are equal texts. */
export function endpointText(endpoint: Endpoint): string {
  if (endpoint.kind === 'unix') return `unix:${endpoint.path}`;
  const host = plainHostText(endpoint.host);
  return `${host.includes(':') ? `[${host}]` : host}:${endpoint.port}`;
}

/** Longest path of a unix socket in bytes: Linux has 108 with the final NUL (unix(7)). */
export const UNIX_PATH_LIMIT = 107;

/** A network: addresses whose first `bits` bits are those of `address`. */
export interface Network {
  readonly address: string;
  readonly bits: number;
  readonly family: 4 | 6;
}

const LABEL = /^(?!-)[A-Za-z0-9_-]{1,63}(?<!-)$/;

/** Is it a host name by RFC 1123, underscores allowed because container networks use them? */
export function isHostName(text: string): boolean {
  const name = text.endsWith('.') ? text.slice(0, -1) : text;
  if (name.length > 253) return false;
  const labels = name.split('.');
  // A last label of digits only is an IPv4 address that went wrong, never a name (RFC 3696, 2).
  return labels.every((label) => LABEL.test(label)) && !/^[0-9]+$/.test(labels.at(-1) ?? '');
}

function fault(message: string, cure: string): Parsed<never> {
  return { message, cure };
}

/** A port from 1, or from 0 where a free port may be asked for, to 65535. */
export function parsePort(text: string, lowest: 0 | 1): Parsed<number> {
  if (!/^[0-9]+$/.test(text))
    return fault(`${renderValue(text)} is not a port`, 'Write the port in digits');
  const port = Number(text);
  if (port < lowest || port > 65535)
    return {
      message: `Port ${renderValue(port)} is out of range`,
      cure: `Write a port from ${lowest} to 65535`,
      code: 'out-of-range',
    };
  return { value: port };
}

/** What stands after `unix:`: absolute, without NUL, at most `UNIX_PATH_LIMIT` bytes. */
export function parseUnixPath(path: string): Parsed<Endpoint> {
  if (!path.startsWith('/'))
    return fault(
      `The path of a unix socket must be absolute, got ${renderValue(path)}`,
      'Write it from the root: unix:/run/daemun.sock',
    );
  if (path.includes('\0')) return fault('The path holds a NUL', 'Remove it');
  const length = Buffer.byteLength(path);
  if (length > UNIX_PATH_LIMIT)
    return {
      message: `The path of the unix socket is too long: ${length} bytes, ${UNIX_PATH_LIMIT} are possible`,
      cure: 'Use a shorter path, such as one under /run',
      code: 'out-of-range',
    };
  return { value: { kind: 'unix', path } };
}

/** `127.0.0.1`, `[::1]`, `*`, `localhost`: a host without a port, brackets around IPv6. */
export function parseHost(text: string): Parsed<string> {
  if (text === '*') return { value: '*' };
  if (text.startsWith('[')) {
    const inside = text.endsWith(']') ? text.slice(1, -1) : '';
    if (isIP(inside) !== 6)
      return fault(`${renderValue(text)} is not an IPv6 address`, 'Write it like [::1]');
    return { value: inside };
  }
  if (isIP(text) === 6) return { value: text };
  if (isIPv4(text) || isHostName(text)) return { value: text };
  return fault(
    `${renderValue(text)} is neither an IP address nor a host name`,
    'Write it like 127.0.0.1, [::1] or localhost',
  );
}

/** Takes `host:port` apart; without a port, `fallback` stands for it. */
export function parseHostPort(
  text: string,
  options: { readonly lowest: 0 | 1; readonly fallback?: number },
): Parsed<Endpoint> {
  if (text.startsWith('[') && !text.includes(']'))
    return fault(`${renderValue(text)} has no closing bracket`, 'Write it like [::1]:8080');
  const colon = text.startsWith('[') ? text.indexOf(':', text.indexOf(']')) : text.lastIndexOf(':');
  if (!text.startsWith('[') && text.indexOf(':') !== colon)
    return fault(
      `${renderValue(text)} is ambiguous`,
      'Write an IPv6 address in brackets: [::1]:8080',
    );
  if (colon === -1 && options.fallback === undefined)
    return fault(`${renderValue(text)} has no port`, `Add one: ${text}:8080`);
  const host = parseHost(colon === -1 ? text : text.slice(0, colon));
  if (!('value' in host)) return host;
  const port =
    colon === -1
      ? { value: options.fallback ?? 0 }
      : parsePort(text.slice(colon + 1), options.lowest);
  if (!('value' in port)) return port;
  return { value: { kind: 'tcp', host: host.value, port: port.value } };
}

/** Where to listen: `80`, `*:80`, `127.0.0.1:8080`, `[::1]:8080`, `unix:/run/x.sock`. */
export function parseListen(text: string): Parsed<Endpoint> {
  if (text.startsWith('unix:')) return parseUnixPath(text.slice(5));
  if (/^[0-9]+$/.test(text)) {
    const port = parsePort(text, 0);
    return 'value' in port ? { value: { kind: 'tcp', host: '*', port: port.value } } : port;
  }
  // "80x" could be the name of a host, and is a slip of the hand.
  if (/^[0-9:]/.test(text) && !/[.:]/.test(text.slice(1)) && !text.includes(']'))
    return fault(
      `${renderValue(text)} is neither a port nor an address with a port`,
      'Write a port from 0 to 65535, an address such as "127.0.0.1:8080" or "[::1]:8080", or "unix:/run/x.sock"',
    );
  if (text.includes('://'))
    return fault(
      `${renderValue(text)} is the address of a page, not one to listen on`,
      'Write the host and the port alone: "127.0.0.1:8080"',
    );
  return parseHostPort(text, { lowest: 0 });
}

/** Where a peer listens, and what it speaks there. */
export interface PeerAddress {
  readonly protocol: 'http' | 'ajp';
  readonly endpoint: Endpoint;
}

const PEER_PORTS = { http: 80, ajp: 8009 } as const;
/** What a peer may be called, and is not yet. */
const LATER = ['https', 'h2c', 'fastcgi', 'scgi', 'uwsgi'];

/**
 * A peer: `http://127.0.0.1:9001`, port 80 unless said; `ajp://127.0.0.1`, port 8009 unless said; `unix:/run/x.sock`,
 * which speaks HTTP/1.1, and `ajp+unix:/run/x.sock`.
 */
export function parsePeer(text: string): Parsed<PeerAddress> {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/.exec(text)?.[1]?.toLowerCase();
  if (scheme === 'unix') return speaking('http', parseUnixPath(text.slice('unix:'.length)));
  if (scheme === 'ajp+unix') return speaking('ajp', parseUnixPath(text.slice('ajp+unix:'.length)));
  if (scheme !== undefined && LATER.includes(scheme))
    return {
      message: `Peers that speak ${scheme} are not available in this version`,
      cure: 'Name a peer that speaks plain HTTP/1.1 or AJP: http://127.0.0.1:9001, ajp://127.0.0.1:8009',
      code: 'not-available',
    };
  const protocol = text.startsWith('http://') ? 'http' : text.startsWith('ajp://') ? 'ajp' : null;
  if (protocol === null)
    return fault(
      `${renderValue(text)} is not the address of a peer`,
      'Write it like http://127.0.0.1:9001, ajp://127.0.0.1:8009 or unix:/run/app.sock',
    );
  const rest = text.slice(protocol.length + '://'.length);
  const end = rest.search(/[/?#]/);
  const authority = end === -1 ? rest : rest.slice(0, end);
  if (end !== -1 && rest.slice(end) !== '/')
    return fault(
      `The address of a peer has no path, got ${renderValue(rest.slice(end))}`,
      'Move the path to the option `uri` of the route',
    );
  if (authority.includes('@'))
    return fault('The address of a peer has no user and password', 'Remove them');
  const endpoint = parseHostPort(authority, { lowest: 1, fallback: PEER_PORTS[protocol] });
  if ('value' in endpoint && endpoint.value.kind === 'tcp' && endpoint.value.host === '*')
    return fault('A peer needs an address of its own, got "*"', 'Write its IP address or name');
  return speaking(protocol, endpoint);
}

function speaking(
  protocol: PeerAddress['protocol'],
  endpoint: Parsed<Endpoint>,
): Parsed<PeerAddress> {
  return 'value' in endpoint ? { value: { protocol, endpoint: endpoint.value } } : endpoint;
}

/** `10.0.0.0/8`, `fd00::/8`, or one address. */
export function parseNetwork(text: string): Parsed<Network> {
  const slash = text.indexOf('/');
  const address = slash === -1 ? text : text.slice(0, slash);
  const family = isIP(address);
  const cure = 'Write it like 10.0.0.0/8, fd00::/8 or 127.0.0.1';
  if (family !== 4 && family !== 6)
    return fault(`${renderValue(text)} is not an IP address or network`, cure);
  const most = family === 4 ? 32 : 128;
  const prefix = slash === -1 ? String(most) : text.slice(slash + 1);
  const bits = /^[0-9]{1,3}$/.test(prefix) ? Number(prefix) : Infinity;
  if (bits > most)
    return fault(`The prefix of ${renderValue(text)} is not a number from 0 to ${most}`, cure);
  return { value: { address, bits, family } };
}
