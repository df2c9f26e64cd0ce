import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  charsetOf,
  hasEssence,
  mediaTypeEquals,
  mediaTypeParameter,
  parseMediaType,
} from './media-type.ts';
import type { MediaType } from './media-type.ts';

function parsed(value: string): MediaType {
  const type = parseMediaType(value);
  assert.ok(type !== null, value);
  return type;
}

test('type, subtype and parameters are read', () => {
  const rows: readonly (readonly [string, string, readonly (readonly [string, string])[]])[] = [
    ['text/html', 'text/html', []],
    ['Text/HTML', 'text/html', []],
    [' text/html\t', 'text/html', []],
    ['application/vnd.api+json', 'application/vnd.api+json', []],
    ['*/*', '*/*', []],
    ['text/html;charset=UTF-8', 'text/html', [['charset', 'UTF-8']]],
    ['text/html \t; \tCharset=utf-8', 'text/html', [['charset', 'utf-8']]],
    [
      'text/html;a=1;b=2;a=3',
      'text/html',
      [
        ['a', '1'],
        ['b', '2'],
        ['a', '3'],
      ],
    ],
    ['text/html;', 'text/html', []],
    ['text/html;; ;a=1;', 'text/html', [['a', '1']]],
    ['text/html;a=""', 'text/html', [['a', '']]],
    ['text/html;a="b;c=d, \\"e\\\\"', 'text/html', [['a', 'b;c=d, "e\\']]],
    ['text/html;a="\t\xff"', 'text/html', [['a', '\t\xff']]],
    [
      'text/html;a="b" ;c=d',
      'text/html',
      [
        ['a', 'b'],
        ['c', 'd'],
      ],
    ],
    ['a/b;__proto__=x', 'a/b', [['__proto__', 'x']]],
  ];
  for (const [value, essence, pairs] of rows) {
    const parameters = pairs.map(([name, text]) => ({ name, value: text }));
    assert.deepEqual(parseMediaType(value), { essence, parameters }, value);
  }
});

test('malformed media types are refused', () => {
  for (const bad of [
    '',
    ' ',
    'text',
    'text/',
    '/html',
    'text//html',
    'text /html',
    'text/ html',
    'text/html/x',
    'text;html',
    'text html',
    'text\\html',
    'text@html',
    'text/html;a:b',
    'text/html;a@b',
    'text/html,',
    'text/html, text/plain',
    'text/html x',
    'text/html;a',
    'text/html;a=',
    'text/html;=b',
    'text/html;a =b',
    'text/html;a= b',
    'text/html;a=b c',
    'text/html;a=b,c',
    'text/html;a="',
    'text/html;a="b',
    'text/html;a="b\\',
    'text/html;a="b\\"',
    'text/html;a="b"c',
    'text/html;a="\0"',
    'text/html;a="\\\n"',
    'text/html;a="\x7f"',
    'te\xe9t/html',
    '\xa0text/html',
    'text/html\0',
  ]) {
    assert.equal(parseMediaType(bad), null, JSON.stringify(bad));
    assert.equal(charsetOf(bad), null);
  }
});

test('the charset is the first of its name, in lower case', () => {
  assert.equal(charsetOf('text/html; charset=UTF-8'), 'utf-8');
  assert.equal(charsetOf('text/html; charset="ISO-8859-1"; charset=x'), 'iso-8859-1');
  assert.equal(charsetOf('text/html; xcharset=x'), null);
  assert.equal(charsetOf('text/html'), null);
  assert.equal(mediaTypeParameter(parsed('a/b;c=D;c=e'), 'c'), 'D');
  assert.equal(mediaTypeParameter(parsed('a/b;c=d'), 'x'), null);
});

test('a type is recognised by its essence alone', () => {
  for (const value of ['text/html', 'TEXT/html', ' text/html ', 'text/html;x', 'text/html ; a=b']) {
    assert.ok(hasEssence(value, 'text/html'), value);
  }
  for (const value of [
    '',
    'text/htm',
    'text/html5',
    'text/html x',
    'xtext/html',
    'text/html,',
    'text/htmx',
    'texthtml/',
    'text/htmx;a',
  ]) {
    assert.ok(!hasEssence(value, 'text/html'), value);
  }
});

test('equality leaves order and the case of charset out of account', () => {
  const rows: readonly (readonly [string, string, boolean])[] = [
    ['text/html', 'TEXT/HTML', true],
    ['text/html', 'text/plain', false],
    ['a/b;c=1;d=2', 'a/b; D="2"; C=1', true],
    ['a/b;charset=UTF-8', 'a/b;charset="utf-8"', true],
    ['a/b;c=X', 'a/b;c=x', false],
    ['a/b;c=1', 'a/b', false],
    ['a/b;c=1', 'a/b;d=1', false],
    ['a/b;c=1;c=1', 'a/b;c=1', false],
    ['a/b;charset=x', 'a/b;charset=y', false],
    ['a/b;c=1;c=1', 'a/b;c=1;d=2', false],
    ['a/b;c=1;d=2', 'a/b;c=1;c=1', false],
  ];
  for (const [a, b, equal] of rows) {
    assert.equal(mediaTypeEquals(parsed(a), parsed(b)), equal, `${a} ${b}`);
    assert.equal(mediaTypeEquals(parsed(b), parsed(a)), equal, `${b} ${a}`);
  }
});

test('quoted values of any field bytes are read back', () => {
  const byte = fc
    .integer({ min: 0x20, max: 0xff })
    .filter((code) => code !== 0x7f)
    .map((code) => String.fromCharCode(code));
  fc.assert(
    fc.property(fc.string({ unit: byte }), (text) => {
      const quoted = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"');
      assert.deepEqual(parseMediaType(`a/b; c="${quoted}" ;d=e`)?.parameters, [
        { name: 'c', value: text },
        { name: 'd', value: 'e' },
      ]);
    }),
  );
});

test('arbitrary bytes never throw, and what parses has its essence', () => {
  const unit = fc.oneof(
    fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
    fc.constantFrom('text/html', ';', '=', '"', '\\', ' ', 'a'),
  );
  fc.assert(
    fc.property(fc.string({ unit }), (value) => {
      const type = parseMediaType(value);
      if (type !== null) assert.ok(hasEssence(value, type.essence));
    }),
    { numRuns: 500 },
  );
});
