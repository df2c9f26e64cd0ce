import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { InheritedSocket } from './listen-sockets.ts';
import {
  inheritanceText,
  type ProcFiles,
  SOCKETS_VARIABLE,
  takeInheritance,
} from './inheritance.ts';

const PID = 4711;
const TABLES: Readonly<Record<string, string>> = {
  tcp: `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 111 1 0 100 0
   1: 00000000:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 112 1 0 100 0
`,
  tcp6: `  sl  local_address remote_address st tx_queue rx_queue tr tm->when retrnsmt uid timeout inode
   0: 00000000000000000000000000000000:01BB 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 113 1 0
   1: B80D0120000000000000000001000000:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000 0 0 114 1 0
`,
  unix: `Num       RefCount Protocol Flags    Type St Inode Path
0000000000000000: 00000002 00000000 00010000 0001 01 115 /run/a b.sock
0000000000000000: 00000003 00000000 00000000 0001 03 116
`,
};

function files(...inodes: readonly (string | null)[]): ProcFiles {
  return {
    inode: (fd) => inodes[fd - 3] ?? null,
    table: (name) => TABLES[name] ?? '',
    handed: () => '',
  };
}

function passed(count: string, pid = String(PID)): NodeJS.ProcessEnv {
  return { LISTEN_PID: pid, LISTEN_FDS: count, LISTEN_FDNAMES: 'a:b', OTHER: '1' };
}

const SOCKETS: readonly (readonly [inode: string, what: object])[] = [
  ['111', { kind: 'tcp', host: '127.0.0.1', port: 8080 }],
  ['112', { kind: 'tcp', host: '0.0.0.0', port: 80 }],
  ['113', { kind: 'tcp', host: '::', port: 443 }],
  ['114', { kind: 'tcp', host: '2001:db8:0:0:0:0:0:1', port: 81 }],
  ['115', { kind: 'unix', path: '/run/a b.sock' }],
];
for (const [inode, endpoint] of SOCKETS)
  test(`a socket that systemd passes is known by its address: ${JSON.stringify(endpoint)}`, () => {
    const environment = passed('1');
    assert.deepEqual(takeInheritance(environment, PID, files(inode)), [
      { fd: 3, endpoint, reusesPort: false, owner: 'service-manager' },
    ]);
    assert.deepEqual(environment, { OTHER: '1' }, 'no other process takes them for its own');
  });

test('several sockets are told in their order', () => {
  const found = takeInheritance(passed('3'), PID, files('115', '111', '113'));
  assert.deepEqual(
    found.map(({ fd, endpoint }) => [fd, endpoint.kind]),
    [
      [3, 'unix'],
      [4, 'tcp'],
      [5, 'tcp'],
    ],
  );
});

test('what is meant for another process, or for none, is nothing', () => {
  for (const environment of [{}, passed('1', '1'), passed('0'), passed('x'), { LISTEN_FDS: '1' }])
    assert.deepEqual(takeInheritance(environment, PID, files('111')), []);
});

for (const inode of [null, '116', '999'])
  test(`a descriptor that does not listen (${inode}) is told`, () => {
    assert.throws(
      () => takeInheritance(passed('1'), PID, files(inode)),
      /Descriptor 3.*no listening/,
    );
  });

test('the sockets of the supervisor before are those that it told', () => {
  const sockets: readonly InheritedSocket[] = [
    { fd: 3, endpoint: { kind: 'unix', path: '/run/x' }, reusesPort: false },
    {
      fd: 4,
      endpoint: { kind: 'tcp', host: '*', port: 80 },
      reusesPort: true,
      owner: 'service-manager',
    },
  ];
  const environment: NodeJS.ProcessEnv = {
    ...passed('1'),
    [SOCKETS_VARIABLE]: '7',
  };
  const handed = (fd: number): string => (fd === 7 ? inheritanceText(sockets, 4700) : '');
  assert.deepEqual(
    takeInheritance(environment, PID, { ...files('111'), handed }),
    sockets.map((socket) => ({ owner: 4700, ...socket })),
  );
  assert.deepEqual(environment, { OTHER: '1' });
});

for (const [marker, list, message] of [
  ['', '', /^Error: DAEMUN_SOCKETS=: that is no descriptor\. .*take it out of the environment$/],
  ['[]', '', /^Error: DAEMUN_SOCKETS=\[\]: that is no descriptor/],
  ['3', '', /cannot be read from this descriptor/],
  ['3', '[]', /is no list/],
  ['3', '{"from":1,"sockets":{}}', /is no list/],
  ['3', '{"sockets":[]}', /is no list/],
  ['3', '{"from":1,"sockets":[7]}', /entry 1 of the list is no socket: 7/],
  ['3', '{"from":1,"sockets":[{"fd":4}]}', /entry 1 of the list is no socket: \{"fd":4\}/],
  [
    '3',
    '{"from":1,"sockets":[{"fd":4,"reusesPort":true,"endpoint":{"kind":"tcp","host":"::","port":65536}}]}',
    /entry 1 of the list is no socket/,
  ],
] as const)
  test(`a list of sockets that is none is told: ${marker} ${list}`, () => {
    const environment = { [SOCKETS_VARIABLE]: marker };
    assert.throws(
      () => takeInheritance(environment, PID, { ...files(), handed: () => list }),
      message,
    );
    assert.deepEqual(environment, {});
  });
