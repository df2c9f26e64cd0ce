/**
 * Loaded into a server by `NODE_OPTIONS=--import`: each of its threads notes where its event loop stood still.
 * A line of JSON for each stall goes to the file that DAEMUN_STALLS names.
 */
import { appendFileSync } from 'node:fs';
import { isMainThread, threadId } from 'node:worker_threads';

/** One time that the event loop of a web thread did not turn. */
export interface Stall {
  readonly thread: number;
  /** When it ended, milliseconds since 1970. */
  readonly at: number;
  /** How long it was, in milliseconds. */
  readonly wall: number;
  /** How much of it the thread worked itself, in milliseconds; the rest it waited, for a core or for helpers of the collector. */
  readonly cpu: number;
}

/** The environment variable that names the file. */
export const STALLS_FILE = 'DAEMUN_STALLS';

/** Shorter ones are not noted: writing them down would be what takes the time. */
const NOTED_MS = 6;

function cpuMilliseconds(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const file = process.env[STALLS_FILE];
if (file !== undefined && !isMainThread) {
  let wall = performance.now();
  let cpu = cpuMilliseconds();
  setInterval(() => {
    const stall: Stall = {
      thread: threadId,
      at: performance.timeOrigin + performance.now(),
      wall: performance.now() - wall,
      cpu: cpuMilliseconds() - cpu,
    };
    if (stall.wall >= NOTED_MS) appendFileSync(file, `${JSON.stringify(stall)}\n`);
    wall = performance.now();
    cpu = cpuMilliseconds();
  }, 1).unref();
}
