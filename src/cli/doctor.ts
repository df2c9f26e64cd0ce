import { availableParallelism } from 'node:os';
import { type ConfigModel, loadConfig, resolveConfig, shownPath } from '../config/index.ts';
import { configFile } from './config-file.ts';
import { checkAddresses } from './doctor/addresses.ts';
import { checkClientPorts } from './doctor/client-ports.ts';
import { checkClock } from './doctor/clock.ts';
import { checkConfigRights } from './doctor/config-rights.ts';
import { checkAdministration } from './doctor/administration.ts';
import { checkCores } from './doctor/cores.ts';
import { type Demand, demandOf } from './doctor/demand.ts';
import { checkDescriptors } from './doctor/descriptors.ts';
import { checkDiskSpace } from './doctor/disk-space.ts';
import type { Finding } from './doctor/finding.ts';
import { checkLeftovers } from './doctor/leftovers.ts';
import { checkListenQueues } from './doctor/listen-queues.ts';
import { checkLogDirectories } from './doctor/log-directories.ts';
import type { Machine } from './doctor/machine.ts';
import { checkMemory } from './doctor/memory.ts';
import { checkNodeVersion } from './doctor/node-version.ts';
import { readMachine } from './doctor/read-machine.ts';
import { reportJson, reportText } from './doctor/report.ts';
import { checkSecrets } from './doctor/secrets.ts';
import { checkServingRights } from './doctor/serving-rights.ts';
import { print, printError } from './terminal.ts';
import { judgeOf } from './judge-config.ts';

/** What `daemun doctor` is told. */
export interface DoctorOptions {
  /** The configuration file, or null for that of the working directory; where there is none the machine alone is looked at. */
  readonly file: string | null;
  /** Prints what a program reads in place of lines for a person. */
  readonly json: boolean;
  /** Of the program, for the head of the report. */
  readonly version: string;
}

/** In the order of the report; a new check is one file and one line here. */
const CHECKS: readonly ((machine: Machine, demand: Demand) => readonly Finding[])[] = [
  checkConfigRights,
  checkNodeVersion,
  checkAddresses,
  checkServingRights,
  checkSecrets,
  checkAdministration,
  checkLogDirectories,
  checkLeftovers,
  checkDescriptors,
  checkListenQueues,
  checkClientPorts,
  checkCores,
  checkMemory,
  checkDiskSpace,
  checkClock,
];

/** `daemun doctor`: what of the machine does not go with the configuration; resolves to the exit status, 1 with a problem. */
export async function doctor({ file: named, json, version }: DoctorOptions): Promise<number> {
  const found = configFile('doctor', named);
  if ('message' in found && named !== null) {
    printError(found.message);
    return 1;
  }
  const file = 'file' in found ? found.file : null;
  const loaded = file === null ? null : await load(file);
  const model = loaded?.model;
  // A file that nothing could be read from has no administration to look for.
  const served = model === undefined ? null : file;
  const demand = demandOf(model ?? bareModel(), availableParallelism(), served);
  const machine = await readMachine(demand, file);
  const findings = [
    ...(loaded?.findings ?? []),
    ...CHECKS.flatMap((check) => check(machine, demand)),
  ];
  const shown = file === null ? null : shownPath(file, process.cwd());
  const examination = { version, file: shown, findings };
  const { columns } = process.stdout;
  const color = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
  print(json ? reportJson(examination) : reportText(examination, { color, width: columns }));
  return findings.some(({ level }) => level === 'problem') ? 1 : 0;
}

async function load(
  file: string,
): Promise<{ readonly model: ConfigModel | undefined; readonly findings: readonly Finding[] }> {
  const { model, problems } = await loadConfig(file, {
    judge: judgeOf(file),
  });
  if (problems === undefined) return { model, findings: [] };
  const [first] = problems;
  const told =
    first === undefined
      ? ''
      : `: ${first.object === '' ? '' : `${first.object}: `}${first.message}`;
  return {
    model,
    findings: [
      {
        check: 'configuration',
        level: 'problem',
        what: `${problems.length} mistake${problems.length === 1 ? '' : 's'} in ${file}${told}`,
        why: 'The server does not start with it. What follows is about the machine alone.',
        cure: `daemun check ${file}`,
      },
    ],
  };
}

// What a server has that says nothing of itself.
function bareModel(): ConfigModel {
  const sites = { '*': { listen: [0], routes: { '/': { respond: 200 } } } };
  const { model } = resolveConfig({ logs: { access: 'off' }, sites }, { directory: process.cwd() });
  if (model === undefined) throw new TypeError('The least configuration is refused');
  return { ...model, sites: {} };
}
