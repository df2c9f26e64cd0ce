import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Standing } from './access.ts';
import { checkLeftovers } from './leftovers.ts';
import type { AddressTrial, PidFileFact } from './machine.ts';

const DAEMUN = { pid: 7, program: 'node /opt/daemun/bin/daemun.cjs run' };

function told(
  pidFiles: readonly PidFileFact[],
  socket: Standing['kind'] | null = null,
  trials: readonly AddressTrial[] = [],
): readonly string[] {
  const look = (path: string): Standing | null =>
    path === '/x' && socket !== null ? { uid: 0, gid: 0, mode: 0o666, kind: socket } : null;
  const addresses = [
    { key: 'unix:/x', backlog: 1, endpoint: { kind: 'unix', path: '/x' } },
    { key: '*:80', backlog: 1, endpoint: { kind: 'tcp', host: '*', port: 80 } },
  ] as const;
  return checkLeftovers({ pidFiles, look, trials }, { addresses }).map(
    ({ level, what }) => `${level}: ${what}`,
  );
}

test('a server that runs and its pid file are no leftovers', () => {
  assert.deepEqual(told([]), ['ok: None']);
  assert.deepEqual(told([{ path: '/p', ...DAEMUN }]), ['ok: None; Daemun runs as process 7']);
});

test('a pid file of a process that is over is a note, one of another program a problem', () => {
  assert.deepEqual(told([{ path: '/p', pid: null, program: null }]), [
    'note: /p tells of a process that does not run',
  ]);
  assert.deepEqual(told([{ path: '/p', pid: 7, program: 'bash' }]), [
    'problem: /p tells of process 7, which is no Daemun: bash',
  ]);
  assert.deepEqual(told([{ path: '/p', pid: 7, program: null }]), [
    'problem: /p tells of process 7, which is no Daemun: not known',
  ]);
});

test('the process of before an upgrade that still waits is a note', () => {
  assert.deepEqual(
    told([
      { path: '/p', ...DAEMUN },
      { path: '/p.oldbin', pid: 6, program: 'node daemun' },
    ]),
    ['note: Process 6 waits since an upgrade (/p.oldbin)'],
  );
});

test('a socket that nobody answers on is a note; one that is in use, or no socket, is told elsewhere', () => {
  assert.deepEqual(told([], 'socket'), ['note: Nobody answers on the socket /x']);
  const inUse = [{ key: 'unix:/x', code: 'EADDRINUSE', message: '' }];
  assert.deepEqual(
    [told([], 'socket', inUse), told([], 'file', inUse)],
    [['ok: None'], ['ok: None']],
  );
});
