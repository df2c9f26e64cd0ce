import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fields } from '../http/message/index.ts';
import { defaultRewrites, rewriteRedirects } from './redirect-rewrite.ts';

for (const [location, uri, prefix, expected] of [
  ['http://back.test:81/two/x?y', '/two/', '/one/', '/one/x?y'],
  ['http://back.test:81/three/', '/two/', '/one/', 'http://back.test:81/three/'],
  ['http://back.test:81/x', null, '/one/', '/x'],
  ['http://shop/x', null, '/one/', '/x'],
  ['http://back.test:8100/x', null, '/one/', 'http://back.test:8100/x'],
  ['https://back.test:81/x', null, '/one/', 'https://back.test:81/x'],
  ['http://elsewhere.test/x', null, '/one/', 'http://elsewhere.test/x'],
  ['/x', '/two/', '/one/', '/x'],
  ['http://back.test:81/two/x', '/two/', null, '/x'],
] as const) {
  test(`by default ${location} (URI ${uri}, route ${prefix}) becomes ${expected}`, () => {
    const fields = Fields.of(['Location', location], ['Refresh', `5; URL=${location}`]);
    rewriteRedirects(fields, defaultRewrites(['back.test:81', 'shop'], uri, prefix));
    assert.equal(fields.valueAt(0), expected);
    assert.equal(fields.valueAt(1), `5; URL=${expected}`);
  });
}

test('rewrites of one’s own replace beginnings, the first that fits', () => {
  const rewrites = [
    ['http://a/', 'https://b/'],
    ['http://', '//'],
  ] as const;
  for (const [before, after] of [
    ['http://a/x', 'https://b/x'],
    ['http://c/x', '//c/x'],
    ['/x', '/x'],
  ] as const) {
    const fields = Fields.of(['Location', before]);
    rewriteRedirects(fields, rewrites);
    assert.equal(fields.valueAt(0), after);
  }
  const refresh = Fields.of(['Refresh', '5']);
  rewriteRedirects(refresh, rewrites);
  assert.equal(refresh.valueAt(0), '5');
});
