import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  cookieAttribute,
  findCookie,
  parseSetCookie,
  serializeSetCookie,
  withCookieAttribute,
  withoutCookieAttribute,
} from './cookie.ts';
import type { SetCookie } from './cookie.ts';

function parsed(field: string): SetCookie {
  const cookie = parseSetCookie(field);
  assert.ok(cookie !== null, field);
  return cookie;
}

test('the first cookie of a name is found and its value left as it is', () => {
  const rows: readonly (readonly [string, string | null])[] = [
    ['', null],
    ['sid=1', '1'],
    ['a=2; sid=3; sid=4', '3'],
    ['a=2;sid=3', '3'],
    ['sid="q"', '"q"'],
    ['xsid=1;sid=2', '2'],
    ['sidx=1;sid=2', '2'],
    ['sid =5', '5'],
    ['sid= 6 ;b', '6'],
    ['sid\t=\t7\t', '7'],
    ['sid', null],
    ['sid;sid=1', '1'],
    ['sid=;sid=1', ''],
    ['sid=a=b', 'a=b'],
    ['sid=a%20b\xff', 'a%20b\xff'],
    ['SID=1', null],
    ['a=sid=1', null],
    ['a=1 sid=2', null],
    ['a=1,sid=2', null],
    [';;; ;sid=8', '8'],
    ['$Version=1; sid=9; $Path=/', '9'],
    ['sid=1\xa0', '1\xa0'],
  ];
  for (const [field, value] of rows) assert.equal(findCookie(field, 'sid'), value, field);
  assert.equal(findCookie('__proto__=x', '__proto__'), 'x');
  assert.equal(findCookie('a=1', 'constructor'), null);
});

test('letter case counts unless it is told not to', () => {
  assert.equal(findCookie('SID=1; sid=2', 'sid'), '2');
  assert.equal(findCookie('SID=1; sid=2', 'sid', { ignoreCase: true }), '1');
  assert.equal(findCookie('jSessionId=1', 'JSESSIONID', { ignoreCase: true }), '1');
  assert.equal(findCookie('jSessionId=1', 'JSESSIONID', { ignoreCase: false }), null);
});

test('several fields are searched in order', () => {
  assert.equal(findCookie(['a=1', 'b=2', 'b=3'], 'b'), '2');
  assert.equal(findCookie(['a=1', 'A=2'], 'A'), '2');
  assert.equal(findCookie(['a=1', 'A=2'], 'A', { ignoreCase: true }), '1');
  assert.equal(findCookie([], 'b'), null);
  assert.equal(findCookie(['', 'b'], 'b'), null);
  assert.equal(findCookie(['b=', 'b=1'], 'b'), '');
});

test('finding agrees with splitting at semicolons', () => {
  const piece = fc.constantFrom('a', 'ab', '=', ';', ' ', '; ', 'a=1', 'b=a=2', 'A=3');
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const field = pieces.join('');
      const match = field
        .split(';')
        .map((pair) => /^ *a *= *(.*?) *$/.exec(pair))
        .find((found) => found !== null);
      assert.equal(findCookie(field, 'a'), match?.[1] ?? null, field);
    }),
    { numRuns: 500 },
  );
});

test('a Set-Cookie field is taken apart with unknown attributes and the order kept', () => {
  assert.deepEqual(parseSetCookie('a=b'), { name: 'a', value: 'b', attributes: [] });
  assert.deepEqual(
    parseSetCookie(
      'sid="x y, z" ;Path=/;  httponly;;X-New = 1=2 ;Expires=Wed, 21 Oct 2026 07:28:00 GMT;',
    ),
    {
      name: 'sid',
      value: '"x y, z"',
      attributes: [
        { name: 'Path', value: '/' },
        { name: 'httponly', value: null },
        { name: 'X-New', value: '1=2' },
        { name: 'Expires', value: 'Wed, 21 Oct 2026 07:28:00 GMT' },
      ],
    },
  );
  assert.deepEqual(parseSetCookie('a='), { name: 'a', value: '', attributes: [] });
  assert.deepEqual(parseSetCookie(' a = b=c '), { name: 'a', value: 'b=c', attributes: [] });
  assert.deepEqual(parsed('a=b; Path=; =x; Secure').attributes, [
    { name: 'Path', value: '' },
    { name: 'Secure', value: null },
  ]);
});

