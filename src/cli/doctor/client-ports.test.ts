import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkClientPorts } from './client-ports.ts';
import type { Finding } from './finding.ts';

function found(
  { range = '1000\t1999\n', reserved = '\n' as string | null },
  ports: readonly number[],
  upstreams: Parameters<typeof checkClientPorts>[1]['upstreams'],
  threads = 1,
): readonly Finding[] {
  return checkClientPorts(
    { sysctl: (name) => (name.endsWith('range') ? (range === '' ? null : range) : reserved) },
    {
      addresses: ports.map((port) => ({
        key: `*:${port}`,
        backlog: 1,
        endpoint: { kind: 'tcp', host: '*', port },
      })),
      upstreams,
      threads,
      maxConnections: 1000,
    },
  );
}

test('a port that the system may give away is told from its first to its last, unless it is reserved', () => {
  const told = (port: number, reserved = '\n'): number => found({ reserved }, [port], []).length;
  assert.deepEqual([told(999), told(1000), told(1999), told(2000)], [0, 1, 1, 0]);
  assert.deepEqual(
    [told(1500, '80,1500\n'), told(1500, '1499-1501\n'), told(1500, '1501-1502\n')],
    [0, 0, 1],
  );
});

test('the cure keeps what is reserved already', () => {
  const cure = (reserved: string | null): string => {
    const [one] = found({ reserved }, [1500, 1600, 1500], []);
    assert.ok(one !== undefined && one.level === 'note');
    return one.cure;
  };
  assert.equal(cure('80\n'), 'sysctl -w net.ipv4.ip_local_reserved_ports=80,1500,1600');
  assert.equal(cure(null), 'sysctl -w net.ipv4.ip_local_reserved_ports=1500,1600');
});

test('each server of an upstream can have as many connections as there are ports', () => {
  const levels = (tcpServers: number, threads: number): readonly string[] =>
    found({}, [], [{ name: 'app', tcpServers }], threads).map(({ level }) => level);
  assert.deepEqual(
    [levels(1, 1), levels(1, 2), levels(2, 2), levels(2, 3)],
    [['ok'], ['note'], ['ok'], ['note']],
  );
  assert.deepEqual(levels(0, 9), ['ok'], 'unix sockets need no ports');
});

test('a system that does not tell its range is not judged', () => {
  assert.deepEqual(found({ range: '' }, [1500], [{ name: 'app', tcpServers: 1 }], 9), []);
});
