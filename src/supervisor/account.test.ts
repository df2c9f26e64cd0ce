import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accountOf, type Accounts, judgeAccounts } from './account.ts';

const USERS: Readonly<Record<string, readonly [uid: string, gid: string, group: string]>> = {
  nobody: ['65534', '65534', 'nogroup'],
  web: ['33', '33', 'web'],
};
const accounts: Accounts = {
  id: (word, name = '') => {
    const own = name === '33' ? 'web' : name;
    const user = new Map(Object.entries(USERS)).get(own);
    if (user === undefined) return null;
    return word === '-un' ? own : (user.at(['-u', '-g', '-gn'].indexOf(word)) ?? null);
  },
  group: (name) => (name === 'adm' ? 4 : null),
};

test('who is not root stays who it is, whatever the configuration says', () => {
  assert.equal(accountOf({ user: 'web' }, accounts, false), null);
  assert.equal(accountOf({ user: 'nothing' }, accounts, false), null);
});

test('root serves as nobody unless a user is named, and in its main group unless one is', () => {
  assert.deepEqual(accountOf({}, accounts, true), {
    name: 'nobody',
    uid: 65534,
    group: 'nogroup',
    gid: 65534,
  });
  assert.deepEqual(accountOf({ user: 'web' }, accounts, true), {
    name: 'web',
    uid: 33,
    group: 'web',
    gid: 33,
  });
  assert.deepEqual(accountOf({ user: '33' }, accounts, true), {
    name: 'web',
    uid: 33,
    group: 'web',
    gid: 33,
  });
  assert.deepEqual(accountOf({ user: 'web', group: 'adm' }, accounts, true), {
    name: 'web',
    uid: 33,
    group: 'adm',
    gid: 4,
  });
});

for (const [options, message] of [
  [{ user: 'ghost' }, /no user "ghost"/],
  [{ user: '4242' }, /no user with the number 4242/],
  [{ user: '--help' }, /no user "--help"/],
  [{ user: 'web', group: 'ghosts' }, /no group "ghosts"/],
] as const)
  test(`${JSON.stringify(options)} is told when the configuration is read, and never served`, () => {
    assert.throws(() => accountOf(options, accounts, true), message);
    const faults = judgeAccounts(accounts)(options, []);
    assert.equal(faults.length, 1);
    assert.match(faults[0]?.fault.message ?? '', message);
    assert.deepEqual(faults[0]?.path, ['group' in options ? 'group' : 'user']);
  });

test('what is of the wrong type is for the schema to tell', () => {
  for (const input of [null, 1, [], {}, { user: 5, group: true }, { user: '' }])
    assert.deepEqual(judgeAccounts(accounts)(input, []), []);
  assert.deepEqual(judgeAccounts(accounts)({ user: 'web', group: 'adm' }, []), []);
});

test('the system knows root, and nobody of no name', () => {
  const told = (input: object): readonly unknown[] =>
    judgeAccounts()(input, []).map(({ path }) => path[0]);
  assert.deepEqual(told({ user: 'root' }), []);
  assert.deepEqual(told({ user: 'no-such-user-here', group: 'no-such-group-here' }), [
    'user',
    'group',
  ]);
});
