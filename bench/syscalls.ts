// What a server asks of the kernel in one short run, as strace counts it.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processTree } from './measure.ts';
import { peerNamed } from './peers/peers.ts';
import type { Entrant, Row } from './rows.ts';
import type { RunningServer } from './server.ts';
import { startBackEnd, startEntrant, urlOf } from './setting.ts';
import type { Setting } from './setting.ts';
import { faultOf, runWrk } from './wrk.ts';

const RUN_SECONDS = 2;
/** strace takes hold of every thread before the load begins. */
const ATTACH_MS = 1000;

/**
 * Counts the system calls of each entrant under load; gives what to print.
 * @throws Error where a server, the load or strace fails.
 */
export async function countSyscalls(
  strace: string,
  row: Row,
  entrants: readonly Entrant[],
  setting: Setting,
): Promise<readonly string[]> {
  const lines: string[] = [];
  const backEnd = await startBackEnd(row, setting);
  try {
    for (const entrant of entrants) {
      setting.say(`${row.name}: ${entrant.label} under strace`);
      // oxlint-disable-next-line no-await-in-loop -- one at a time, on one core
      const server = await startEntrant(row, entrant, setting, backEnd?.port);
      try {
        // oxlint-disable-next-line no-await-in-loop -- as above
        lines.push(...(await countOf(strace, row, entrant, server, setting)));
      } finally {
        // oxlint-disable-next-line no-await-in-loop -- as above
        await server.stop();
      }
    }
  } finally {
    await backEnd?.server.stop();
  }
  return lines;
}

async function countOf(
  strace: string,
  row: Row,
  entrant: Entrant,
  server: RunningServer,
  setting: Setting,
): Promise<readonly string[]> {
  const url = urlOf(server, row.file);
  const core = setting.cores.client;
  await runWrk(setting.wrk, url, { seconds: peerNamed(entrant.peer).warmUpSeconds, core });
  const file = join(setting.folder, `${row.name}-${server.port}.strace`);
  const pids = processTree(server.pid).flatMap((pid) => ['-p', String(pid)]);
  const tracer = spawn(strace, ['-f', '-c', '-o', file, ...pids], { stdio: 'ignore' });
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  tracer.on('error', reject);
  tracer.on('close', () => resolve());
  try {
    await delay(ATTACH_MS);
    const result = await runWrk(setting.wrk, url, { seconds: RUN_SECONDS, core });
    const fault = faultOf(result);
    if (fault !== undefined) throw new Error(`${entrant.label}: ${fault}`);
    // SIGINT lets go of the server and writes the summary
    tracer.kill('SIGINT');
    await ended;
    const summary = readFileSync(file, 'utf8').trimEnd();
    return ['', `${row.title}: ${entrant.label}, ${result.requests} requests`, summary];
  } finally {
    tracer.kill('SIGINT');
    await ended;
  }
}
