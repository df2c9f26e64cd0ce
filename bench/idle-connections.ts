// Memory: of a server that has just started, and of each connection that had its answer and is kept open.
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { BODIES } from './bodies.ts';
import { residentBytes } from './measure.ts';
import type { Entrant, Row } from './rows.ts';
import type { RunningServer } from './server.ts';
import { faultyColumn, startEntrant, urlOf, versionOf } from './setting.ts';
import type { Column, Setting } from './setting.ts';
import { runWrk } from './wrk.ts';

/** Connections that the memory is divided by, where the machine lets a process have so many. */
const CONNECTIONS = 10_000;
/** Descriptors that server and client need for other things. */
const OTHER_DESCRIPTORS = 1000;
/** How many are opened at a time: fewer than wait in any server's queue. */
const AT_A_TIME = 100;
const ANSWER_MS = 10_000;
const SETTLE_MS = 1500;
const WARM_UP_SECONDS = 2;

/** Connections for a process that may have so many descriptors. */
export function idleCount(descriptors: number): number {
  return Math.max(0, Math.min(CONNECTIONS, descriptors - OTHER_DESCRIPTORS));
}

/** Resident memory that a connection adds to a server that was under load before; see `Measurement`. */
export async function measureIdle(
  row: Row,
  entrants: readonly Entrant[],
  setting: Setting,
): Promise<readonly Column[]> {
  return await measureMemory(row, entrants, setting, async (server) => {
    // the heap grows to its working size first: otherwise the connections would pay for that
    const load = { seconds: WARM_UP_SECONDS, core: setting.cores.client };
    await runWrk(setting.wrk, urlOf(server, row.file), load);
    await delay(SETTLE_MS);
    const before = residentBytes(server.pid);
    const count = idleCount(setting.descriptors);
    const sockets: Socket[] = [];
    try {
      const size = BODIES[row.file] ?? 0;
      await openConnections(sockets, server.port, count, { file: row.file, size });
      await delay(SETTLE_MS);
      const after = residentBytes(server.pid);
      const lost = sockets.filter(({ closed, readableEnded }) => closed || readableEnded).length;
      if (lost > 0) throw new Error(`closed ${lost} of ${count} idle connections`);
      return (after - before) / count;
    } finally {
      for (const socket of sockets) socket.destroy();
    }
  });
}

/** Resident memory once the first request has been answered; see `Measurement`. */
export async function measureStart(
  row: Row,
  entrants: readonly Entrant[],
  setting: Setting,
): Promise<readonly Column[]> {
  return await measureMemory(row, entrants, setting, async (server) => {
    await delay(SETTLE_MS);
    return residentBytes(server.pid);
  });
}

/** A fresh server for every figure, because memory that was used once often stays. */
async function measureMemory(
  row: Row,
  entrants: readonly Entrant[],
  setting: Setting,
  measure: (server: RunningServer) => Promise<number>,
): Promise<readonly Column[]> {
  const values = new Map<Entrant, number[]>(entrants.map((entrant) => [entrant, []]));
  const faults = new Map<Entrant, unknown>();
  // oxlint-disable no-await-in-loop -- one at a time, on one core
  for (let round = 0; round < setting.rounds; round++) {
    for (const entrant of entrants) {
      if (faults.has(entrant)) continue;
      setting.say(`${row.name}: ${entrant.label}, ${round + 1} of ${setting.rounds}`);
      try {
        const server = await startEntrant(row, entrant, setting);
        try {
          values.get(entrant)?.push(await measure(server));
        } finally {
          await server.stop();
        }
      } catch (error) {
        faults.set(entrant, error);
      }
    }
  }
  // oxlint-enable no-await-in-loop
  return entrants.map((entrant) =>
    faults.has(entrant)
      ? faultyColumn(entrant, faults.get(entrant))
      : { label: entrant.label, version: versionOf(entrant), values: values.get(entrant) ?? [] },
  );
}

async function openConnections(
  sockets: Socket[],
  port: number,
  count: number,
  wanted: { readonly file: string; readonly size: number },
): Promise<void> {
  while (sockets.length < count) {
    const batch = Math.min(AT_A_TIME, count - sockets.length);
    const opened = Array.from({ length: batch }, () => connect(port, '127.0.0.1'));
    sockets.push(...opened);
    // oxlint-disable-next-line no-await-in-loop -- in portions that the server's queue holds
    await Promise.all(opened.map(async (socket) => await takeAnswer(socket, wanted)));
  }
}

/** Sends one request, and resolves when its whole answer is there; the connection stays open. */
async function takeAnswer(
  socket: Socket,
  { file, size }: { readonly file: string; readonly size: number },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let text = '';
  socket.setTimeout(ANSWER_MS, () => reject(new Error('an answer did not come in time')));
  // the listener stays: a connection that fails later shows in the count of those that are open
  socket.on('error', reject);
  socket.on('close', () =>
    reject(new Error('a connection was closed before its answer was whole')),
  );
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    const head = text.indexOf('\r\n\r\n');
    if (head === -1 || text.length < head + 4 + size) return;
    if (text.startsWith('HTTP/1.1 200 ')) resolve();
    else reject(new Error(`answered with ${text.slice(0, text.indexOf('\r\n'))}`));
  });
  socket.write(`GET /${file} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
  await promise;
  socket.setTimeout(0);
  text = '';
}
