import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basicUser } from './basic-user.ts';

function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials, 'latin1').toString('base64')}`;
}

test('the user is what nginx 1.22 was seen to log', () => {
  assert.equal(basicUser(basic('us"er:pw')), 'us"er');
  assert.equal(basicUser(basic('nocolon')), null);
  assert.equal(basicUser(basic(':pw')), null);
  assert.equal(basicUser('Basic !!!!'), null);
  assert.equal(basicUser('basic   Ym9iOng'), 'bob');
});

test('only the first colon counts, and bytes stay bytes', () => {
  assert.equal(basicUser(basic('a:b:c')), 'a');
  assert.equal(basicUser(basic('\xe9\x00\n:x')), '\xe9\x00\n');
});

test('other schemes and malformed credentials name nobody', () => {
  for (const value of ['', 'Basic', 'Basic ', 'Bearer abc', 'Basic YTpi=YTpi', 'Basic YTpi YTpi']) {
    assert.equal(basicUser(value), null, value);
  }
  for (const value of ['Basic =', 'Basic ==', 'Basic YTpiY', 'Basic YTpi===', 'Basic YTp-']) {
    assert.equal(basicUser(value), null, value);
  }
});
