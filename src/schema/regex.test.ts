import assert from 'node:assert/strict';
import { test } from 'node:test';
import { regexFault } from './regex.ts';

test('an expression that compiles has no fault', () => {
  assert.equal(regexFault('^/a(b|c)+$'), undefined);
});

test('an expression that does not compile has the reason of the engine, once', () => {
  assert.equal(
    regexFault('(')?.message,
    'The regular expression "(" is not valid: Unterminated group',
  );
  assert.match(regexFault('[')?.message ?? '', /: Unterminated character class$/);
  assert.match(regexFault('a: **')?.message ?? '', /: Nothing to repeat$/);
});
