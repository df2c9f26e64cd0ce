import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  argument,
  decodePath,
  encodePath,
  normalizePath,
  parseTarget,
  resolvePath,
} from './uri.ts';

const MERGE = { mergeSlashes: true };
const KEEP = { mergeSlashes: false };
const latin1 = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
});
const pathLike = fc.string({
  unit: fc.constantFrom('/', '/', '.', '..', 'a', '%2e', '%2f', '%25', '%00', '%', 'b', '//', '\0'),
});

test('the origin form is split at the first question mark and left as it is', () => {
  const rows: readonly (readonly [string, string, string | null])[] = [
    ['/', '/', null],
    ['/a', '/a', null],
    ['/?', '/', ''],
    ['/a?b', '/a', 'b'],
    ['/a?b?c', '/a', 'b?c'],
    ['/a%3fb?c', '/a%3fb', 'c'],
    ['/a?/../b', '/a', '/../b'],
    ['//host/a', '//host/a', null],
    ['/a/../%2e', '/a/../%2e', null],
    ['/http://a', '/http://a', null],
    ['/"<>\\^`{|}\x80\xff?"\xff', '/"<>\\^`{|}\x80\xff', '"\xff'],
  ];
  for (const method of ['GET', 'OPTIONS', 'M-SEARCH', 'connect']) {
    for (const [target, path, query] of rows) {
      assert.deepEqual(
        parseTarget(method, target),
        { form: 'origin', scheme: null, host: null, path, query },
        target,
      );
    }
  }
});

test('the absolute form names scheme and host', () => {
  const rows: readonly (readonly [
    string,
    'http' | 'https',
    string,
    number,
    string,
    string | null,
  ])[] = [
    ['http://h', 'http', 'h', -1, '/', null],
    ['http://h/', 'http', 'h', -1, '/', null],
    ['HTTP://H:81/A', 'http', 'h', 81, '/A', null],
    ['https://h?x', 'https', 'h', -1, '/', 'x'],
    ['https://h?/x/y', 'https', 'h', -1, '/', '/x/y'],
    ['http://h?', 'http', 'h', -1, '/', ''],
    ['hTTps://[::1]:1//a?b', 'https', '[::1]', 1, '//a', 'b'],
    ['http://h:/a', 'http', 'h', -1, '/a', null],
  ];
  for (const [target, scheme, name, port, path, query] of rows) {
    assert.deepEqual(
      parseTarget('GET', target),
      { form: 'absolute', scheme, host: { name, port }, path, query },
      target,
    );
  }
  assert.equal(parseTarget('OPTIONS', 'http://h')?.path, '*');
  assert.equal(parseTarget('OPTIONS', 'http://h/')?.path, '/');
  assert.equal(parseTarget('OPTIONS', 'http://h?')?.path, '/');
});

test('the asterisk belongs to OPTIONS and the authority to CONNECT', () => {
  assert.deepEqual(parseTarget('OPTIONS', '*'), {
    form: 'asterisk',
    scheme: null,
    host: null,
    path: '*',
    query: null,
  });
  for (const method of ['GET', 'options', 'CONNECT', ''])
    assert.equal(parseTarget(method, '*'), null);
  assert.deepEqual(parseTarget('CONNECT', 'A.b:443'), {
    form: 'authority',
    scheme: null,
    host: { name: 'a.b', port: 443 },
    path: '',
    query: null,
  });
  for (const bad of [
    'a',
    'a:',
    'a:0',
    'a:65536',
    ':443',
    '/',
    '/a',
    'http://a:80',
    'a:443/',
    'a:443?x',
    'u@a:443',
    '*:443 ',
    '',
  ]) {
    assert.equal(parseTarget('CONNECT', bad), null, bad);
  }
  assert.equal(parseTarget('CONNECT', '[::1]:1')?.host?.name, '[::1]');
  assert.equal(parseTarget('GET', 'a.b:443'), null);
});

test('other targets, fragments, blanks and controls are refused', () => {
  for (const bad of [
    '',
    'a',
    'a/b',
    '?',
    '?x',
    '*?x',
    '**',
    '*/',
    '\\a',
    'ftp://h/',
    'ftps://h.example/',
    'htttp://h.example/',
    'foo://example.com/',
    '12345678h.example/',
    'http:/h',
    'http:h',
    'http:',
    'http://',
    'http:///a',
    'http://?x',
    'http://u@h/',
    'http://u:p@h/',
    'http://a,b/',
    'http://h:x/',
    'http://h:99999/',
    'http://h\\a',
    'javascript:x',
    '://h/',
    '/a#',
    '/#b',
    '/a?b#c',
    'http://h/#a',
    'http://h#a',
    '/a b',
    ' /a',
    '/a ',
    '/a\t',
    '/a\0',
    '/a\r',
    '/a\n',
    '/a\x7f',
    '/a?\x1f',
    '/a? ',
  ]) {
    assert.equal(parseTarget('GET', bad), null, JSON.stringify(bad));
  }
});

