// CPU time for a finished request: all entrants of a row stand ready, and take turns under load.
import { setTimeout as delay } from 'node:timers/promises';
import { answerFault, ask, BODIES } from './bodies.ts';
import { foreignShare, readCoreTicks } from './cores.ts';
import { cpuBetween, readCpu } from './measure.ts';
import { peerNamed } from './peers/peers.ts';
import type { Entrant, Row } from './rows.ts';
import type { RunningServer } from './server.ts';
import { faultyColumn, startBackEnd, startEntrant, urlOf, versionOf } from './setting.ts';
import type { RunningBackEnd } from './setting.ts';
import type { Column, LoadFigures, Setting } from './setting.ts';
import { faultOf, runWrk } from './wrk.ts';
import type { WrkResult } from './wrk.ts';

/** A server's own work after the last request, such as its log: not waited for longer than this. */
const SETTLE_MS = 300;

/** From this size on the bytes are counted. */
const LARGE = 1024 * 1024;

interface Round extends LoadFigures {
  readonly cpuPerRequest: number;
}

interface Runner {
  readonly entrant: Entrant;
  readonly server: RunningServer;
  readonly rounds: Round[];
  fault: unknown;
}

/** Measures in rounds, each entrant once in a round and in a different order in the next; see `Measurement`. */
export async function measureRequests(
  row: Row,
  entrants: readonly Entrant[],
  setting: Setting,
): Promise<readonly Column[]> {
  let backEnd: RunningBackEnd | null = null;
  const runners: Runner[] = [];
  const columns = new Map<Entrant, Column>();
  try {
    backEnd = await startBackEnd(row, setting);
    for (const entrant of entrants) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- one at a time, so that none slows the start of another
        const server = await startEntrant(row, entrant, setting, backEnd?.port);
        runners.push({ entrant, server, rounds: [], fault: undefined });
      } catch (error) {
        columns.set(entrant, faultyColumn(entrant, error));
      }
    }
    // oxlint-disable no-await-in-loop -- one under load at a time is the point
    for (const runner of runners)
      await attempt(runner, async () => await warmUp(row, runner, setting));
    for (let round = 0; round < setting.rounds; round++) {
      for (const runner of rotated(runners, round)) {
        setting.say(`${row.name}: ${runner.entrant.label}, ${round + 1} of ${setting.rounds}`);
        await attempt(runner, async () => {
          runner.rounds.push(await measureOnce(row, runner.server, setting));
        });
      }
    }
    // oxlint-enable no-await-in-loop
  } finally {
    await Promise.all(runners.map(async ({ server }) => await server.stop()));
    await backEnd?.server.stop();
  }
  for (const runner of runners) columns.set(runner.entrant, columnOf(runner));
  return entrants.flatMap((entrant) => columns.get(entrant) ?? []);
}

/** The order of a round: whoever was first is last in the next one, so that nobody always follows the same server. */
export function rotated<T>(items: readonly T[], round: number): readonly T[] {
  const first = items.length === 0 ? 0 : round % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

/**
 * Requests that the CPU time is divided by: those that wrk counts, or for large bodies what its bytes amount to. Of
 * them dozens are under way when the time is over, which would count against the slower server.
 */
export function finished(result: Pick<WrkResult, 'requests' | 'bytes'>, size: number): number {
  return size < LARGE ? result.requests : result.bytes / size;
}

async function attempt(runner: Runner, work: () => Promise<void>): Promise<void> {
  if (runner.fault !== undefined) return;
  try {
    await work();
  } catch (error) {
    runner.fault = error;
  }
}

async function warmUp(row: Row, { entrant, server }: Runner, setting: Setting): Promise<void> {
  setting.say(`${row.name}: ${entrant.label} warms up`);
  const seconds = peerNamed(entrant.peer).warmUpSeconds;
  await runWrk(setting.wrk, urlOf(server, row.file), { seconds, core: setting.cores.client });
}

async function measureOnce(row: Row, server: RunningServer, setting: Setting): Promise<Round> {
  const { cores, seconds } = setting;
  await delay(SETTLE_MS);
  const ticksBefore = readCoreTicks(cores.server);
  const began = performance.now();
  const cpuBefore = readCpu(server.pid);
  const load = { seconds, core: cores.client };
  const result = await runWrk(setting.wrk, urlOf(server, row.file), load);
  const cpu = cpuBetween(cpuBefore, readCpu(server.pid));
  const elapsed = (performance.now() - began) * 1000;
  const ticksAfter = readCoreTicks(cores.server);
  const fault = faultOf(result) ?? answerFault(await ask(server.port, `/${row.file}`), row.file);
  if (fault !== undefined) throw new Error(fault);
  return {
    cpuPerRequest: cpu / finished(result, BODIES[row.file] ?? 0),
    requestsPerSecond: result.requestsPerSecond,
    p50: result.p50,
    p99: result.p99,
    serverShare: cpu / elapsed,
    foreignShare: foreignShare(ticksBefore, ticksAfter, cpu),
  };
}

function columnOf({ entrant, rounds, fault }: Runner): Column {
  const typical = rounds.toSorted((one, other) => one.requestsPerSecond - other.requestsPerSecond)[
    Math.floor((rounds.length - 1) / 2)
  ];
  // figures from before a fault are not those of a sound server
  if (fault !== undefined || typical === undefined) return faultyColumn(entrant, fault);
  const { cpuPerRequest: _, ...load } = typical;
  return {
    label: entrant.label,
    version: versionOf(entrant),
    values: rounds.map(({ cpuPerRequest }) => cpuPerRequest),
    load,
  };
}
