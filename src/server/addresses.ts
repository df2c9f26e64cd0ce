/** Which sites answer on which listen address. */
import type { SiteModel } from '../config/index.ts';
import type { ListenTarget } from '../net/index.ts';
import { endpointText } from '../schema/index.ts';

/** One listen address of a configuration, with what was said about it. */
export interface Address {
  /** The address as text, `127.0.0.1:80`, `*:80` or `unix:/path`; the same for every site that names it. */
  readonly key: string;
  readonly target: ListenTarget;
  readonly backlog: number;
  readonly lenientLineEnds: boolean;
  /** The sites that listen here, by their main name. */
  readonly hosts: string[];
  /** The site that answers for names that none has: the one that says so, else the first. */
  fallback: string;
}

/** Groups the sites of a configuration by listen address, in the order in which addresses first appear. */
export function addressesOf(
  sites: Iterable<readonly [host: string, site: SiteModel]>,
): Map<string, Address> {
  const addresses = new Map<string, Address>();
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
