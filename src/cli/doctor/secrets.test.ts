import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Standing } from './access.ts';
import { checkSecrets } from './secrets.ts';

function told(
  modes: Readonly<Record<string, number>>,
  keys: readonly string[],
  tokenFile?: string,
): readonly string[] {
  const look = (path: string): Standing | null =>
    modes[path] === undefined ? null : { uid: 0, gid: 0, mode: modes[path], kind: 'file' };
  const endpoint = { kind: 'tcp', host: '127.0.0.1', port: 9000 } as const;
  const administration = { endpoint, isNamed: true, tokenFile };
  return checkSecrets({ look }, { keys, administration }).map(
    (finding) =>
      `${finding.level}: ${finding.what}${finding.level === 'ok' ? '' : ` | ${finding.cure}`}`,
  );
}

test('without a secret nothing is told; what only its owner reads is well', () => {
  assert.deepEqual(told({}, []), []);
  assert.deepEqual(told({ '/k': 0o600 }, ['/k']), [
    'ok: 1 file with a secret is closed to other users',
  ]);
  assert.deepEqual(told({ '/k': 0o400, '/t': 0o600 }, ['/k'], '/t'), [
    'ok: 2 files with secrets are closed to other users',
  ]);
});

test('a key that everybody reads is a problem, one of a group is none; a token is for nobody else at all', () => {
  assert.deepEqual(told({ '/a b': 0o644, '/k': 0o640 }, ['/a b', '/k']), [
    "problem: Every user of this machine can read the private key /a b | chmod 600 '/a b'",
  ]);
  for (const mode of [0o640, 0o604])
    assert.deepEqual(told({ '/t': mode }, [], '/t'), [
      'problem: Other users can read the token /t | chmod 600 /t',
    ]);
});

test('a file that is not there is told elsewhere', () => {
  assert.deepEqual(told({}, ['/k'], '/t'), ['ok: 2 files with secrets are closed to other users']);
});
