import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cookie } from './cookie.ts';

test('Cookie takes names and values that a browser sends back unchanged', () => {
  for (const value of ['', 'abc', '"abc"', '""', 'a=b', "!#$%&'()*+-./:<=>?@[]^_`{|}~"]) {
    assert.equal(new Cookie('a!#$-~', value).getValue(), value);
  }
});

test('Cookie refuses what would leave its place in the header', () => {
  for (const name of ['', 'a b', 'a=b', 'a;b', 'a,b', 'a\r\nb', 'é', '"a"', 'a[b]']) {
    assert.throws(() => new Cookie(name, ''), RangeError, name);
  }
  for (const value of [
    'a b',
    'a;b',
    'a,b',
    'a"b',
    '"a',
    'a\\b',
    'a\r\nb',
    'é',
    '대',
    'a\0',
    '\x7f',
  ]) {
    assert.throws(() => new Cookie('a', value), RangeError, value);
    assert.throws(() => new Cookie('a', '').setValue(value), RangeError, value);
  }
});

test('Cookie keeps attributes in their order, whatever the case of their names', () => {
  const cookie = new Cookie('a', 'b');
  cookie.setPath('/');
  cookie.setDomain('example.com');
  cookie.setMaxAge(0);
  cookie.setSecure(true);
  cookie.setHttpOnly(true);
  cookie.setAttribute('SameSite', 'Lax');
  cookie.setAttribute('samesite', 'Strict');
  assert.deepEqual(
    [...cookie.getAttributes()],
    [
      ['Path', '/'],
      ['Domain', 'example.com'],
      ['Max-Age', '0'],
      ['Secure', ''],
      ['HttpOnly', ''],
      ['SameSite', 'Strict'],
    ],
  );
  assert.equal(cookie.getAttribute('SAMESITE'), 'Strict');
  assert.equal(cookie.getPath(), '/');
  assert.equal(cookie.getDomain(), 'example.com');
  assert.equal(cookie.getMaxAge(), 0);
  assert.equal(cookie.getSecure(), true);
  assert.equal(cookie.isHttpOnly(), true);
  cookie.setSecure(false);
  cookie.setHttpOnly(false);
  cookie.setMaxAge(-1);
  cookie.setPath(null);
  cookie.setDomain(null);
  assert.deepEqual([...cookie.getAttributes().keys()], ['SameSite']);
  assert.equal(cookie.getMaxAge(), -1);
  assert.equal(cookie.getPath(), null);
});

test('Cookie refuses attributes that are more than one', () => {
  const cookie = new Cookie('a', 'b');
  for (const value of ['/; Domain=x', '/\r\nX: y', '대', 'a\x7f']) {
    assert.throws(() => cookie.setPath(value), RangeError, value);
  }
  assert.throws(() => cookie.setAttribute('a b', ''), RangeError);
  assert.throws(() => cookie.setMaxAge(1.5), RangeError);
  assert.deepEqual([...cookie.getAttributes()], []);
});
