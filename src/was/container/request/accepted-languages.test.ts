import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptedLanguages } from './accepted-languages.ts';

test('acceptedLanguages sorts by quality and keeps the order of equals', () => {
  assert.deepEqual(acceptedLanguages('ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7'), [
    'ko-KR',
    'ko',
    'en-US',
    'en',
  ]);
  assert.deepEqual(acceptedLanguages('en;q=0.5, fr ;q=1.0 , de; q=0.500'), ['fr', 'en', 'de']);
});

test('acceptedLanguages leaves out what is refused, everything, or malformed', () => {
  assert.deepEqual(acceptedLanguages('*, en;q=0, fr;q=0.000, de;q=2, it;q=, x y, , ko;q=0.001'), [
    'ko',
  ]);
  assert.deepEqual(acceptedLanguages('toolonglanguage, en_US, en-'), []);
  assert.deepEqual(acceptedLanguages(''), []);
  assert.deepEqual(acceptedLanguages(null), []);
});

test('acceptedLanguages looks at no more than a hundred', () => {
  assert.equal(acceptedLanguages(`${'en,'.repeat(5000)}ko`).length, 100);
});
