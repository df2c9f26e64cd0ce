import type { Demand } from './demand.ts';
import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';

const CHECK = 'client ports';

/** Ports that the system gives to connections to upstreams: whether they suffice, and whether one of ours is among them. */
export function checkClientPorts(
  { sysctl }: Pick<Machine, 'sysctl'>,
  {
    addresses,
    upstreams,
    threads,
    maxConnections,
  }: Pick<Demand, 'addresses' | 'upstreams' | 'threads' | 'maxConnections'>,
): readonly Finding[] {
  const range = sysctl('net.ipv4.ip_local_port_range');
  const [low = 0, high = 0] = (range ?? '').trim().split(/\s+/).map(Number);
  if (range === null || high < low) return [];
  const findings: Finding[] = [];
  const reserved = sysctl('net.ipv4.ip_local_reserved_ports')?.trim() ?? '';
  const ports = addresses.flatMap(({ endpoint }) =>
    endpoint.kind === 'tcp' && endpoint.port >= low && endpoint.port <= high ? [endpoint.port] : [],
  );
  const open = [...new Set(ports)].filter((port) => !isReserved(port, reserved));
  if (open.length > 0)
    findings.push({
      check: CHECK,
      level: 'note',
      what: `The system may give ${open.join(', ')} to a client program (net.ipv4.ip_local_port_range ${low}-${high})`,
      why: 'The address is in use then, just when the server is started again.',
      cure: `sysctl -w net.ipv4.ip_local_reserved_ports=${[reserved, ...open].filter((each) => each !== '').join(',')}`,
    });
  const each = high - low + 1;
  const most = threads * maxConnections;
  for (const { name, tcpServers } of upstreams) {
    if (tcpServers === 0 || tcpServers * each >= most) continue;
    findings.push({
      check: CHECK,
      level: 'note',
      what: `Upstream ${name}: ${each} ports ${tcpServers === 1 ? 'to its server' : `to each of ${tcpServers} servers`}, for up to ${most} requests at a time`,
      why: 'Beyond that the system refuses connections to the server (EADDRNOTAVAIL); closed ones count for a minute.',
      cure: 'sysctl -w net.ipv4.ip_local_port_range="1024 65535"\n# or add servers, or reach one on the same machine by unix:',
    });
  }
  if (findings.length > 0 || upstreams.length === 0) return findings;
  return [{ check: CHECK, level: 'ok', what: `${each} ports for connections to each server` }];
}

// The kernel writes `80,8000-8010`.
function isReserved(port: number, list: string): boolean {
  return list.split(',').some((part) => {
    const [first = NaN, last = first] = part.split('-').map(Number);
    return part !== '' && port >= first && port <= last;
  });
}
