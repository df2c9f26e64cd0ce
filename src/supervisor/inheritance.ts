/**
 * Listening sockets that a supervisor finds open when it starts: those of the supervisor that it takes the place of
 * (USR2), or those that systemd opened for the service (sd_listen_fds(3)).
 */
import { closeSync, readFileSync, readlinkSync } from 'node:fs';
import { type Endpoint, isPlainObject, ownValue } from '../schema/index.ts';
import type { InheritedSocket } from './listen-sockets.ts';

/** Tells a new supervisor from which descriptor it reads the list of its sockets. */
export const SOCKETS_VARIABLE = 'DAEMUN_SOCKETS';
/** systemd passes descriptors from this one on. */
const FIRST_OF_SYSTEMD = 3;

/** Reads what the system and the supervisor before tell; the system unless said. */
export interface ProcFiles {
  /** All that can be read from a descriptor, which is closed then. Throws the system's error. */
  readonly handed: (fd: number) => string;
  /** The number by which the system knows the socket of a descriptor; null where it is none. */
  readonly inode: (fd: number) => string | null;
  /** The text of a file below /proc/net; empty where there is none. */
  readonly table: (name: string) => string;
}

/**
 * The sockets that are open for this process, and takes the variables that tell of them out of the environment, so
 * that no process that it starts mistakes them for its own. Throws an error that says what is wrong with one.
 */
export function takeInheritance(
  environment: NodeJS.ProcessEnv,
  pid: number,
  files: ProcFiles = system,
): readonly InheritedSocket[] {
  const handed = environment[SOCKETS_VARIABLE];
  const { LISTEN_PID: listenPid, LISTEN_FDS: listenFds } = environment;
  delete environment[SOCKETS_VARIABLE];
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete environment[name];
  if (handed !== undefined) return handedSockets(handed, files);
  if (listenPid !== String(pid) || !/^[1-9][0-9]*$/.test(listenFds ?? '')) return [];
  return Array.from({ length: Number(listenFds) }, (_, index) => {
    const fd = FIRST_OF_SYSTEMD + index;
    const endpoint = endpointOf(fd, files);
    if (endpoint === null) {
      throw new Error(
        `Descriptor ${fd}, which the service manager passed, is no listening socket. ` +
          'Use ListenStream= with a port, an address or a path in the socket unit',
      );
    }
    // Whether systemd was told ReusePort= does not show; one socket for all threads is right in both cases.
    return { fd, endpoint, reusesPort: false, owner: 'service-manager' };
  });
}

/** The list that `takeInheritance` reads: sockets, as descriptors of the process that reads it, and who has them open. */
export function inheritanceText(sockets: readonly InheritedSocket[], from: number): string {
  return JSON.stringify({ from, sockets });
}

function handedSockets(descriptor: string, files: ProcFiles): readonly InheritedSocket[] {
  const wrong = (what: string): Error =>
    new Error(
      `${SOCKETS_VARIABLE}=${descriptor}: ${what}. The variable is for a program that USR2 started; take it out of the environment`,
    );
  if (!/^[1-9][0-9]{0,8}$/.test(descriptor)) throw wrong('that is no descriptor');
  let list: unknown;
  try {
    list = JSON.parse(files.handed(Number(descriptor)));
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw wrong(`the list of sockets cannot be read from this descriptor (${said})`);
  }
  const [from, sockets] = isPlainObject(list)
    ? [ownValue(list, 'from'), ownValue(list, 'sockets')]
    : [];
  if (!isWhole(from) || !Array.isArray(sockets))
    throw wrong('what is read from this descriptor is no list');
  const odd = sockets.findIndex((socket) => !isHanded(socket));
  if (odd !== -1) {
    throw wrong(
      `entry ${odd + 1} of the list is no socket: ${JSON.stringify(sockets[odd]).slice(0, 200)}`,
    );
  }
  return (sockets as readonly InheritedSocket[]).map((socket) => ({ owner: from, ...socket }));
}

function isHanded(socket: unknown): boolean {
  if (!isPlainObject(socket)) return false;
  const [fd, endpoint, reusesPort] = ['fd', 'endpoint', 'reusesPort'].map((name) =>
    ownValue(socket, name),
  );
  if (!isWhole(fd) || !isPlainObject(endpoint) || typeof reusesPort !== 'boolean') return false;
  const kind = ownValue(endpoint, 'kind');
  if (kind === 'unix') return typeof ownValue(endpoint, 'path') === 'string';
  const [host, port] = [ownValue(endpoint, 'host'), ownValue(endpoint, 'port')];
  return kind === 'tcp' && typeof host === 'string' && isWhole(port) && port <= 65_535;
}

function isWhole(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** Where a descriptor listens; null where it is no socket that listens. */
function endpointOf(fd: number, files: ProcFiles): Endpoint | null {
  const inode = files.inode(fd);
  if (inode === null) return null;
  for (const [name, family] of [
    ['tcp', 4],
    ['tcp6', 6],
  ] as const) {
    for (const line of files.table(name).split('\n')) {
      const words = line.trim().split(/ +/);
      if (words[9] !== inode) continue;
      const [address = '', port = ''] = words[1]?.split(':') ?? [];
      const host = family === 4 ? ipv4Of(address) : ipv6Of(address);
      return { kind: 'tcp', host, port: Number.parseInt(port, 16) };
    }
  }
  for (const line of files.table('unix').split('\n')) {
    const found = /^\S+: \S+ \S+ \S+ \S+ \S+ +(\d+) (.+)$/.exec(line);
    if (found?.[1] === inode && found[2] !== undefined) return { kind: 'unix', path: found[2] };
  }
  return null;
}

// The kernel writes addresses as 32 bit words of the machine's byte order (proc_net(5)); all that Node runs on with
// systemd is little-endian.
function bytesOf(words: string): readonly number[] {
  const bytes = Buffer.from(words, 'hex');
  return Array.from(bytes, (_, at) => bytes[(at & ~3) + 3 - (at & 3)] ?? 0);
}

function ipv4Of(word: string): string {
  return bytesOf(word).join('.');
}

function ipv6Of(words: string): string {
  const bytes = bytesOf(words);
  const groups = Array.from({ length: 8 }, (_, at) =>
    (((bytes[2 * at] ?? 0) << 8) | (bytes[2 * at + 1] ?? 0)).toString(16),
  );
  return groups.every((group) => group === '0') ? '::' : groups.join(':');
}

const system: ProcFiles = {
  handed: (fd) => {
    const text = readFileSync(fd, 'utf8');
    closeSync(fd);
    return text;
  },
  inode: (fd) => {
    try {
      return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? null;
    } catch {
      return null;
    }
  },
  table: (name) => {
    try {
      return readFileSync(`/proc/net/${name}`, 'latin1');
    } catch {
      return '';
    }
  },
};