test('a Set-Cookie field without name or with controls is none', () => {
  for (const bad of [
    '',
    'a',
    '=b',
    ' =b',
    ';',
    '; Path=/',
    'a; b=c',
    'a=b\0',
    'a=b\r\nX: y',
    'a\n=b',
    'a=b; Path=/\n',
    'a=b; P\0=/',
    'a=\x7f',
  ]) {
    assert.equal(parseSetCookie(bad), null, JSON.stringify(bad));
  }
});

test('serialising keeps spelling and order', () => {
  const field = 'a="b"; Path=/x; HttpOnly; Max-Age=; sameSITE=lax; Unknown=1; Secure';
  assert.equal(serializeSetCookie(parsed(field)), field);
  assert.equal(serializeSetCookie(parsed(' a = b ;Path = / ;;secure;')), 'a=b; Path=/; secure');
});

test('parts that would escape their place are not serialised', () => {
  const good: SetCookie = { name: 'a', value: 'b', attributes: [] };
  const text = 'x; Domain=evil';
  for (const bad of [
    { ...good, name: '' },
    { ...good, name: 'a=b' },
    { ...good, name: 'a;b' },
    { ...good, value: text },
    { ...good, value: 'x\r\n' },
    { ...good, value: 'x\0' },
    { ...good, value: 'x\u0100' },
    withCookieAttribute(good, 'Path', text),
    withCookieAttribute(good, 'Path', '/\n'),
    withCookieAttribute(good, '', '/'),
    withCookieAttribute(good, 'a=b', null),
    withCookieAttribute(good, 'a;b', null),
  ]) {
    assert.throws(() => serializeSetCookie(bad), RangeError, JSON.stringify(bad));
  }
});

test('attributes are read, set in place and removed without regard to letter case', () => {
  const cookie = parsed('a=b; path=/one; Secure; PATH=/two; X=1');
  assert.equal(cookieAttribute(cookie, 'Path'), '/two');
  assert.equal(cookieAttribute(cookie, 'secure'), '');
  assert.equal(cookieAttribute(cookie, 'Domain'), null);
  const text = (changed: SetCookie): string => serializeSetCookie(changed);
  assert.equal(
    text(withCookieAttribute(cookie, 'Path', '/three')),
    'a=b; path=/three; Secure; X=1',
  );
  assert.equal(
    text(withCookieAttribute(cookie, 'SameSite', 'None')),
    'a=b; path=/one; Secure; PATH=/two; X=1; SameSite=None',
  );
  assert.equal(text(withCookieAttribute(cookie, 'secure', null)), text(cookie));
  assert.equal(text(withCookieAttribute(parsed('a=b'), 'HttpOnly', null)), 'a=b; HttpOnly');
  assert.equal(text(withoutCookieAttribute(cookie, 'pAtH')), 'a=b; Secure; X=1');
  assert.equal(text(withoutCookieAttribute(cookie, 'Domain')), text(cookie));
  assert.equal(text(cookie), 'a=b; path=/one; Secure; PATH=/two; X=1');
});

test('what parses serialises, and reads back the same', () => {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    fc.constantFrom('a', '=', ';', '; ', 'Path=/', 'Secure', ' ', '"', '\t'),
  );
  fc.assert(
    fc.property(fc.string({ unit }), (text) => {
      const cookie = parseSetCookie(`n${text}`);
      if (cookie === null) return;
      const field = serializeSetCookie(cookie);
      assert.deepEqual(parseSetCookie(field), cookie);
    }),
    { numRuns: 1000 },
  );
});
