/**
 * Faults that lie between parts of a configuration, each of which is fine alone. They are looked
 * for in the input as written, not in the model: an input with other faults has no model, and its
 * author should see everything at once. What cannot be read here is reported elsewhere.
 */
import { parseRoutePattern, parseServerName } from '../pipeline/options.ts';
import {
  type Endpoint,
  endpointText,
  type Fault,
  isPlainObject,
  ownValue,
  parseListen,
  parsePeer,
  type Path,
  type Place,
  type Problem,
  problemAt,
} from '../schema/index.ts';
import { covers } from './covering.ts';
import { type WrittenListen, writtenListens } from './written-listens.ts';

type Report = (path: Path, fault: Fault) => void;

/** Problems between sites, listen addresses, routes and servers. */
export function crossCheck(input: unknown, place: Place): readonly Problem[] {
  const problems: Problem[] = [];
  if (!isPlainObject(input)) return problems;
  const report: Report = (path, fault) => problems.push(problemAt(place, path, fault));
  const sites = ownValue(input, 'sites');
  if (isPlainObject(sites)) checkSites(sites, report, place);
  const admin = ownValue(input, 'admin');
  if (isPlainObject(admin) && isPlainObject(sites)) checkAdmin(admin, sites, report, place);
  const upstreams = ownValue(input, 'upstreams');
  if (isPlainObject(upstreams)) checkUpstreams(upstreams, report);
  checkApplications(input, report);
  return problems;
}

function checkSites(sites: Readonly<Record<string, unknown>>, report: Report, place: Place): void {
  const entries = Object.entries(sites).filter(([, site]) => site !== undefined);
  if (entries.length === 0)
    report(['sites'], {
      code: 'missing-key',
      message: 'There is no site',
      cure: 'Add one, such as "*" for every host',
    });
  for (const [name, site] of entries)
    if (isPlainObject(site)) checkRoutes(name, ownValue(site, 'routes'), report);
  const addresses = new Map<string, WrittenListen[]>();
  for (const listening of writtenListens(sites, place)) {
    const key = endpointText(listening.model.endpoint);
    const others = addresses.get(key);
    if (others === undefined) addresses.set(key, [listening]);
    else others.push(listening);
  }
  for (const [address, listenings] of addresses) {
    checkSameOptions(address, listenings, report);
    checkDefaults(address, listenings, sites, report);
    checkNames(address, listenings, sites, report);
  }
}

// The system would let both listen, and give each of them some of the connections.
function checkAdmin(
  admin: Readonly<Record<string, unknown>>,
  sites: Readonly<Record<string, unknown>>,
  report: Report,
  place: Place,
): void {
  const listen = ownValue(admin, 'listen');
  const parsed = typeof listen === 'string' ? parseListen(listen) : null;
  if (parsed === null || !('value' in parsed)) return;
  for (const own of loopbacks(parsed.value)) {
    const taken = writtenListens(sites, place).find(({ model: { endpoint } }) =>
      loopbacks(endpoint).some(
        (other) =>
          covers(other, own) || (endpointText(other) === endpointText(own) && !isAnyPort(own)),
      ),
    );
    if (taken === undefined) continue;
    report(['admin', 'listen'], {
      code: 'conflict',
      message: `The site ${JSON.stringify(taken.site)} listens on ${endpointText(taken.model.endpoint)}, which is where the administration is to be`,
      cure: 'Give the administration a port of its own, or a unix socket',
    });
    return;
  }
}

function isAnyPort(endpoint: Endpoint): boolean {
  return endpoint.kind === 'tcp' && endpoint.port === 0;
}

// `localhost` is one of two addresses, or both.
function loopbacks(endpoint: Endpoint): readonly Endpoint[] {
  return endpoint.kind === 'tcp' && endpoint.host === 'localhost'
    ? ['127.0.0.1', '::1'].map((host) => ({ ...endpoint, host }))
    : [endpoint];
}

function checkSameOptions(
  address: string,
  listenings: readonly WrittenListen[],
  report: Report,
): void {
  const [first, ...others] = listenings;
  const seen = new Set(first === undefined ? [] : [first.site]);
  for (const other of others) {
    const path = ['sites', other.site, 'listen', other.index];
    if (seen.has(other.site)) {
      report(path, {
        code: 'duplicate',
        message: `The site listens on ${address} twice`,
        cure: 'Remove one of the entries',
      });
      continue;
    }
    seen.add(other.site);
    for (const option of ['lenientLineEnds', 'backlog'] as const) {
      if (first === undefined || first.model[option] === other.model[option]) continue;
      report([...path, option], {
        code: 'conflict',
        message: `The option ${option} is ${other.model[option]} for ${address} here, but ${first.model[option]} in the site ${JSON.stringify(first.site)}`,
        cure: 'Give the address the same options in every site: they share one socket',
      });
    }
    if (first !== undefined) checkSameAjp(address, first, other, [...path, 'ajp'], report);
    const isSecure = other.model.tls !== null;
    if (first !== undefined && isSecure !== (first.model.tls !== null))
      report(isSecure ? [...path, 'tls'] : path, {
        code: 'conflict',
        message: `${address} is ${isSecure ? 'TLS' : 'plain HTTP'} here, but ${isSecure ? 'plain HTTP' : 'TLS'} in the site ${JSON.stringify(first.site)}`,
        cure: 'Give `tls` to every site on the address, or let them listen on different ports',
      });
  }
}

