import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fields } from '../http/message/index.ts';
import { rewriteCookies } from './cookie-rewrite.ts';

const REWRITES = {
  domain: [
    ['back.test', 'site.test'],
    ['.other.test', 'third.test'],
  ],
  path: [
    ['/app/', '/shop/'],
    ['/app', '/x'],
  ],
} as const;

for (const [before, after] of [
  ['a=b', 'a=b'],
  ['a=b; domain=back.test', 'a=b; domain=site.test'],
  ['a=b; Domain=.BACK.test; HttpOnly', 'a=b; Domain=.site.test; HttpOnly'],
  ['a=b; Domain=sub.back.test', 'a=b; Domain=sub.back.test'],
  ['a=b; Domain=other.test', 'a=b; Domain=third.test'],
  ['a=b; Path=/app/x; Secure', 'a=b; Path=/shop/x; Secure'],
  ['a=b; Path=/app', 'a=b; Path=/x'],
  ['a=b; Path=/App/', 'a=b; Path=/App/'],
  ['a="q r"; Path=/app/; Domain=back.test', 'a="q r"; Path=/shop/; Domain=site.test'],
  ['no cookie', 'no cookie'],
] as const) {
  test(`${before} becomes ${after}`, () => {
    const fields = Fields.of(['Set-Cookie', 'z=1'], ['Set-Cookie', before]);
    rewriteCookies(fields, REWRITES);
    assert.equal(fields.valueAt(0), 'z=1');
    assert.equal(fields.valueAt(1), after);
  });
}