test('path and query put together are the origin form again', () => {
  fc.assert(
    fc.property(latin1, (text) => {
      const target = parseTarget('GET', `/${text}`);
      if (target === null) return;
      const query = target.query === null ? '' : `?${target.query}`;
      assert.equal(target.path + query, `/${text}`);
      assert.ok(!target.path.includes('?'));
    }),
  );
});

test('escapes are decoded once, to bytes', () => {
  const rows: readonly (readonly [string, string])[] = [
    ['/', '/'],
    ['/%41', '/A'],
    ['/%c3%A9', '/\xc3\xa9'],
    ['/%ff%FF', '/\xff\xff'],
    ['/%01', '/\x01'],
    ['/%2f%2E%3F%23', '//.?#'],
    ['/%252f', '/%2f'],
    ['/%25252f', '/%252f'],
    ['/%2541', '/%41'],
    ['/a+b', '/a+b'],
    ['%20', ' '],
    ['', ''],
    ['/\xe9%20\xe9', '/\xe9 \xe9'],
    ['/%c0%ae', '/\xc0\xae'],
  ];
  for (const [path, decoded] of rows) assert.equal(decodePath(path), decoded, path);
});

test('bad escapes and NUL are refused', () => {
  for (const bad of [
    '%',
    '/%',
    '/%4',
    '/%%',
    '/%4%41',
    '/%zz',
    '/%4g',
    '/%g4',
    '/% 1',
    '/%-1',
    '/%0x',
    '/%u0041',
    '/%\xb2\xb2',
    '/%00',
    '/a%00b',
    '/a\0b',
    '/%41%00',
    '\0',
    '/%41\0',
  ]) {
    assert.equal(decodePath(bad), null, JSON.stringify(bad));
    assert.equal(resolvePath(bad, MERGE), null, JSON.stringify(bad));
  }
});

// Each row was answered so by nginx 1.22 as $uri, with merge_slashes on and off.
const NGINX: readonly (readonly [string, string | null, string | null])[] = [
  ['/', '/', '/'],
  ['/a/./b', '/a/b', '/a/b'],
  ['/a/../b', '/b', '/b'],
  ['/../a', null, null],
  ['/..', null, null],
  ['/a/..', '/', '/'],
  ['/a/.', '/a/', '/a/'],
  ['/a/b/..', '/a/', '/a/'],
  ['/a/b/../', '/a/', '/a/'],
  ['/a//b', '/a/b', '/a//b'],
  ['/a//../b', '/b', '/a/b'],
  ['/a/%2e%2e/b', '/b', '/b'],
  ['/a%2fb', '/a/b', '/a/b'],
  ['/a%2f../b', '/b', '/b'],
  ['/a%3fb', '/a?b', '/a?b'],
  ['/a%23b', '/a#b', '/a#b'],
  ['/%', null, null],
  ['/%zz', null, null],
  ['/%00', null, null],
  ['/a%2', null, null],
  ['/a%252fb', '/a%2fb', '/a%2fb'],
  ['/.a', '/.a', '/.a'],
  ['/a/...', '/a/...', '/a/...'],
  ['/a/..b', '/a/..b', '/a/..b'],
  ['/a\\b', '/a\\b', '/a\\b'],
  ['/%c3%a9', '/\xc3\xa9', '/\xc3\xa9'],
  ['//', '/', '//'],
  ['///a', '/a', '///a'],
  ['/a%2f%2fb', '/a/b', '/a//b'],
  ['/a/%2e', '/a/', '/a/'],
  ['/%2e%2e', null, null],
  ['/a//', '/a/', '/a//'],
  ['/a/b/../../..', null, null],
  ['/a/b/../..', '/', '/'],
  ['/a%20/%2E./b', '/b', '/b'],
  ['*', null, null],
];

test('a raw path resolves as in nginx', () => {
  for (const [path, merged, kept] of NGINX) {
    assert.equal(resolvePath(path, MERGE), merged, `${path} merged`);
    assert.equal(resolvePath(path, KEEP), kept, `${path} kept`);
  }
});

