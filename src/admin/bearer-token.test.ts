import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import { test } from 'node:test';
import { BearerToken } from './bearer-token.ts';

const token = new BearerToken('s3cret-Token');

for (const shown of ['Bearer s3cret-Token', 'bearer s3cret-Token', 'BEARER   s3cret-Token \t']) {
  test(`"${shown}" shows the token`, () => {
    assert.equal(token.isIn(shown), true);
  });
}

const OTHERS = [
  '',
  'Bearer',
  'Bearer ',
  's3cret-Token',
  'Bearer s3cret-Toke',
  'Bearer s3cret-Tokenx',
  'Bearer xs3cret-Token',
  'Bearer s3cret-token',
  'Bearer s3cret-Token, x',
  'Bearer s3cret-Token\u00a0',
  'Bearers3cret-Token',
  'Basic s3cret-Token',
  'Bearer\ts3cret-Token',
];
for (const shown of OTHERS) {
  test(`${JSON.stringify(shown)} does not show the token`, () => {
    assert.equal(token.isIn(shown), false);
  });
}

test('a token that is empty, or that no field can carry, is refused without being repeated', () => {
  for (const bad of ['', ' ', 'a b', 'a\n', 'ä', 'a\u0000']) {
    assert.throws(
      () => new BearerToken(bad),
      (error: unknown) => error instanceof TypeError && !/ä/.test(error.message),
      JSON.stringify(bad),
    );
  }
});

test('the object that knows the token does not tell it', () => {
  assert.doesNotMatch(inspect(token, { depth: 9, showHidden: true }), /s3cret/);
});
