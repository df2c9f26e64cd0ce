/** Looks at the machine for `daemun doctor`. Nothing is changed; an address is bound for a moment and given back. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync, statfsSync, statSync } from 'node:fs';
import { availableParallelism, totalmem, userInfo } from 'node:os';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../base/index.ts';
import { endpointText } from '../../schema/index.ts';
import { accountOf, runningPid, tryEndpoint } from '../../supervisor/index.ts';
import type { Standing, Who } from './access.ts';
import { cgroupLimits } from './cgroup.ts';
import type { Demand, ListenAddress } from './demand.ts';
import {
  type AddressTrial,
  type Machine,
  type PidFileFact,
  runningDaemun,
  type Space,
} from './machine.ts';

type Tried = Pick<ListenAddress, 'key' | 'endpoint'>;

/** Programs that keep a clock, by the name of their process. */
const TIME_DAEMONS = ['systemd-timesyn', 'chronyd', 'ntpd', 'ntpsec', 'openntpd'];
/** Characters of a command line that are shown. */
const LONGEST_PROGRAM = 100;
const TYPE_BITS = 0o170000;
/** This program: `src` or `dist`, and what lies beside it. */
const INSTALLATION = fileURLToPath(new URL('../../..', import.meta.url));

/** See the head of this file; `configFile` is the path of a configuration, null without one. */
export async function readMachine(demand: Demand, configFile: string | null): Promise<Machine> {
  const pidFiles = pidFilesOf(demand.pidFile);
  const running = runningDaemun({ pidFiles });
  const self = whoever(process.getuid?.() ?? 0, process.getgid?.() ?? 0, userName(), []);
  return {
    node: process.versions.node,
    self,
    serving: servingOf(demand, self),
    descriptors: descriptorsOf(running),
    sysctl: (name) => read(`/proc/sys/${name.replaceAll('.', '/')}`),
    clock: {
      ...clockKeeper(),
      now: systemClock.wall(),
      installed: statSync(fileURLToPath(import.meta.url)).mtimeMs,
    },
    cores: availableParallelism(),
    cgroup: cgroupLimits(read),
    memory: totalmem(),
    look,
    program: [process.execPath, ...['bin', 'src', 'dist'].map((name) => `${INSTALLATION}${name}`)]
      .filter((path) => existsSync(path))
      .map(real),
    configFile: configFile === null ? null : real(configFile),
    space,
    trials: await trialsOf(demand.addresses),
    adminTrial: (await trialsOf(administrationOf(demand)))[0] ?? null,
    pidFiles,
  };
}

/** Text of a file, such as those below /proc; null where it cannot be read. */
function read(path: string): string | null {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return null;
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

function look(path: string): Standing | null {
  try {
    const found = statSync(path);
    const kind = found.isFile()
      ? 'file'
      : found.isDirectory()
        ? 'directory'
        : found.isSocket()
          ? 'socket'
          : 'other';
    return { uid: found.uid, gid: found.gid, mode: found.mode & ~TYPE_BITS, kind };
  } catch {
    return null;
  }
}

function space(path: string): Space | null {
  try {
    const { bavail, blocks, bsize, ffree, files } = statfsSync(path);
    return { free: bavail * bsize, total: blocks * bsize, freeFiles: ffree, files };
  } catch {
    return null;
  }
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'this user');
  }
}

function whoever(uid: number, gid: number, name: string, gids: readonly number[]): Who {
  return { name, uid, gids: [gid, ...gids, ...groupsOf(name)] };
}

function groupsOf(name: string): readonly number[] {
  try {
    const text = execFileSync('id', ['-G', '--', name], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.trim().split(' ').map(Number);
  } catch {
    return [];
  }
}

function servingOf({ user, group }: Demand, self: Who): Who | null {
  try {
    const account = accountOf({
      ...(user === undefined ? undefined : { user }),
      ...(group === undefined ? undefined : { group }),
    });
    return account === null ? self : whoever(account.uid, account.gid, account.name, []);
  } catch {
    return null;
  }
}

// Those of a server that runs, where they may be read: its unit may have set others than this shell has.
function descriptorsOf(running: number | null): Machine['descriptors'] {
  const ofProcess = running === null ? null : read(`/proc/${running}/limits`);
  const text = ofProcess ?? read('/proc/self/limits') ?? '';
  const hard = /^Max open files\s+\S+\s+(\S+)/m.exec(text)?.[1];
  return {
    hard: hard === undefined ? null : hard === 'unlimited' ? Infinity : Number(hard),
    of: ofProcess === null ? 'this shell' : `process ${running}`,
  };
}

function clockKeeper(): Pick<Machine['clock'], 'state' | 'by'> {
  // systemd-timesyncd(8) makes it after the first answer of a server.
  if (existsSync('/run/systemd/timesync/synchronized'))
    return { state: 'synchronised', by: 'systemd-timesyncd' };
  const names = new Set(
    existsSync('/proc')
      ? readdirSync('/proc')
          .filter((name) => /^[1-9]/.test(name))
          .map((name) => read(`/proc/${name}/comm`)?.trim())
      : [],
  );
  const by = TIME_DAEMONS.find((name) => names.has(name));
  if (by !== undefined) return { state: 'kept', by };
  const inside = existsSync('/.dockerenv') || existsSync('/run/.containerenv');
  return { state: inside ? 'host' : 'unknown', by: null };
}

function administrationOf({ administration }: Demand): readonly Tried[] {
  if (administration === null) return [];
  const { endpoint } = administration;
  return [{ key: endpointText(endpoint), endpoint }];
}

async function trialsOf(addresses: readonly Tried[]): Promise<readonly AddressTrial[]> {
  const found: AddressTrial[] = [];
  for (const { key, endpoint } of addresses) {
    // oxlint-disable-next-line no-await-in-loop -- each may be in the way of the next while it is open
    const trial = await tryEndpoint(endpoint);
    if (trial !== null) found.push({ key, ...trial });
  }
  return found;
}

function pidFilesOf(path: string | undefined): readonly PidFileFact[] {
  if (path === undefined) return [];
  return [path, `${path}.oldbin`].filter(existsSync).map((each) => {
    const pid = runningPid(each);
    const words = pid === null ? null : read(`/proc/${pid}/cmdline`);
    return {
      path: each,
      pid,
      program: words?.replaceAll('\0', ' ').trim().slice(0, LONGEST_PROGRAM) ?? null,
    };
  });
}
