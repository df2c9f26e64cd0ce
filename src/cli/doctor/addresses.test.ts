import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkAddresses } from './addresses.ts';
import type { Finding } from './finding.ts';
import type { AddressTrial, Machine } from './machine.ts';

const ADDRESSES = [
  { key: '*:80', backlog: 1, endpoint: { kind: 'tcp', host: '*', port: 80 } },
  { key: 'unix:/x', backlog: 1, endpoint: { kind: 'unix', path: '/x' } },
] as const;

function found(
  trials: readonly AddressTrial[],
  { uid = 0, pidFiles = [] as Machine['pidFiles'] } = {},
): readonly Finding[] {
  const self = { name: 'me', uid, gids: [uid] };
  return checkAddresses({ trials, pidFiles, self }, { addresses: ADDRESSES });
}

test('addresses that can be opened are counted', () => {
  assert.deepEqual(found([]), [
    { check: 'addresses', level: 'ok', what: '2 addresses can be opened' },
  ]);
  const none = { trials: [], pidFiles: [], self: { name: 'me', uid: 0, gids: [] } };
  assert.deepEqual(checkAddresses(none, { addresses: [] }), []);
});

test('an address in use is a note with the command that shows who has it', () => {
  const cures = ['*:80', '[::1]:443', 'unix:/x'].map((key) => {
    const [one] = found([{ key, code: 'EADDRINUSE', message: '' }]);
    assert.ok(one !== undefined && one.level === 'note');
    return one.cure;
  });
  assert.deepEqual(cures, [
    "ss -ltnp 'sport = :80'",
    "ss -ltnp 'sport = :443'",
    'ss -lxp | grep /x',
  ]);
});

test('an address in use is no finding where the pid file tells of a Daemun that runs', () => {
  const trials = [{ key: '*:80', code: 'EADDRINUSE', message: '' }];
  const file = { path: '/d.pid', pid: 7, program: 'node /opt/daemun/bin/daemun.cjs run' };
  const [one] = found(trials, { pidFiles: [file] });
  assert.deepEqual([one?.level, one?.what.includes('process 7')], ['ok', true]);
  for (const other of [
    { ...file, program: 'bash' },
    { ...file, pid: null, program: null },
  ])
    assert.equal(found(trials, { pidFiles: [other] })[0]?.level, 'note');
});

test('a low port that an ordinary user may not open is a note, for root it is a problem', () => {
  const trials = [{ key: '*:80', code: 'EACCES', message: 'permission denied' }];
  assert.equal(found(trials, { uid: 33 })[0]?.level, 'note');
  assert.equal(found(trials)[0]?.level, 'problem');
});

test('an address that no interface has is a problem for everybody', () => {
  const trials = [{ key: '192.0.2.1:80', code: 'EADDRNOTAVAIL', message: '' }];
  for (const uid of [0, 33]) assert.equal(found(trials, { uid })[0]?.level, 'problem');
});
