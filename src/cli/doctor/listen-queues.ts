import type { Demand } from './demand.ts';
import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';

const CHECK = 'queues';

/** What the kernel leaves of the `backlog` of listen addresses. */
export function checkListenQueues(
  { sysctl }: Pick<Machine, 'sysctl'>,
  { addresses }: Pick<Demand, 'addresses'>,
): readonly Finding[] {
  const longest = addresses.toSorted((a, b) => b.backlog - a.backlog)[0];
  if (longest === undefined) return [];
  const findings: Finding[] = [];
  const { key, backlog } = longest;
  const most = Number(sysctl('net.core.somaxconn') ?? Infinity);
  if (backlog > most)
    findings.push({
      check: CHECK,
      level: 'note',
      what: `${key} asks for a backlog of ${backlog}, and the kernel keeps ${most} (net.core.somaxconn)`,
      why: 'The rest is cut off without a word: in a burst of new connections clients wait a second or more.',
      cure: `sysctl -w net.core.somaxconn=${backlog}\n# and open the addresses anew: a restart, or USR2 to a new process`,
    });
  const half = Number(sysctl('net.ipv4.tcp_max_syn_backlog') ?? Infinity);
  // With cookies the kernel answers beyond it.
  if (sysctl('net.ipv4.tcp_syncookies')?.trim() === '0' && half < backlog)
    findings.push({
      check: CHECK,
      level: 'note',
      what: `The kernel keeps ${half} half-open connections (net.ipv4.tcp_max_syn_backlog) and sends no SYN cookies`,
      why: 'Who sends so many first packets without going on keeps everybody out.',
      cure: `sysctl -w net.ipv4.tcp_syncookies=1\nsysctl -w net.ipv4.tcp_max_syn_backlog=${backlog}`,
    });
  if (findings.length > 0) return findings;
  const kept = Number.isFinite(most) ? `, the kernel keeps up to ${most}` : '';
  return [{ check: CHECK, level: 'ok', what: `Longest backlog ${backlog}${kept}` }];
}
