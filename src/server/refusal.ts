/** Why a configuration is not served, as problems that a person can act on. */
import { type Problem, renderPath } from '../schema/index.ts';
import type { OpenFault } from './messages.ts';
import type { SiteFault } from './site.ts';

/** Nothing of the configuration is served; the one before, where there is one, still is. */
export interface Refusal {
  readonly problems: readonly Problem[];
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
  for (const { key, code, message } of openFaults) {
    const said = (key.startsWith('unix:') ? OPENING_UNIX : OPENING)[code];
    problems.push({
      path: [],
      object: `listen ${key}`,
      message: said?.message ?? `The address cannot be opened: ${message}`,
      cure: said?.cure ?? 'Choose another address',
      code: 'address',
    });
  }
  return { problems };
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
  ENOTFOUND: {
    message: 'The host name does not resolve',
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
