/** Which sites answer on which listen address. */
import { type Endpoint, endpointText } from '../schema/index.ts';
import type { AjpListenModel } from '../net/options.ts';
import type { SiteModel } from './native.ts';

/** Which sites are served on a listen address, and how. */
export interface AddressSites {
  /** The address as text, `127.0.0.1:80`, `*:80` or `unix:/path`; the same for every site that names it. */
  readonly key: string;
  readonly lenientLineEnds: boolean;
  /** Whether connections begin with TLS; each site then has its own certificate for the address. */
  readonly tls: boolean;
  /** What it expects of web servers that speak AJP; null where clients speak HTTP. */
  readonly ajp: AjpListenModel | null;
  /** The sites that listen here, by their main name. */
  readonly hosts: readonly string[];
  /** The site that answers for names that none has: the one that says so, else the first. */
  readonly fallback: string;
}

/** One listen address of a configuration, with what was said about it. */
export interface Address extends AddressSites {
  readonly target: Endpoint;
  readonly backlog: number;
}

/** An address while its sites are gathered. */
type Gathering = Omit<Address, 'hosts' | 'fallback'> & {
  readonly hosts: string[];
  fallback: string;
};

/** Groups the sites of a configuration by listen address, in the order in which addresses first appear. */
export function addressesOf(
  sites: Iterable<readonly [host: string, site: SiteModel]>,
): ReadonlyMap<string, Address> {
  const addresses = new Map<string, Gathering>();
  const chosen = new Set<string>();
  for (const [host, site] of sites) {
    for (const listen of site.listen) {
      const key = endpointText(listen.endpoint);
      let address = addresses.get(key);
      if (address === undefined) {
        address = {
          key,
          target: listen.endpoint,
          backlog: listen.backlog,
          lenientLineEnds: listen.lenientLineEnds,
          tls: listen.tls !== null,
          ajp: listen.ajp,
          hosts: [],
          fallback: host,
        };
        addresses.set(key, address);
      }
      address.hosts.push(host);
      const isDefault =
        listen.default || site.default || site.names.some(({ kind }) => kind === 'any');
      if (isDefault && !chosen.has(key)) {
        chosen.add(key);
        address.fallback = host;
      }
    }
  }
  return addresses;
}

/** HTTP/1.1 without or with TLS, or AJP, which only web servers speak. */
export type AddressProtocol = 'http' | 'https' | 'ajp';

/** What clients of an address have to speak. */
export function protocolOf({ tls, ajp }: Pick<AddressSites, 'tls' | 'ajp'>): AddressProtocol {
  if (ajp !== null) return 'ajp';
  return tls ? 'https' : 'http';
}
