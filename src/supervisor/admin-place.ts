/** Where the server is administered: the address, who may use it, and the directory of what tells that it runs. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { AdminPass } from '../server/port.ts';
import { type Endpoint, endpointText, UNIX_PATH_LIMIT } from '../schema/index.ts';
import type { ProcessModel } from './options.ts';

/** Rights of the socket: who started the server, and nobody else. */
export const ADMIN_MODE = 0o600;

const TOKEN_LENGTH = 16;
const PRINTABLE = /^[!-~]+$/;

/** Facts about the process that decide where its run directory is. */
export interface RunFacts {
  readonly uid: number;
  readonly environment: NodeJS.ProcessEnv;
}

/** The directory for sockets of servers that say nothing about it. */
export function runDirectory({ uid, environment }: RunFacts = thisProcess()): string {
  if (uid === 0) return '/run/daemun';
  const own = environment['XDG_RUNTIME_DIR'];
  return own === undefined || own === '' ? join(tmpdir(), `daemun-${uid}`) : join(own, 'daemun');
}

function thisProcess(): RunFacts {
  return { uid: process.getuid?.() ?? -1, environment: process.env };
}

/** The socket of the server that runs a configuration file, where the file says nothing about it. */
export function adminPathOf(configFile: string, directory: string = runDirectory()): string {
  const file = realpathSync(configFile);
  const digest = createHash('sha256').update(file).digest('hex').slice(0, 12);
  return join(directory, `${basename(file).slice(0, 40)}-${digest}.sock`);
}

/** Where a configuration has its administration; null where it has none. */
export function adminEndpoint(
  { admin }: Pick<ProcessModel, 'admin'>,
  configFile: string | null,
): Endpoint | null {
  if (admin === 'off') return null;
  if (admin !== undefined) return admin.listen;
  return configFile === null ? null : { kind: 'unix', path: adminPathOf(configFile) };
}

/**
 * Makes the run directory, for this user alone. Throws an error that says what is wrong where somebody else could put
 * things there, or the path is too long for a socket.
 */
export function prepareRunDirectory(path: string, uid: number = thisProcess().uid): void {
  const directory = join(path, '..');
  mkdirSync(directory, { recursive: true, mode: uid === 0 ? 0o755 : 0o700 });
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o022) !== 0) {
    throw new Error(
      `${directory} belongs to somebody else, or others may write there. Remove it, or name another place: admin: { listen: "unix:/…" }`,
    );
  }
  if (Buffer.byteLength(path) > UNIX_PATH_LIMIT) {
    throw new Error(
      `${path} is too long for a socket. Name another place: admin: { listen: "unix:/…" }`,
    );
  }
}

/** Who may use the administration at an address. Throws an error that says what is wrong with the file of the token. */
export function adminPass(endpoint: Endpoint, tokenFile: string | undefined): AdminPass {
  if (endpoint.kind === 'unix') return { kind: 'unix' };
  const { port } = endpoint;
  const hosts = ['127.0.0.1', '[::1]', 'localhost'].map((host) => `${host}:${port}`);
  return { kind: 'tcp', hosts, token: readToken(tokenFile ?? '') };
}

/** The token in a file. Throws an error that says what is wrong with it, and never what it says. */
export function readToken(file: string): string {
  const [token = ''] = readSecret(file).split('\n');
  if (token.length < TOKEN_LENGTH || !PRINTABLE.test(token)) {
    throw new Error(
      `The first line of ${file} is no token: it takes ${TOKEN_LENGTH} characters without spaces, as "openssl rand -hex 32" gives them`,
    );
  }
  return token;
}

// The rights are those of the file that is read: a secret of Kubernetes is a link to it.
function readSecret(file: string): string {
  const fd = openSync(file, 'r');
  try {
    if ((fstatSync(fd).mode & 0o044) !== 0) {
      throw new Error(`Other users may read the token in ${file}: "chmod 600 ${file}"`);
    }
    return readFileSync(fd, 'latin1');
  } finally {
    closeSync(fd);
  }
}

/** An address as the clients of the administration are told. */
export function adminText(endpoint: Endpoint): string {
  return endpoint.kind === 'unix' ? endpointText(endpoint) : `http://${endpointText(endpoint)}`;
}
