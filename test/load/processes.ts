// `node test/load/processes.ts [--swaps 100] [--hand-overs 20] [--upgrades 10] [--kills 20] [--stuck 20]`: processes
// that come and go under load, and what it cost, as a page. docs/results/processes.md holds the last one that was kept.
// Status 1 where it cost more than it may.
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import {
  type ProcessAction,
  type ProcessReport,
  processesUnderLoad,
} from '../support/process-load.ts';

const { values } = parseArgs({
  options: {
    swaps: { type: 'string', default: '100' },
    'hand-overs': { type: 'string', default: '20' },
    upgrades: { type: 'string', default: '10' },
    kills: { type: 'string', default: '20' },
    stuck: { type: 'string', default: '20' },
  },
});

/** One kind of action, how often, and how far apart in milliseconds. */
interface Part {
  readonly action: ProcessAction;
  readonly times: number;
  readonly every: number;
}

// A process that fails again within ten seconds is started later each time: here each is the first.
const PARTS: readonly Part[] = [
  { action: 'swap', times: Number(values.swaps), every: 500 },
  { action: 'hand-over', times: Number(values['hand-overs']), every: 1500 },
  { action: 'upgrade', times: Number(values.upgrades), every: 3000 },
  { action: 'kill', times: Number(values.kills), every: 10_500 },
  { action: 'stuck thread', times: Number(values.stuck), every: 10_500 },
];

const rows: string[] = [];
for (const part of PARTS) {
  if (part.times === 0) continue;
  // oxlint-disable-next-line no-await-in-loop -- one after the other
  const report = await processesUnderLoad(part);
  rows.push(rowOf(part, report));
  for (const failure of report.failures.slice(0, 50)) console.error(`${part.action}: ${failure}`);
  if (report.failures.length > 0) process.exitCode = 1;
}
print();

function rowOf({ action, times }: Part, report: ProcessReport): string {
  const { requests, connections, bytes, lost, refused, longestWait, failures } = report;
  const mebibytes = (bytes / 1024 ** 2).toFixed(0);
  const wait = `${longestWait.toFixed(0)} ms`;
  const figures = [times, requests, connections, mebibytes, lost, refused, wait, failures.length];
  return `| ${action} | ${figures.join(' | ')} |`;
}

function print(): void {
  const words = Object.entries(values).map(([name, value]) => `--${name} ${value}`);
  const [cpu] = cpus();
  console.log(`# Processes that come and go under load

\`node test/load/processes.ts ${words.join(' ')}\`

${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores (${cpu?.model ?? 'unknown'}) for the server, its back end and its clients together,
Node ${process.version}, ${process.platform}.

Three clients on connections that stay and three with a connection for each request ask for a fixed answer, a file,
and a back end with and without a body. Four tunnels, four uploads, four downloads and a slow reader of a file run for
up to four seconds each, one after the other, so that some are under way at each action; all their bytes are compared.

- swap: HUP with other header values and another upstream.
- hand-over: HUP with another number of threads (one to three), or an address that comes or goes.
- upgrade: USR2, and QUIT for the supervisor of before when the new one serves.
- kill: KILL of the server process.
- stuck thread: a web thread runs something that never ends; \`stuckThreadTimeout\` is 1 s.

Swaps, hand-overs and upgrades may cost nothing, and each request has its line in the access log. A client that stays
may be asked to come again by \`Connection: close\`. A kill may cost what was connected to the process, a stuck thread
what was connected to this thread, as /connections showed it before. No connection may ever be refused. The wait is the
longest from the begin of a connection to its answer. Failures are what happened beside that.

| action | times | requests | connections | MiB | requests lost | connections refused | longest wait | failures |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`);
}
