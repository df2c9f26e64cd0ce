import { openingFault } from '../../supervisor/index.ts';
import type { Demand } from './demand.ts';
import type { Finding } from './finding.ts';
import { type Machine, runningDaemun } from './machine.ts';

const CHECK = 'addresses';

/** Listen addresses that would not open now. */
export function checkAddresses(
  machine: Pick<Machine, 'trials' | 'pidFiles' | 'self'>,
  { addresses }: Pick<Demand, 'addresses'>,
): readonly Finding[] {
  const running = runningDaemun(machine);
  if (addresses.length === 0) return [];
  const findings = machine.trials.flatMap((trial): readonly Finding[] => {
    const { message, cure } = openingFault(trial);
    if (trial.code === 'EADDRINUSE') {
      // Whether all is well only who knows what runs can say.
      if (running !== null) return [];
      return [
        {
          check: CHECK,
          level: 'note',
          what: message,
          why: 'All is well if it is this very server. Otherwise "daemun run" does not start.',
          cure: holder(trial.key),
        },
      ];
    }
    const asks = trial.code === 'EACCES' && machine.self.uid !== 0;
    return [
      {
        check: CHECK,
        level: asks ? 'note' : 'problem',
        what: message,
        why: asks
          ? `${machine.self.name} asked. Root, or a unit with CAP_NET_BIND_SERVICE, can open it.`
          : '"daemun run" does not start.',
        cure: `# ${cure}`,
      },
    ];
  });
  if (findings.length > 0) return findings;
  const count = `${addresses.length} address${addresses.length === 1 ? '' : 'es'}`;
  const what =
    running === null || machine.trials.length === 0
      ? `${count} can be opened`
      : `${count}; ${machine.trials.length} in use, as by process ${running}, which is Daemun`;
  return [{ check: CHECK, level: 'ok', what }];
}

function holder(key: string): string {
  if (key.startsWith('unix:')) return `ss -lxp | grep ${key.slice('unix:'.length)}`;
  return `ss -ltnp 'sport = :${key.slice(key.lastIndexOf(':') + 1)}'`;
}
