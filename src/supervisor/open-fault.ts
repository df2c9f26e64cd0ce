/** A listen address that could not be opened, and what that means for a person. */
import type { Fault } from '../schema/index.ts';

/** A listen address that could not be opened. */
export interface OpenFault {
  /** The text of the address in the configuration. */
  readonly key: string;
  /** The system's code, `EADDRINUSE`; `OVERLAP` where an address of this server is in the way. */
  readonly code: string;
  readonly message: string;
  /** What helps; for the codes of the system there is a table. */
  readonly cure?: string;
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
