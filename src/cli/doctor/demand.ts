/** What a configuration asks of the machine, in figures that checks compare with what the machine has. */
import { tmpdir } from 'node:os';
import {
  addressesOf,
  type ConfigModel,
  type SocketAddress,
  socketsOf,
} from '../../config/index.ts';
import { adminEndpoint, logPaths } from '../../supervisor/index.ts';

/** A listen address, as `endpoint` names it. */
export type ListenAddress = Pick<SocketAddress, 'key' | 'backlog'> & {
  readonly endpoint: SocketAddress['target'];
};

/** See the head of this file. */
export interface Demand {
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly pidFile: string | undefined;
  readonly threads: number;
  /** Connections that a thread may have. */
  readonly maxConnections: number;
  /** Bytes for each thread. */
  readonly hotFileMemory: number;
  /** Those with a socket of their own. */
  readonly addresses: readonly ListenAddress[];
  /** Where the administration is to listen; null for none. */
  readonly administration: {
    readonly endpoint: SocketAddress['target'];
    /** Whether the configuration says so; else it is where it always is. */
    readonly isNamed: boolean;
    readonly tokenFile: string | undefined;
  } | null;
  /** Files with private keys. */
  readonly keys: readonly string[];
  /** Directories of files that are served. */
  readonly roots: readonly string[];
  readonly logs: readonly string[];
  /** Directories of bodies that wait, with the bytes that one body may take there. */
  readonly spools: ReadonlyMap<string, number>;
  /** Servers of upstreams that routes name, by upstream; those on unix sockets need no port. */
  readonly upstreams: readonly { readonly name: string; readonly tcpServers: number }[];
}

/**
 * Works `Demand` out; `cores` is what `threads: 'auto'` becomes, `configFile` where the configuration stands, null where it
 * is in no file.
 */
export function demandOf(config: ConfigModel, cores: number, configFile: string | null): Demand {
  const [roots, spools, named] = [new Set<string>(), new Map<string, number>(), new Set<string>()];
  for (const { routes } of Object.values(config.sites)) {
    for (const route of Object.values(routes)) {
      if (route.kind === 'files') roots.add(route.files);
      if (route.kind !== 'proxy') continue;
      named.add(route.proxy);
      const spoolsBodies = route.requestBody === 'buffer' || route.responseBody === 'buffer';
      const { directory = tmpdir(), file } = route.bodySpool;
      if (spoolsBodies && file > 0)
        spools.set(directory, Math.max(file, spools.get(directory) ?? 0));
    }
  }
  const sockets = socketsOf(addressesOf(Object.entries(config.sites)).values());
  return {
    user: config.user,
    group: config.group,
    pidFile: config.pidFile,
    threads: config.threads === 'auto' ? cores : config.threads,
    maxConnections: config.limits.maxConnections,
    hotFileMemory: config.hotFileMemory,
    addresses: sockets.map(({ key, target, backlog }) => ({ key, endpoint: target, backlog })),
    administration: administrationOf(config, configFile),
    keys: keysOf(config),
    roots: [...roots],
    logs: logPaths(config),
    spools,
    upstreams: Object.entries(config.upstreams)
      .filter(([name]) => named.has(name))
      .map(([name, { servers }]) => ({
        name,
        tcpServers: servers.filter(({ endpoint }) => endpoint.kind === 'tcp').length,
      })),
  };
}

function administrationOf(config: ConfigModel, file: string | null): Demand['administration'] {
  const endpoint = adminEndpoint(config, file);
  if (endpoint === null) return null;
  const { admin } = config;
  const tokenFile = typeof admin === 'object' ? admin.tokenFile : undefined;
  return { endpoint, isNamed: admin !== undefined, tokenFile };
}

function keysOf({ sites }: ConfigModel): readonly string[] {
  const all = Object.values(sites).flatMap(({ listen }) => listen.map(({ tls }) => tls?.key));
  return [...new Set(all)].filter((key) => key !== undefined);
}
