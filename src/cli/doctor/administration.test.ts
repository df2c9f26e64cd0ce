import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Standing } from './access.ts';
import { checkAdministration } from './administration.ts';
import type { Demand } from './demand.ts';
import type { AddressTrial, PidFileFact } from './machine.ts';

const SELF = { name: 'root', uid: 0, gids: [0] };
const OWN = { uid: 0, gid: 0, mode: 0o755, kind: 'directory' } as const;
const UNIX = { kind: 'unix', path: '/run/daemun/c.sock' } as const;
const TCP = { kind: 'tcp', host: '127.0.0.1', port: 9000 } as const;
const RUNS = { path: '/p', pid: 7, program: 'node daemun' };

interface Facts {
  readonly directory?: Standing | null;
  readonly code?: string;
  readonly pidFiles?: readonly PidFileFact[];
}

function told(
  administration: Demand['administration'],
  { directory = OWN, code, pidFiles = [] }: Facts = {},
): readonly string[] {
  const adminTrial: AddressTrial | null =
    code === undefined ? null : { key: 'place', code, message: 'no' };
  const look = (path: string): Standing | null => (path === '/run/daemun' ? directory : null);
  return checkAdministration({ adminTrial, pidFiles, look, self: SELF }, { administration }).map(
    ({ level, what }) => `${level}: ${what}`,
  );
}
const usual = { endpoint: UNIX, isNamed: false, tokenFile: undefined };
const named = { endpoint: TCP, isNamed: true, tokenFile: '/t' };

test('no administration is no finding; a place that can be opened is well, also where its directory is not made yet', () => {
  assert.deepEqual(told(null), []);
  const well = ['ok: unix:/run/daemun/c.sock can be opened'];
  assert.deepEqual(told(usual), well);
  assert.deepEqual(told(usual, { directory: null, code: 'ENOENT' }), well);
  assert.deepEqual(told(named), ['ok: 127.0.0.1:9000 can be opened']);
});

test('a run directory of somebody else, or that others may write to, is a problem', () => {
  const wrong: readonly Standing[] = [
    { ...OWN, uid: 1 },
    { ...OWN, mode: 0o775 },
    { ...OWN, mode: 0o757 },
    { ...OWN, kind: 'file' },
  ];
  for (const directory of wrong)
    assert.deepEqual(told(usual, { directory }), [
      'problem: /run/daemun belongs to somebody else, or others may write there',
    ]);
  // Whoever names a place answers for its directory.
  const own = { ...usual, isNamed: true };
  assert.deepEqual(told(own, { directory: { ...OWN, uid: 1 } }), [
    'ok: unix:/run/daemun/c.sock can be opened',
  ]);
});

test('a place in use is well where Daemun runs, and a note otherwise; one that cannot be opened is a problem', () => {
  assert.deepEqual(told(usual, { code: 'EADDRINUSE', pidFiles: [RUNS] }), [
    'ok: unix:/run/daemun/c.sock, in use as by process 7',
  ]);
  assert.deepEqual(told(named, { code: 'EADDRINUSE' }), [
    'note: A server answers at 127.0.0.1:9000',
  ]);
  assert.match(told(named, { code: 'EADDRNOTAVAIL' })[0] ?? '', /^problem: /);
});
