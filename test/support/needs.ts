// The one way a test may be skipped: a program that it talks to is not on this machine.
import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The environment variable that names the file to which missing peers are written, one JSON text a line. */
export const MISSING_PEERS_FILE = 'DAEMUN_MISSING_PEERS_FILE';

/** What every skip that comes from here begins with; the test command tells others by it. */
export const NEEDS = 'needs ';

/** Where the tools of an administrator lie, which the path of a plain user leaves out. */
const ADMIN_FOLDERS = ['/usr/local/sbin', '/usr/sbin', '/sbin'];

/** How each peer is found: gives its path, or undefined where the machine has none. */
const PEERS = {
  ab: () => command('ab'),
  apache2: () => command('apache2'),
  chromium: () => command('chromium') ?? command('chromium-browser'),
  curl: () => command('curl'),
  h2load: () => command('h2load'),
  haproxy: () => command('haproxy'),
  ipv6: () => file('/proc/net/if_inet6'),
  logrotate: () => command('logrotate'),
  mod_jk: () => file('/usr/lib/apache2/modules/mod_jk.so'),
  nginx: () => command('nginx'),
  node20: () => oldNode(20),
  openssl: () => command('openssl'),
  'php-fpm': () => command('php-fpm') ?? numberedPhp(),
  prlimit: () => command('prlimit'),
  'prometheus-client': () => file('/usr/lib/python3/dist-packages/prometheus_client'),
  python3: () => command('python3'),
  root: () => (process.getuid?.() === 0 ? '/' : undefined),
  setpriv: () => command('setpriv'),
  ss: () => command('ss'),
  strace: () => command('strace'),
  'systemd-analyze': () => command('systemd-analyze'),
  'systemd-notify': () => command('systemd-notify'),
  'systemd-socket-activate': () => command('systemd-socket-activate'),
  tomcat10: () => file('/usr/share/tomcat10/bin/catalina.sh'),
  'tomcat10-examples': () => file('/usr/share/tomcat10-examples/examples'),
  unshare: () => ownMounts(),
  wrk: () => command('wrk'),
} as const satisfies Readonly<Record<string, () => string | undefined>>;

/** The name of a foreign program that tests may ask for. */
export type Peer = keyof typeof PEERS;

const found = new Map<Peer, string | undefined>();

/** Where the peer lies on this machine: the path of its program, module or start script; undefined if it is missing. */
export function peerPath(peer: Peer): string | undefined {
  if (!found.has(peer)) found.set(peer, PEERS[peer]());
  return found.get(peer);
}

/**
 * For `test(name, { skip: needs('nginx') }, …)`: false where all the peers are there, otherwise the reason for the
 * skip. Throws instead where the environment says `DAEMUN_PEERS=required`.
 */
export function needs(...peers: readonly Peer[]): false | string {
  const missing = peers.filter((peer) => peerPath(peer) === undefined);
  if (missing.length === 0) return false;
  const names = missing.join(', ');
  if (process.env['DAEMUN_PEERS'] === 'required') {
    throw new Error(`Peer not found on this machine, and DAEMUN_PEERS=required is set: ${names}`);
  }
  const record = process.env[MISSING_PEERS_FILE];
  if (record !== undefined) appendFileSync(record, `${JSON.stringify(missing)}\n`);
  return NEEDS + names;
}

/** The peers that `needs` wrote to `record` as missing, sorted, each once; none where nothing was written. */
export function readMissingPeers(record: string): readonly string[] {
  if (!existsSync(record)) return [];
  const lines = readFileSync(record, 'utf8').split('\n');
  const names = lines
    .filter((line) => line !== '')
    .flatMap((line) => JSON.parse(line) as readonly string[]);
  return [...new Set(names)].toSorted();
}

function command(name: string): string | undefined {
  return commands(name)[0];
}

function commands(name: string): readonly string[] {
  const path = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const files = [...path, ...ADMIN_FOLDERS].map((folder) => join(folder, name));
  return files.filter((candidate) => existsSync(candidate));
}

function file(path: string): string | undefined {
  return existsSync(path) ? path : undefined;
}

// In a container even root may be refused mounts of its own.
function ownMounts(): string | undefined {
  const program = command('unshare');
  if (program === undefined) return undefined;
  return spawnSync(program, ['--mount', 'true']).status === 0 ? program : undefined;
}

function numberedPhp(): string | undefined {
  // Debian names it for its version: php-fpm8.2
  const names = existsSync('/usr/sbin') ? readdirSync('/usr/sbin') : [];
  const name = names.findLast((one) => one.startsWith('php-fpm'));
  return name === undefined ? undefined : join('/usr/sbin', name);
}

function oldNode(major: number): string | undefined {
  // npm puts the repository's own Node first on the path: look at all of them
  return commands('node').find((candidate) => {
    const { status, stdout } = spawnSync(candidate, ['--version'], { encoding: 'utf8' });
    return status === 0 && stdout.startsWith(`v${major}.`);
  });
}
