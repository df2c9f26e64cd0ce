import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contextPart, escapePath, pathParameter, readRequestPath } from './request-path.ts';

function read(raw: string): string {
  const result = readRequestPath(Buffer.from(raw, 'utf8').toString('latin1'));
  return 'path' in result ? result.path : `400 ${result.refusal}`;
}

// The examples of Jakarta Servlet 6.0 section 3.5.2.2; a query is not part of what is read here.
const EXAMPLES: readonly (readonly [raw: string, result: string])[] = [
  ['foo/bar', '400 no leading slash'],
  ['/foo/bar', '/foo/bar'],
  ['/foo/bar;jsessionid=1234', '/foo/bar'],
  ['/foo/bar/', '/foo/bar/'],
  ['/foo/bar/;jsessionid=1234', '/foo/bar/'],
  ['/foo;/bar;', '/foo/bar'],
  ['/foo;/bar;/;', '/foo/bar/'],
  ['/foo%00/bar/', '400 control character'],
  ['/foo%7Fbar', '400 control character'],
  ['/foo%2Fbar', '400 encoded slash'],
  ['/foo%2Fb%25r', '400 encoded slash'],
  ['/foo/b%25r', '/foo/b%r'],
  ['/foo\\bar', '400 backslash'],
  ['/foo%5Cbar', '400 backslash'],
  ['/foo;%2F/bar', '400 encoded slash'],
  ['/foo/./bar', '/foo/bar'],
  ['/foo/././bar', '/foo/bar'],
  ['/./foo/bar', '/foo/bar'],
  ['/foo/%2e/bar', '400 encoded dot segment'],
  ['/foo/.;/bar', '400 dot segment with parameter'],
  ['/foo/%2e;/bar', '400 encoded dot segment'],
  ['/foo/.%2Fbar', '400 encoded slash'],
  ['/foo/.%5Cbar', '400 backslash'],
  ['/foo/bar/.', '/foo/bar'],
  ['/foo/bar/./', '/foo/bar/'],
  ['/foo/bar/.;', '400 dot segment with parameter'],
  ['/foo/bar/./;', '/foo/bar/'],
  ['/foo/.bar', '/foo/.bar'],
  ['/foo/../bar', '/bar'],
  ['/foo/../../bar', '400 leading dot-dot segment'],
  ['/../foo/bar', '400 leading dot-dot segment'],
  ['/foo/%2e%2E/bar', '400 encoded dot segment'],
  ['/foo/%2e%2e/%2E%2E/bar', '400 encoded dot segment'],
  ['/foo/./../bar', '/bar'],
  ['/foo/..;/bar', '400 dot segment with parameter'],
  ['/foo/%2e%2E;/bar', '400 encoded dot segment'],
  ['/foo/..%2Fbar', '400 encoded slash'],
  ['/foo/..%5Cbar', '400 backslash'],
  ['/foo/bar/..', '/foo'],
  ['/foo/bar/../', '/foo/'],
  ['/foo/bar/..;', '400 dot segment with parameter'],
  ['/foo/bar/../;', '/foo/'],
  ['/foo/..bar', '/foo/..bar'],
  ['/foo//bar', '/foo/bar'],
  ['//foo//bar//', '/foo/bar/'],
  ['/;/foo;/;/bar/;/;', '400 empty segment with parameter'],
  ['/foo//../bar', '/bar'],
  ['/foo/;/../bar', '400 empty segment with parameter'],
  ['/foo%E2%82%ACbar', '/foo€bar'],
  ['/foo%20bar', '/foo bar'],
  ['/foo%E2%82', '400 not UTF-8'],
  ['/foo%E2%82bar', '400 not UTF-8'],
  ['/foo%-1/bar', '400 broken escape'],
  ['/foo%XX/bar', '400 broken escape'],
  ['/foo%/bar', '400 broken escape'],
  ['/foo/bar%0', '400 broken escape'],
  ['/good%20/bad%/%20mix%', '400 broken escape'],
  ['/foo/bar#f', '400 fragment'],
  ['/', '/'],
  ['//', '/'],
  ['/;/', '400 empty segment with parameter'],
  ['/.', '/'],
  ['/..', '400 leading dot-dot segment'],
  ['/./', '/'],
  ['/../', '400 leading dot-dot segment'],
  ['./foo/bar/', '400 no leading slash'],
  ['', '400 no leading slash'],
];

test('readRequestPath answers the examples of the specification', () => {
  for (const [raw, result] of EXAMPLES) assert.equal(read(raw), result, raw);
});

