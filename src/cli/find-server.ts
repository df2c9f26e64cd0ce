/** Which server a command means: by its configuration, by where its administration is, or because only one runs. */
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadConfig } from '../config/index.ts';
import { type Endpoint, isPlainObject, ownValue, parseListen } from '../schema/index.ts';
import {
  adminEndpoint,
  adminPathOf,
  readToken,
  runDirectory,
  tryEndpoint,
} from '../supervisor/index.ts';
import type { AdminAddress } from './admin-client.ts';
import type { AdminCommand } from './command-line.ts';
import { ownConfigFile } from './config-file.ts';

/** An address to ask, or what to tell the person who looks for one. */
export type FoundServer = { readonly server: AdminAddress } | { readonly message: string };

/** Looks at the words of a command, then at the configuration, then at which sockets there are. */
export async function findServer({
  file,
  admin,
  tokenFile,
}: Pick<AdminCommand, 'file' | 'admin' | 'tokenFile'>): Promise<FoundServer> {
  if (admin !== null) {
    const endpoint = parseListen(admin.replace(/^http:\/\//, '').replace(/\/$/, ''));
    return 'value' in endpoint
      ? addressOf(endpoint.value, tokenFile)
      : { message: `--admin: ${endpoint.message}. ${endpoint.cure}.\n` };
  }
  const config = ownConfigFile(file);
  if (config === null) return onlyServer();
  if (!existsSync(config)) return { message: `There is no configuration file ${config}.\n` };
  let written: unknown;
  const { model } = await loadConfig(config, {
    judge: (input) => {
      written = isPlainObject(input) ? ownValue(input, 'admin') : undefined;
      return [];
    },
  });
  if (model === undefined) return inBrokenConfig(written, config, tokenFile);
  const endpoint = adminEndpoint(model, config);
  if (endpoint === null) {
    return {
      message: `${config} says admin: "off". Send signals: HUP loads it again, TERM ends the server.\n`,
    };
  }
  const own = typeof model.admin === 'object' ? model.admin.tokenFile : undefined;
  return addressOf(endpoint, tokenFile ?? own ?? null);
}

// A mistake elsewhere in the file is no reason not to find the server that runs it, which is asked what is wrong.
function inBrokenConfig(admin: unknown, config: string, tokenFile: string | null): FoundServer {
  const listen = isPlainObject(admin) ? ownValue(admin, 'listen') : undefined;
  const parsed = typeof listen === 'string' ? parseListen(listen) : null;
  if (parsed === null || !('value' in parsed))
    return addressOf({ kind: 'unix', path: adminPathOf(config) }, tokenFile);
  const own = isPlainObject(admin) ? ownValue(admin, 'tokenFile') : undefined;
  const directory = dirname(config);
  const { value } = parsed;
  return addressOf(
    value.kind === 'unix' ? { ...value, path: resolve(directory, value.path) } : value,
    tokenFile ?? (typeof own === 'string' ? resolve(directory, own) : null),
  );
}

function addressOf(endpoint: Endpoint, tokenFile: string | null): FoundServer {
  if (endpoint.kind === 'unix') return { server: { socketPath: endpoint.path } };
  if (tokenFile === null) {
    return { message: 'On a TCP address the server asks for a token: --token-file FILE\n' };
  }
  try {
    const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
    return {
      server: { url: `http://${host}:${endpoint.port}`, token: readToken(tokenFile) },
    };
  } catch (error) {
    return { message: `${error instanceof Error ? error.message : String(error)}\n` };
  }
}

async function onlyServer(): Promise<FoundServer> {
  const directory = runDirectory();
  const sockets = existsSync(directory)
    ? readdirSync(directory).filter((name) => name.endsWith('.sock'))
    : [];
  const paths = sockets.map((name) => join(directory, name));
  // A server that was killed leaves its socket.
  const dead = await Promise.all(paths.map((path) => tryEndpoint({ kind: 'unix', path })));
  const [only, ...others] = paths.filter((_, index) => dead[index] !== null);
  if (only === undefined) {
    return {
      message: `There is no configuration file here, and no server has a socket in ${directory}.\nName the file that the server runs ("daemun status site.json"), or use --admin ADDRESS.\n`,
    };
  }
  if (others.length === 0) return { server: { socketPath: only } };
  const list = [only, ...others].map((path) => `  --admin unix:${path}\n`).join('');
  return {
    message: `There is no configuration file here, and several servers run. Name the file, or one of these:\n${list}`,
  };
}
