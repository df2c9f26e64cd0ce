import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDescriptors } from './descriptors.ts';

const DEMAND: Parameters<typeof checkDescriptors>[1] = {
  threads: 2,
  maxConnections: 1000,
  addresses: [],
  logs: ['/a', '/b'],
  upstreams: [],
};
const PROXY = { ...DEMAND, upstreams: [{ name: 'app', tcpServers: 1 }] };
// 40 for the process, and for each of two threads 15, two logs and 1000 connections.
const OWN = 40 + 2 * (15 + 2 + 1000);

function levels(
  hard: number | null,
  demand = DEMAND,
  fileNr: string | null = null,
): readonly string[] {
  return checkDescriptors(
    {
      descriptors: { hard, of: 'this shell' },
      sysctl: (name) => (name === 'fs.file-nr' ? fileNr : null),
    },
    demand,
  ).map(({ level }) => level);
}

test('as many descriptors as connections, logs and addresses take are enough, one less is not', () => {
  assert.deepEqual(levels(OWN), ['ok']);
  assert.deepEqual(levels(OWN - 1), ['problem']);
  assert.deepEqual(levels(Infinity), ['ok']);
  assert.deepEqual(levels(null), ['ok']);
});

test('an address takes two descriptors a thread, and one where there is a single thread', () => {
  const address = {
    key: '*:1',
    backlog: 1,
    endpoint: { kind: 'tcp', host: '*', port: 1 },
  } as const;
  assert.deepEqual(levels(OWN + 4, { ...DEMAND, addresses: [address] }), ['ok']);
  assert.deepEqual(levels(OWN + 3, { ...DEMAND, addresses: [address] }), ['problem']);
  const single = { ...DEMAND, threads: 1, addresses: [address] };
  const needed = 40 + 15 + 2 + 1000 + 1;
  assert.deepEqual([levels(needed, single), levels(needed - 1, single)], [['ok'], ['problem']]);
});

test('with upstreams every connection may need a second one: less than that is a note', () => {
  assert.deepEqual(levels(OWN + 2000, PROXY), ['ok']);
  assert.deepEqual(levels(OWN + 1999, PROXY), ['note']);
  assert.deepEqual(levels(OWN, PROXY), ['note']);
  assert.deepEqual(levels(OWN - 1, PROXY), ['problem']);
});

test('what the sockets and logs leave for connections is told, and where they do not fit either', () => {
  const told = (hard: number): string => {
    const [found] = checkDescriptors(
      { descriptors: { hard, of: 'this shell' }, sysctl: () => null },
      DEMAND,
    );
    assert.ok(found !== undefined && found.level !== 'ok');
    return found.why;
  };
  assert.match(told(75), /From about 1 connections/);
  assert.match(told(74), /alone take 74: the server may not start/);
});

test('what is left of the descriptors of the machine has to suffice, too', () => {
  assert.deepEqual(levels(OWN, DEMAND, `100\t0\t${OWN + 100}\n`), ['ok']);
  assert.deepEqual(levels(OWN, DEMAND, `101\t0\t${OWN + 100}\n`), ['ok', 'note']);
});
