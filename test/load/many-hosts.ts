// `node test/load/many-hosts.ts [--hosts 10000] [--rounds 3]`: how long the web thread stands still while a
// configuration of very many hosts is loaded again, as a page. docs/results/many-hosts.md holds the last one that
// was kept. Status 1 where a host was answered wrong; times decide nothing, they belong to the machine.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import {
  askHost,
  makePages,
  type ManyHosts,
  manyHosts,
  wrongHosts,
} from '../support/many-hosts.ts';
import { reloadAgain } from '../support/many-reloads.ts';
import { temporaryDirectory } from '../support/process.ts';
import { RawClient } from '../support/raw-client.ts';
import { ServedConfig } from '../support/served-config.ts';
import { type Stall, STALLS_FILE } from './stall-probe.ts';

const { values } = parseArgs({
  options: {
    hosts: { type: 'string', default: '10000' },
    rounds: { type: 'string', default: '3' },
  },
});
const count = Number(values.hosts);
const rounds = Number(values.rounds);
const ASK_EVERY_MS = 2;
const IDLE_MS = 2000;

/** What one phase took, in milliseconds. */
interface Phase {
  readonly title: string;
  /** From HUP until the configuration is served. */
  readonly whole: number;
  readonly stall: number;
  /** The most that the thread worked in one stall. */
  readonly work: number;
  /** Longest wait for an answer on a connection that asks every 2 ms. */
  readonly answer: number;
}

const directory = temporaryDirectory();
makePages(directory, 'page');
const stalls = join(directory, 'stalls');
writeFileSync(stalls, '');
const probe = pathToFileURL(join(import.meta.dirname, 'stall-probe.ts')).href;
const first: ManyHosts = { count, generation: () => 0 };
const server = await ServedConfig.start(
  manyHosts(first),
  { NODE_OPTIONS: `--import ${probe}`, [STALLS_FILE]: stalls },
  directory,
);
const client = new RawClient(server.port);
const phases: Phase[] = [];
let wrong = 0;
try {
  for (let round = 1; round <= rounds; round++) {
    // oxlint-disable no-await-in-loop -- one measurement at a time
    phases.push(await measure('nothing, for 2 s', () => delay(IDLE_MS)));
    const one = (site: number): number => (site === 17 ? round : round - 1);
    phases.push(await measured('one site changed', { count, generation: one }));
    phases.push(await measured('all sites changed', { count, generation: () => round }));
    // oxlint-enable no-await-in-loop
  }
} finally {
  client.close();
  await server.stop();
  server.remove();
}
const { first: early, last: late } = await reloadAgain(200, 200);
print();
if (wrong > 0) process.exitCode = 1;

async function measured(title: string, hosts: ManyHosts): Promise<Phase> {
  const text = JSON.stringify(manyHosts(hosts));
  await delay(500);
  const phase = await measure(title, async () => {
    const { taken, reasons } = await server.reload(text);
    if (!taken) throw new Error(reasons);
  });
  const answered = await wrongHosts(server.port, hosts);
  wrong += answered.length;
  for (const line of answered.slice(0, 5)) console.error(line);
  return phase;
}

async function measure(title: string, work: () => Promise<unknown>): Promise<Phase> {
  const begin = performance.timeOrigin + performance.now();
  const state = { over: false, answer: 0 };
  const asking = (async () => {
    while (!state.over) {
      const asked = performance.now();
      // oxlint-disable no-await-in-loop -- one connection
      await askHost(client, count - 1, '/');
      state.answer = Math.max(state.answer, performance.now() - asked);
      await delay(ASK_EVERY_MS);
      // oxlint-enable no-await-in-loop
    }
  })();
  await work();
  const whole = performance.timeOrigin + performance.now() - begin;
  // What is thrown away by a reload may be collected a little later.
  await delay(300);
  state.over = true;
  await asking;
  const seen = readFileSync(stalls, 'utf8').split('\n').slice(0, -1);
  const noted = seen.map((line) => JSON.parse(line) as Stall).filter(({ at }) => at >= begin);
  return {
    title,
    whole,
    stall: Math.max(0, ...noted.map((stall) => stall.wall)),
    work: Math.max(0, ...noted.map((stall) => stall.cpu)),
    answer: state.answer,
  };
}

function print(): void {
  const rows = phases.map(({ title, whole, stall, work, answer }) => {
    const figures = [whole, stall, work, answer].map((ms) => ms.toFixed(ms < 100 ? 1 : 0));
    return `| ${title} | ${figures.join(' | ')} |`;
  });
  console.log(`# Very many hosts

\`node test/load/many-hosts.ts --hosts ${count} --rounds ${rounds}\`

${count} sites with four routes each, one web thread; milliseconds. The stall is the longest time in which the event
loop of the web thread did not turn, its work the most that the thread did itself in one of them: the rest is waiting
for a core, or for the collector's other threads. The wait is the longest for an answer on a connection that asks
every ${ASK_EVERY_MS} ms. A stall under 6 ms is not noted and stands as 0.

| reload | HUP until served | stall | work in it | wait for an answer |
| --- | --- | --- | --- | --- |
${rows.join('\n')}

Hosts that were answered wrong after a reload: ${wrong} of ${count * rounds * 2}.

200 reloads of 200 sites, two web threads, all sites, the upstream, the logs and an address changing each time, after
20 that are not counted: resident memory ${mebibytes(early.residentKib)} MiB before and ${mebibytes(late.residentKib)} MiB after,
descriptors ${early.descriptors} before and ${late.descriptors} after.
`);
}

function mebibytes(kib: number | null): string {
  return kib === null ? '?' : (kib / 1024).toFixed(0);
}
