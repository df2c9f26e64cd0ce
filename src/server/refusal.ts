/** Why a configuration is not served, as problems that a person can act on. */
import type { ConfigModel } from '../config/index.ts';
import {
  endpointText,
  type Fault,
  type Path,
  type Place,
  type Problem,
  problemAt,
  renderPath,
} from '../schema/index.ts';
import type { OpenFault } from './messages.ts';
import type { SiteFault } from './site.ts';

/** Nothing of the configuration is served; the one before, where there is one, still is. */
export interface Refusal {
  readonly problems: readonly Problem[];
  /** The addresses among the problems, which are their last. */
  readonly openFaults: readonly OpenFault[];
}

/** What was found when the configuration was built and its addresses were opened. */
export function refusal(
  siteFaults: readonly SiteFault[],
  openFaults: readonly OpenFault[],
): Refusal {
  const problems: Problem[] = [];
  // Sites that share a log share what is wrong with it, and so do threads.
  const told = new Set<string>();
  for (const { path, message, cure } of siteFaults) {
    const text = JSON.stringify([path, message]);
    if (told.has(text)) continue;
    told.add(text);
    problems.push({ path, object: renderPath(path), message, cure, code: 'wrong-form' });
  }
  for (const fault of openFaults)
    problems.push({ path: [], object: `listen ${fault.key}`, ...openingFault(fault) });
  return { problems, openFaults };
}

/** The problems of a refusal with their places in the file that the configuration was read from. */
export function locateRefusal(
  { problems, openFaults }: Refusal,
  config: ConfigModel,
  place: Place,
): readonly Problem[] {
  const listens = new Map<string, Path>();
  for (const [host, { listen }] of Object.entries(config.sites))
    for (const [index, { endpoint }] of listen.entries()) {
      const key = endpointText(endpoint);
      if (!listens.has(key)) listens.set(key, ['sites', host, 'listen', index]);
    }
  return [
    ...problems
      .slice(0, problems.length - openFaults.length)
      .map((problem) => problemAt(place, problem.path, problem)),
    ...openFaults.map((fault) =>
      problemAt(place, listens.get(fault.key) ?? ['sites'], openingFault(fault)),
    ),
  ];
}

/** What it means for a person that an address cannot be opened. */
export function openingFault({ key, code, message, cure }: OpenFault): Fault {
  const said = (key.startsWith('unix:') ? OPENING_UNIX : OPENING)[code];
  return {
    code: 'address',
    message: said === undefined ? `${key} cannot be opened: ${message}` : `${said.message}: ${key}`,
    cure: said?.cure ?? cure ?? 'Choose another address',
  };
}

const OPENING: Readonly<Record<string, { message: string; cure: string } | undefined>> = {
  EADDRINUSE: {
    message: 'Another program listens on this address',
    cure: 'Stop it ("ss -ltnp" shows which it is), or choose another port',
  },
  EACCES: {
    message: 'This user may not open the address',
    cure: 'Choose a port from 1024 up, or give the program the right to open lower ones',
  },
  EADDRNOTAVAIL: {
    message: 'No network interface of this machine has the address',
    cure: 'Choose an address that "ip addr" shows, or leave the address out to listen on all',
  },
  EAFNOSUPPORT: {
    message: 'This machine has no addresses of this kind',
    cure: 'Choose an IPv4 address',
  },
  ENOTFOUND: {
    message: 'The host name does not resolve',
    cure: 'Write the IP address',
  },
  EAI_AGAIN: {
    message: 'The host name does not resolve now: no name server answers',
    cure: 'Write the IP address',
  },
};

const OPENING_UNIX: typeof OPENING = {
  EADDRINUSE: {
    message: 'Another program listens on this socket, or the path is no socket',
    cure: 'Stop it ("ss -lxp" shows which it is), or choose another path',
  },
  // What the system says is ENOENT becomes EACCES on its way through Node.
  EACCES: {
    message: 'The directory of the socket does not exist, or this user may not write there',
    cure: 'Create it, give the user the right to write there, or choose another path',
  },
};
