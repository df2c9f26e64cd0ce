import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fields } from '../http/message/index.ts';
import { stickyRoute } from './sticky.ts';

for (const [what, path, cookies, route] of [
  ['nothing', '/a', [], null],
  ['a cookie', '/a', ['JSESSIONID=abc.node1'], 'node1'],
  ['a cookie among others', '/a', ['x=y.z; JSESSIONID=abc.node1; b=c.d'], 'node1'],
  ['a second Cookie field', '/a', ['x=y.z', 'JSESSIONID=abc.node1'], 'node1'],
  ['a quoted cookie', '/a', ['JSESSIONID="abc.node1"'], 'node1'],
  ['an id with dots', '/a', ['JSESSIONID=a.b.node1'], 'node1'],
  ['an id without a route', '/a', ['JSESSIONID=abc'], null],
  ['an id with an empty route', '/a', ['JSESSIONID=abc.'], null],
  ['a cookie of another name', '/a', ['XJSESSIONID=abc.node1'], null],
  ['a cookie in another case', '/a', ['jsessionid=abc.node1'], null],
  ['a path parameter', '/a;jsessionid=abc.node2', [], 'node2'],
  ['a path parameter in the middle', '/a;x=1;jsessionid=abc.node2;y=2/b.c', [], 'node2'],
  ['a path parameter of a segment', '/a;jsessionid=abc.node2/b.node3', [], 'node2'],
  ['a path parameter whose name only begins so', '/a;jsessionidx=abc.node2', [], null],
  ['both, of which the path counts', '/a;jsessionid=abc.node2', ['JSESSIONID=abc.node1'], 'node2'],
  [
    'a path without a route beside a cookie',
    '/a;jsessionid=abc',
    ['JSESSIONID=abc.node1'],
    'node1',
  ],
] as const) {
  test(`${what}: ${route === null ? 'no route' : `the route ${route}`}`, () => {
    const fields = Fields.of(...cookies.map((value) => ['Cookie', value] as const));
    assert.equal(stickyRoute('JSESSIONID', path, fields), route);
  });
}