test('readRequestPath takes bytes that were not escaped as UTF-8 too', () => {
  assert.equal(read('/대문'), '/대문');
  assert.equal(read('/%EB%8C%80%EB%AC%B8'), '/대문');
  assert.deepEqual(readRequestPath('/\xeb\x8c'), { refusal: 'not UTF-8' });
});

test('readRequestPath refuses what is UTF-8 in a longer form than it needs, and halves of pairs', () => {
  for (const raw of [
    '/%C0%AF',
    '/%C0%AE%C0%AE/',
    '/%E0%80%AF',
    '/%ED%A0%80',
    '/%F4%90%80%80',
    '/%80',
  ]) {
    assert.equal(read(raw), '400 not UTF-8', raw);
  }
});

test('readRequestPath looks at parameters as well', () => {
  for (const [raw, refusal] of [
    ['/a;b=\\/c', 'backslash'],
    ['/a;b=%5C', 'backslash'],
    ['/a;b=%00/c', 'control character'],
    ['/a;b=\x7f', 'control character'],
    ['/a;b=%zz', 'broken escape'],
    ['/a;%2f', 'encoded slash'],
  ] as const) {
    assert.equal(read(raw), `400 ${refusal}`, raw);
  }
  assert.equal(read('/a;b=%E9;%3B=./c'), '/a/c');
});

test('readRequestPath decodes once', () => {
  assert.equal(read('/a%252Fb'), '/a%2Fb');
  assert.equal(read('/%252e%252e/a'), '/%2e%2e/a');
});

test('readRequestPath refuses every control character, plain and escaped', () => {
  for (let code = 0; code < 256; code++) {
    const refused = code < 0x20 || code === 0x7f;
    if (code >= 0x80 || code === 0x2f || code === 0x5c) continue;
    const escape = `%${code.toString(16).padStart(2, '0')}`;
    assert.equal(read(`/a${escape}b`).startsWith('400'), refused, escape);
    if (refused) assert.equal(read(`/a${String.fromCharCode(code)}b`), '400 control character');
  }
});

test('readRequestPath keeps a byte order mark, which is a character of a name', () => {
  assert.equal(read('/%EF%BB%BFa'), '/\uFEFFa');
});

test('contextPart finds the context in every spelling', () => {
  assert.equal(contextPart('/shop/a', ''), '');
  assert.equal(contextPart('/shop/a', '/shop'), '/shop');
  assert.equal(contextPart('/shop', '/shop'), '/shop');
  assert.equal(contextPart('/shop;v=1/a', '/shop'), '/shop;v=1');
  assert.equal(contextPart('/%73hop/a', '/shop'), '/%73hop');
  assert.equal(contextPart('//shop/a', '/shop'), '/shop');
  assert.equal(contextPart('///x//..//shop/a', '/shop'), '/x//..//shop');
  assert.equal(contextPart('/x/../shop/a', '/shop'), '/x/../shop');
  assert.equal(contextPart('/a/b/c', '/a/b'), '/a/b');
  assert.equal(contextPart('/a;x/b;y/c', '/a/b'), '/a;x/b;y');
  assert.equal(contextPart('/shop;jsessionid=1', '/shop'), '/shop;jsessionid=1');
  assert.equal(contextPart('/caf%C3%A9/x', '/café'), '/caf%C3%A9');
});

test('contextPart takes no longer for a path that turns back again and again', () => {
  const turns = '/x/..'.repeat(20_000);
  assert.equal(contextPart(`${turns}/shop/a`, '/shop'), `${turns}/shop`);
});

test('pathParameter finds a parameter in any segment', () => {
  assert.equal(pathParameter('/a/b', 'jsessionid'), null);
  assert.equal(pathParameter('/a;jsessionid=1/b', 'jsessionid'), '1');
  assert.equal(pathParameter('/a;x=1;jsessionid=2.r;y/b', 'jsessionid'), '2.r');
  assert.equal(pathParameter('/a;jsessionid=1/b;jsessionid=2', 'jsessionid'), '2');
  assert.equal(pathParameter('/a;jsessionid=', 'jsessionid'), '');
  assert.equal(pathParameter('/a;jsessionids=1', 'jsessionid'), null);
});

test('escapePath gives a path that is read as the same again', () => {
  for (const [path, escaped] of [
    ['', ''],
    ['/app', '/app'],
    ['/카페/a b', '/%EC%B9%B4%ED%8E%98/a%20b'],
    ['/a;b', '/a%3Bb'],
    ['/a?b#c', '/a%3Fb%23c'],
    ['/50%', '/50%25'],
  ] as const) {
    assert.equal(escapePath(path), escaped);
    if (path !== '') assert.deepEqual(readRequestPath(escaped), { path });
  }
});
