import assert from 'node:assert/strict';
import { test } from 'node:test';
import { headerName, headerNameFault, headerValue } from './header-field.ts';
import { resolve } from './schema.ts';

const PLACE = { directory: '/' };

for (const name of ['X-Request-Id', 'a', "!#$%&'*+-.^_`|~09azAZ"])
  test(`${name} is the name of a header field`, () => {
    assert.equal(resolve(headerName(), name, PLACE).model, name);
    assert.equal(headerNameFault(name), undefined);
  });

for (const name of ['', 'a b', 'a:', 'a\r\nb', 'ä', '(x)', 'a\0'])
  test(`${JSON.stringify(name)} is not the name of a header field`, () => {
    assert.equal(resolve(headerName(), name, PLACE).problems?.[0]?.code, 'wrong-form');
  });

for (const value of ['', 'x', 'a\tb', 'é', 'max-age=1, public'])
  test(`${JSON.stringify(value)} is the value of a header field`, () => {
    assert.equal(resolve(headerValue(), value, PLACE).model, value);
  });

for (const value of ['a\r\nSet-Cookie: x', 'a\nb', 'a\0', 'a\u007f', '대문', '😀', ' a', 'a\t'])
  test(`${JSON.stringify(value)} is not the value of a header field`, () => {
    assert.equal(resolve(headerValue(), value, PLACE).problems?.[0]?.code, 'wrong-form');
  });
