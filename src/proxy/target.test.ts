import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolvePath } from '../http/message/index.ts';
import { type TargetSource, upstreamTarget } from './target.ts';

function sourceOf(target: string, changes: Partial<TargetSource> = {}): TargetSource {
  const question = target.indexOf('?');
  const path = question < 0 ? target : target.slice(0, question);
  const query = question < 0 ? null : target.slice(question + 1);
  return {
    path: resolvePath(path, { mergeSlashes: true }) ?? path,
    query,
    redirects: 0,
    request: { path, query },
    host: { mergeSlashes: true },
    ...changes,
  };
}

for (const target of [
  '/',
  '/a/b?c=d',
  '/a%2Fb',
  '/a//b/./c/../d',
  '/%41?%20',
  '/a;x=1',
  '/\xe4"<>',
  '*',
  '/a?',
] as const) {
  test(`without a URI ${JSON.stringify(target)} goes on as it came`, () => {
    assert.equal(upstreamTarget(sourceOf(target), null, '/'), target);
  });
}

for (const [target, uri, prefix, expected] of [
  ['/app/x', '/', '/app/', '/x'],
  ['/app/x', '/y/', '/app/', '/y/x'],
  ['/app/x', '/y', '/app/', '/yx'],
  ['/app/x?a=b', '/y/', '/app/', '/y/x?a=b'],
  ['/app/', '/y/', '/app/', '/y/'],
  ['/app/x?', '/y/', '/app/', '/y/x'],
  ['/app', '/y', '/app', '/y'],
  ['/app//x/../z', '/y/', '/app/', '/y/z'],
  ['/app/a%20b%2Fc', '/y/', '/app/', '/y/a%20b/c'],
  ['/app/%3fx', '/', '/app/', '/%3Fx'],
  ['/app/%25', '/', '/app/', '/%25'],
  ['/app/%e4"', '/', '/app/', '/%E4%22'],
  ['/app/"', '/', '/app/', '/"'],
  ['/app/%41"<>\\^`{|}', '/', '/app/', '/A%22%3C%3E%5C%5E%60%7B%7C%7D'],
  ['/app/%0d%0aX:y', '/', '/app/', '/%0D%0AX:y'],
  ['/a%70p/x', '/y/', '/app/', '/y/x'],
  ['/x/y.php', '/z', null, '/z/x/y.php'],
] as const) {
  test(`${target} with ${uri} in the place of ${prefix} is ${expected}`, () => {
    assert.equal(upstreamTarget(sourceOf(target), uri, prefix), expected);
  });
}

test('a path that was rewritten goes on encoded, with its own query', () => {
  const rewritten = sourceOf('/old?q', { path: '/new page', query: 'r=1', redirects: 1 });
  assert.equal(upstreamTarget(rewritten, null, '/'), '/new%20page?r=1');
  const spaced = sourceOf('/old', { path: '/new page' });
  assert.equal(upstreamTarget(spaced, null, '/'), '/new%20page');
});
