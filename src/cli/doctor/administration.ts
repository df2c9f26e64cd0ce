import { dirname } from 'node:path';
import { endpointText } from '../../schema/index.ts';
import { openingFault } from '../../supervisor/index.ts';
import type { Demand } from './demand.ts';
import type { Finding } from './finding.ts';
import { type Machine, runningDaemun } from './machine.ts';
import { quoted } from './serving-rights.ts';

const CHECK = 'administration';
const WRITE_OF_OTHERS = 0o022;

/** Whether `daemun status` and its like will find the server. */
export function checkAdministration(
  machine: Pick<Machine, 'adminTrial' | 'pidFiles' | 'look' | 'self'>,
  { administration }: Pick<Demand, 'administration'>,
): readonly Finding[] {
  if (administration === null) return [];
  const { endpoint, isNamed } = administration;
  const trial = machine.adminTrial;
  if (!isNamed && endpoint.kind === 'unix') {
    // As `prepareRunDirectory` will see it.
    const directory = dirname(endpoint.path);
    const found = machine.look(directory);
    const isOwn =
      found === null ||
      (found.kind === 'directory' &&
        found.uid === machine.self.uid &&
        (found.mode & WRITE_OF_OTHERS) === 0);
    if (!isOwn)
      return [
        {
          check: CHECK,
          level: 'problem',
          what: `${directory} belongs to somebody else, or others may write there`,
          why: 'The server starts without its administration: "daemun status", "reload" and the like do not find it.',
          cure: `rm -r ${quoted(directory)}\n# or name another place in the configuration: admin: { listen: "unix:/…" }`,
        },
      ];
    // It is made when the server starts.
    if (found === null) return [ok(endpointText(endpoint))];
  }
  if (trial === null) return [ok(endpointText(endpoint))];
  const { message, cure } = openingFault(trial);
  if (trial.code !== 'EADDRINUSE')
    return [
      { check: CHECK, level: 'problem', what: message, why: '"daemun run" does not start.', cure },
    ];
  const running = runningDaemun(machine);
  const text = endpointText(endpoint);
  if (running !== null)
    return [{ check: CHECK, level: 'ok', what: `${text}, in use as by process ${running}` }];
  return [
    {
      check: CHECK,
      level: 'note',
      what: `A server answers at ${text}`,
      why: 'All is well if it is this very one. Otherwise "daemun run" does not start.',
      cure: 'daemun status',
    },
  ];
}

function ok(place: string): Finding {
  return { check: CHECK, level: 'ok', what: `${place} can be opened` };
}