test('dot segments are removed and the root is the limit', () => {
  const rows: readonly (readonly [string, string | null])[] = [
    ['/.', '/'],
    ['/./', '/'],
    ['/./.', '/'],
    ['/a/./', '/a/'],
    ['/a/../', '/'],
    ['/a/../..', null],
    ['/a/../../a', null],
    ['/./..', null],
    ['/a/b/c/../../d', '/a/d'],
    ['/a.', '/a.'],
    ['/a..', '/a..'],
    ['/a/.b/..c/d.', '/a/.b/..c/d.'],
    ['/..;/a', '/..;/a'],
    ['/.;/a', '/.;/a'],
    ['/%2e/a', '/%2e/a'],
    ['/..\\a', '/..\\a'],
    ['', null],
    ['a', null],
    ['../a', null],
    ['.', null],
  ];
  for (const [path, normal] of rows) {
    assert.equal(normalizePath(path, MERGE), normal, path);
    assert.equal(normalizePath(path, KEEP), normal, path);
  }
  // An empty segment is something to go up from only where it is kept.
  assert.equal(normalizePath('//..', MERGE), null);
  assert.equal(normalizePath('//..', KEEP), '/');
  assert.equal(normalizePath('//../..', KEEP), null);
  assert.equal(normalizePath('/a///b//', MERGE), '/a/b/');
});

test('a resolved path has no dot segments, and resolving is decoding then normalising', () => {
  for (const options of [MERGE, KEEP]) {
    fc.assert(
      fc.property(fc.oneof(pathLike, latin1), (text) => {
        const path = `/${text}`;
        const resolved = resolvePath(path, options);
        const decoded = decodePath(path);
        assert.equal(resolved, decoded === null ? null : normalizePath(decoded, options));
        if (resolved === null) return;
        const segments = resolved.split('/');
        assert.equal(segments[0], '');
        assert.ok(!segments.includes('..') && !segments.includes('.') && !resolved.includes('\0'));
        if (options.mergeSlashes) assert.ok(!resolved.includes('//'));
        assert.equal(normalizePath(resolved, options), resolved);
      }),
      { numRuns: 1000 },
    );
  }
});

test('normalising agrees with walking the segments one by one', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', '.', '..', '')), (segments) => {
      const walked: string[] = [];
      let isAbove = false;
      for (const [at, segment] of segments.entries()) {
        if (segment === '..' && walked.pop() === undefined) isAbove = true;
        if (segment !== '..' && segment !== '.') walked.push(segment);
        else if (at === segments.length - 1) walked.push('');
      }
      const expected = isAbove ? null : `/${walked.join('/')}`;
      assert.equal(normalizePath(`/${segments.join('/')}`, KEEP), expected);
    }),
    { numRuns: 500 },
  );
});

test('the bytes nginx escapes are escaped, with upper-case digits', () => {
  const plain =
    "!$&'()*+,-./0123456789:;=@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz~";
  for (let code = 0; code < 256; code++) {
    const byte = String.fromCharCode(code);
    const escape = `%${code.toString(16).padStart(2, '0').toUpperCase()}`;
    assert.equal(encodePath(byte), plain.includes(byte) ? byte : escape);
    assert.equal(encodePath(`a${byte}b`), plain.includes(byte) ? `a${byte}b` : `a${escape}b`);
  }
  assert.equal(encodePath('/a b\r\nX: y?%é'), '/a%20b%0D%0AX:%20y%3F%25%E9');
  assert.equal(encodePath('/%41'), '/%2541');
  assert.equal(encodePath(''), '');
});

test('decoding gives back what was encoded, and the encoding is a valid target', () => {
  fc.assert(
    fc.property(latin1, (text) => {
      const encoded = encodePath(text);
      assert.equal(decodePath(encoded), text.includes('\0') ? null : text);
      assert.equal(parseTarget('GET', `/${encoded}`)?.path, `/${encoded}`);
    }),
  );
});

test('an argument is found as nginx finds it', () => {
  const rows: readonly (readonly [string, string | null])[] = [
    ['', null],
    ['name=1', '1'],
    ['NAME=1', '1'],
    ['xname=1&name=2', '2'],
    ['name&name=2', '2'],
    ['name=&name=2', ''],
    ['name=1&name=2', '1'],
    ['name', null],
    ['names=1', null],
    ['a=name=1', null],
    ['a;name=1', null],
    ['Na%6de=1', null],
    ['name=a%20b&', 'a%20b'],
    ['name=a=b', 'a=b'],
    ['name=a?b', 'a?b'],
    ['&&name=3', '3'],
    ['name =1', null],
    ['a&b&name=', ''],
  ];
  for (const [query, value] of rows) assert.equal(argument(query, 'name'), value, query);
  assert.equal(argument('Name=1', 'nAME'), '1');
  assert.equal(argument('__proto__=1', '__proto__'), '1');
});

test('argument look-up agrees with splitting at ampersands', () => {
  const piece = fc.constantFrom('a', 'A', 'ab', '=', '&', 'a=', 'A=1', 'b=a=', '%61=');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const query = pieces.join('');
      const found = query.split('&').find((part) => part.startsWith('a=') || part.startsWith('A='));
      assert.equal(argument(query, 'a'), found === undefined ? null : found.slice(2));
    }),
  );
});
