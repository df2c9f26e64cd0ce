import type { Demand } from './demand.ts';
import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';

const CHECK = 'descriptors';
/** What Node and the program itself have open in a server process, and for each of its threads. */
const OF_PROCESS = 40;
const OF_THREAD = 15;

/** Most descriptors of a process against what connections, addresses and logs take; Node raises the soft limit itself. */
export function checkDescriptors(
  { descriptors: { hard, of }, sysctl }: Pick<Machine, 'descriptors' | 'sysctl'>,
  demand: Pick<Demand, 'threads' | 'maxConnections' | 'addresses' | 'logs' | 'upstreams'>,
): readonly Finding[] {
  if (hard === null)
    return [{ check: CHECK, level: 'ok', what: 'The system does not tell a limit' }];
  const { threads, maxConnections, addresses, logs, upstreams } = demand;
  const clients = threads * maxConnections;
  const fixed =
    OF_PROCESS + threads * (OF_THREAD + addresses.length * (threads > 1 ? 2 : 1) + logs.length);
  const own = fixed + clients;
  const all = own + (upstreams.length > 0 ? clients : 0);
  const limit = `${hard} for a process (${of})`;
  const connections = `${clients} connections (maxConnections ${maxConnections} x ${threads} threads)`;
  const findings: Finding[] = [];
  if (hard >= all)
    findings.push({
      check: CHECK,
      level: 'ok',
      what: `${limit}, ${all} at most for ${connections}`,
    });
  else if (hard >= own)
    findings.push({
      check: CHECK,
      level: 'note',
      what: `${limit}; ${connections} need ${own}, and ${all} when all of them are proxied`,
      why: 'A proxied request has a descriptor on either side: under full load upstreams cannot be reached.',
      cure: cureFor(all),
    });
  else
    findings.push({
      check: CHECK,
      level: 'problem',
      what: `${limit}; ${connections} need ${own}`,
      why:
        hard <= fixed
          ? `The listening sockets and logs alone take ${fixed}: the server may not start.`
          : `From about ${hard - fixed} connections on clients wait in the queue, and files cannot be opened.`,
      cure: cureFor(all),
    });
  const [used = 0, , most = Infinity] = numbers(sysctl('fs.file-nr'));
  if (most - used < all)
    findings.push({
      check: CHECK,
      level: 'note',
      what: `The machine has ${most - used} of ${most} descriptors left for all processes (fs.file-max)`,
      why: 'Other programs fail with this one when they are used up.',
      cure: `sysctl -w fs.file-max=${most + all}`,
    });
  return findings;
}

function cureFor(needed: number): string {
  return `# where systemd starts it: LimitNOFILE=${needed} in the unit; in a shell, as root:\nulimit -n ${needed}`;
}

function numbers(text: string | null): readonly number[] {
  return text === null ? [] : text.trim().split(/\s+/).map(Number);
}
