import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type BodyKind, preferredKind } from './error-body-kind.ts';

const BROWSER =
  'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';

const CASES: readonly (readonly [accept: string | null, kind: BodyKind])[] = [
  [null, 'html'],
  ['', 'html'],
  ['*/*', 'html'],
  [BROWSER, 'html'],
  ['application/json', 'json'],
  ['Application/JSON', 'json'],
  ['application/json, text/plain, */*', 'json'],
  ['application/json, text/plain;q=0.9, */*;q=0.1', 'json'],
  ['application/json, */*;q=0.5', 'json'],
  ['text/plain', 'text'],
  ['text/*', 'html'],
  ['text/*;q=0.5, application/*', 'json'],
  ['text/html;q=0.4, text/plain;q=0.5', 'text'],
  ['text/html;q=0, */*', 'json'],
  ['text/html;q=0, application/json;q=0, */*', 'text'],
  ['application/json;q=0', 'html'],
  ['image/png', 'html'],
  ['application/json;v=1; q=0.2 ,text/plain ; q=0.3', 'text'],
  ['application/json;q=1.1', 'html'],
  ['application/json;q=x, text/plain;q=0.001', 'text'],
  ['application/json;q=0.1234, text/plain;q=0.001', 'text'],
  ['application/json;q=, text/plain;q=0.001', 'text'],
  ['application/json;q=1.000', 'json'],
  ['application/json;Q=0.1, text/plain;q=0.2', 'text'],
  ['application/json;q=15, text/plain;q=0.5', 'text'],
  ['application/json;q=0.9:, text/plain;q=0.5', 'text'],
  ['application/json;q=0./, text/plain;q=0.5', 'text'],
  ['application/json;q=0x9, text/plain;q=0.5', 'text'],
  ['application/json;q=0.9, application/json;q=0.1, text/plain;q=0.5', 'json'],
  [', ,;,', 'html'],
  [`${'a/b,'.repeat(300)}application/json`, 'html'],
];

test('the form is the one that Accept weighs most, and HTML where it does not decide', () => {
  for (const [accept, kind] of CASES) assert.equal(preferredKind(accept), kind, String(accept));
});
