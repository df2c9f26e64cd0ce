import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { Secret } from './secret.ts';

test('a secret is known by its text alone, and shows nothing of it', () => {
  const secret = new Secret('between us');
  assert.ok(secret.is('between us'));
  for (const other of ['', 'between u', 'between us ', 'Between us', 'between\0us'])
    assert.equal(secret.is(other), false, other);
  for (const shown of [inspect(secret, { depth: 9 }), JSON.stringify(secret)])
    assert.ok(!shown.includes('between'));
});
