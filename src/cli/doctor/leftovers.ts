import type { Demand } from './demand.ts';
import type { Finding } from './finding.ts';
import { isDaemun, type Machine } from './machine.ts';
import { quoted } from './serving-rights.ts';

const CHECK = 'leftovers';

/** Pid files and unix sockets of a server that did not end in order, or of another program. */
export function checkLeftovers(
  { pidFiles, look, trials }: Pick<Machine, 'pidFiles' | 'look' | 'trials'>,
  { addresses }: Pick<Demand, 'addresses'>,
): readonly Finding[] {
  const findings: Finding[] = [];
  for (const file of pidFiles) {
    const { path, pid, program } = file;
    const isOld = path.endsWith('.oldbin');
    if (pid === null)
      findings.push({
        check: CHECK,
        level: 'note',
        what: `${path} tells of a process that does not run`,
        why: isOld
          ? 'An upgrade ended badly, and the next one wants this name.'
          : 'The server did not end in order. The next start takes the file over; signals by it reach nobody.',
        cure: `rm ${quoted(path)}`,
      });
    else if (!isDaemun(file))
      findings.push({
        check: CHECK,
        level: 'problem',
        what: `${path} tells of process ${pid}, which is no Daemun: ${program ?? 'not known'}`,
        why: '"daemun run" does not start while it runs, and a signal by this file reaches the wrong one.',
        cure: `rm ${quoted(path)}`,
      });
    else if (isOld)
      findings.push({
        check: CHECK,
        level: 'note',
        what: `Process ${pid} waits since an upgrade (${path})`,
        why: 'It is there for the way back, and keeps its memory as long.',
        cure: `kill -QUIT ${pid}\n# or undo the upgrade: HUP to ${pid}, then QUIT to the other`,
      });
  }
  for (const { key, endpoint } of addresses) {
    if (endpoint.kind !== 'unix' || trials.some((trial) => trial.key === key)) continue;
    if (look(endpoint.path)?.kind !== 'socket') continue;
    findings.push({
      check: CHECK,
      level: 'note',
      what: `Nobody answers on the socket ${endpoint.path}`,
      why: 'The server before did not end in order. The next start takes it over; until then clients are refused.',
      cure: `rm ${quoted(endpoint.path)}`,
    });
  }
  if (findings.length > 0) return findings;
  const running = pidFiles.find(isDaemun);
  const what = running === undefined ? 'None' : `None; Daemun runs as process ${running.pid}`;
  return [{ check: CHECK, level: 'ok', what }];
}
