/** Very many connections that nobody says anything on, and what a server does meanwhile. */
import { connect, type Socket } from 'node:net';
import { get } from './cli-process.ts';
import { RawClient } from './raw-client.ts';
import { temporaryDirectory } from './process.ts';
import { ServedConfig } from './served-config.ts';
import { join } from 'node:path';

/** Connections that are made at a time. */
const BATCH = 200;
const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

/** What was seen of the server; null where the system does not tell. */
export interface CrowdReport {
  /** Connections that the administration counts. */
  readonly open: number;
  /** Resident memory and descriptors of the server's processes with none of them, and with all. */
  readonly residentKib: readonly [number | null, number | null];
  readonly descriptors: readonly [number | null, number | null];
  /** Milliseconds that `/live` and `/status` took. */
  readonly live: number;
  readonly status: number;
  readonly failures: readonly string[];
}

/** Opens `count` connections to a server of its own, and asks it and its administration while they are there. */
export async function idleCrowd(count: number): Promise<CrowdReport> {
  const directory = temporaryDirectory();
  const socket = join(directory, 'admin.sock');
  const server = await ServedConfig.start(configOf(socket), {}, directory);
  const old = new RawClient(server.port);
  const failures: string[] = [];
  const crowd: Socket[] = [];
  const askOld = async (when: string): Promise<void> => {
    const { status } = await old.ask(REQUEST);
    if (status !== 200) failures.push(`the connection of before ${when}: ${status}`);
  };
  try {
    await askOld('first');
    const before = [server.residentKib, server.descriptors] as const;
    while (crowd.length < count) {
      const batch = Array.from({ length: Math.min(BATCH, count - crowd.length) }, () =>
        connected(server.port, failures),
      );
      // oxlint-disable-next-line no-await-in-loop -- the queue of the socket is finite
      crowd.push(...(await Promise.all(batch)));
    }
    await askOld('with all');
    const live = await timed(() => get(socket, '/live'), failures);
    const status = await timed(() => get(socket, '/status'), failures);
    const { body } = await get(socket, '/status');
    const { threads } = JSON.parse(body) as { threads: readonly { connections: number }[] };
    const open = threads.reduce((sum, { connections }) => sum + connections, 0);
    const fresh = await get(server.port);
    if (fresh.body !== 'here') failures.push(`a new connection: ${fresh.status}`);
    return {
      open,
      residentKib: [before[0], server.residentKib],
      descriptors: [before[1], server.descriptors],
      live,
      status,
      failures,
    };
  } finally {
    for (const one of crowd) one.destroy();
    old.close();
    await server.stop();
    server.remove();
  }
}

function configOf(socket: string): object {
  const sites = {
    '*': { listen: ['127.0.0.1:0'], routes: { '/': { respond: 200, body: 'here' } } },
  };
  const limits = { maxConnections: 20_000, headTimeout: '10m', keepAliveTimeout: '10m' };
  return {
    threads: 2,
    admin: { listen: `unix:${socket}` },
    logs: { access: 'off' },
    limits,
    sites,
  };
}

function connected(port: number, failures: string[]): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      resolve(socket);
    });
    socket.on('error', (error) => {
      failures.push(`an idle connection: ${error.message}`);
      resolve(socket);
    });
    socket.on('end', () => failures.push('an idle connection was closed'));
  });
}

async function timed(
  work: () => Promise<{ readonly status: number }>,
  failures: string[],
): Promise<number> {
  const began = performance.now();
  const { status } = await work();
  if (status !== 200) failures.push(`the administration answers ${status}`);
  return performance.now() - began;
}