function checkSameAjp(
  address: string,
  { site, model: { ajp: before } }: WrittenListen,
  { model: { ajp } }: WrittenListen,
  path: Path,
  report: Report,
): void {
  const [here, there] = [ajp, before].map((each) => (each === null ? 'HTTP' : 'AJP'));
  const sameSecret = ajp?.secret === before?.secret;
  if (sameSecret && ajp?.packetSize === before?.packetSize) return;
  const what =
    here !== there
      ? `${address} is ${here} here, but ${there} in the site ${JSON.stringify(site)}`
      : `The ${sameSecret ? 'packetSize' : 'secret'} of ${address} is another one in the site ${JSON.stringify(site)}`;
  report(ajp === null ? path.slice(0, -1) : path, {
    code: 'conflict',
    message: what,
    cure: 'Give every site on the address the same `ajp`, or let them listen on different ports',
  });
}

function checkDefaults(
  address: string,
  listenings: readonly WrittenListen[],
  sites: Readonly<Record<string, unknown>>,
  report: Report,
): void {
  let first: string | undefined;
  for (const { site, index, model } of listenings) {
    const options = sites[site];
    const path: Path | undefined = model.default
      ? ['sites', site, 'listen', index, 'default']
      : isPlainObject(options) && ownValue(options, 'default') === true
        ? ['sites', site, 'default']
        : namesOf(site, options).some(([name]) => name === '*')
          ? ['sites', site]
          : undefined;
    if (path === undefined || first === site) continue;
    if (first === undefined) {
      first = site;
      continue;
    }
    report(path, {
      code: 'conflict',
      message: `Two sites are the default of ${address}: ${JSON.stringify(first)} and ${JSON.stringify(site)}`,
      cure: 'Let one of them be the default; the site "*" is one by its name',
    });
  }
}

/** The names of a site in one spelling, each with its path below the site. */
function namesOf(site: string, options: unknown): readonly (readonly [string, Path])[] {
  const written: (readonly [unknown, Path])[] = [[site, []]];
  const aliases = isPlainObject(options) ? ownValue(options, 'serverNames') : undefined;
  if (Array.isArray(aliases))
    for (const [index, alias] of aliases.entries()) written.push([alias, ['serverNames', index]]);
  const names: (readonly [string, Path])[] = [];
  for (const [name, path] of written) {
    if (typeof name !== 'string') continue;
    const parsed = parseServerName(name);
    if (!('value' in parsed)) continue;
    // An expression is equal only to the same expression; all other names have no case.
    names.push([
      parsed.value.kind === 'regex' ? `~${parsed.value.source}` : name.toLowerCase(),
      path,
    ]);
  }
  return names;
}

function checkNames(
  address: string,
  listenings: readonly WrittenListen[],
  sites: Readonly<Record<string, unknown>>,
  report: Report,
): void {
  const owners = new Map<string, string>();
  const checked = new Set<string>();
  for (const { site } of listenings) {
    if (checked.has(site)) continue;
    checked.add(site);
    for (const [name, path] of namesOf(site, sites[site])) {
      const owner = owners.get(name);
      if (owner === undefined) owners.set(name, site);
      // Two sites for "*" are reported as two defaults.
      else if (owner === site || name !== '*')
        report(['sites', site, ...path], {
          code: 'duplicate',
          message:
            owner === site
              ? `The site has the name ${JSON.stringify(name)} twice`
              : `The name ${JSON.stringify(name)} on ${address} belongs to the site ${JSON.stringify(owner)} already`,
          cure: 'Remove the name from one place, or listen on another address',
        });
    }
  }
}

function checkRoutes(site: string, routes: unknown, report: Report): void {
  if (!isPlainObject(routes)) return;
  const seen = new Map<string, string>();
  for (const written of Object.keys(routes)) {
    const pattern = parseRoutePattern(written);
    if (!('value' in pattern) || routes[written] === undefined) continue;
    const key = JSON.stringify(pattern.value);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, written);
    else
      report(['sites', site, 'routes', written], {
        code: 'duplicate',
        message: `The routes ${JSON.stringify(first)} and ${JSON.stringify(written)} stand for the same requests`,
        cure: 'Remove one of them',
      });
  }
}

// Each thread would have sessions of its own, and a user those of whichever thread a connection reaches.
function checkApplications(input: Readonly<Record<string, unknown>>, report: Report): void {
  const apps = ownValue(input, 'apps');
  const threads = ownValue(input, 'threads');
  if (!isPlainObject(apps) || Object.keys(apps).length === 0) return;
  if (typeof threads !== 'number' || threads <= 1) return;
  report(['threads'], {
    code: 'conflict',
    message: `Web applications run in one thread, and ${threads} are asked for`,
    cure: 'Leave threads out, or serve the applications by a server of their own behind this one',
  });
}

function checkUpstreams(upstreams: Readonly<Record<string, unknown>>, report: Report): void {
  for (const [name, upstream] of Object.entries(upstreams)) {
    const servers = isPlainObject(upstream) ? ownValue(upstream, 'servers') : undefined;
    if (!Array.isArray(servers)) continue;
    const seen = new Map<string, number>();
    for (const [index, server] of servers.entries()) {
      const url: unknown = isPlainObject(server) ? ownValue(server, 'url') : server;
      const peer = typeof url === 'string' ? parsePeer(url) : undefined;
      if (peer === undefined || !('value' in peer)) continue;
      const key = endpointText(peer.value.endpoint);
      const first = seen.get(key);
      if (first === undefined) seen.set(key, index);
      else
        report(['upstreams', name, 'servers', index], {
          code: 'duplicate',
          message: `The upstream has the server ${key} twice, first as number ${first + 1}`,
          cure: 'Remove one of them; for a larger share use `weight`',
        });
    }
  }
}
