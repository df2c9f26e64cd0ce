import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  entityTagListHas,
  isAnyEntityTag,
  isEntityTag,
  parseEntityTag,
  parseEntityTags,
  strongEntityTagEquals,
  weakEntityTagEquals,
} from './etag.ts';

const opaque = fc.string({
  unit: fc
    .integer({ min: 0x21, max: 0xff })
    .filter((code) => code !== 0x22 && code !== 0x7f)
    .map((code) => String.fromCharCode(code)),
});
const anyTag = fc.tuple(fc.boolean(), opaque).map(([weak, text]) => `${weak ? 'W/' : ''}"${text}"`);

test('a well-formed tag is taken apart', () => {
  assert.deepEqual(parseEntityTag('"x"'), { weak: false, opaque: 'x' });
  assert.deepEqual(parseEntityTag('W/"x"'), { weak: true, opaque: 'x' });
  assert.deepEqual(parseEntityTag('""'), { weak: false, opaque: '' });
  assert.deepEqual(parseEntityTag('W/""'), { weak: true, opaque: '' });
  assert.deepEqual(parseEntityTag('"a,b\\!\x80\xff"'), { weak: false, opaque: 'a,b\\!\x80\xff' });
});

test('anything else is no entity tag', () => {
  for (const bad of [
    '',
    '"',
    'x',
    'W',
    'W/',
    'W/"',
    'W/x',
    'w/"x"',
    '"x',
    'x"',
    '"x""',
    '"x"y',
    ' "x"',
    '"x" ',
    '"x y"',
    '"x\ty"',
    '"x\0"',
    '"\x7f"',
    '"\x1f"',
    "'x'",
    'W /"x"',
    'W//"x"',
    'Wx"x"',
    'W"x"',
    '"x ',
    '"x\x7f',
    '"x\u0100',
    '*',
    '"\u0100"',
  ]) {
    assert.equal(parseEntityTag(bad), null, JSON.stringify(bad));
    assert.equal(isEntityTag(bad), false);
  }
});

test('strong and weak comparison follow the table of RFC 9110 8.8.3.2', () => {
  const rows: readonly (readonly [string, string, boolean, boolean])[] = [
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', '"1"', true, true],
    ['"1"', '"2"', false, false],
    ['W/"1"', '"W/1"', false, false],
    ['W/"1"', '"11"', false, false],
    ['"a"', '"A"', false, false],
    ['""', 'W/""', false, true],
  ];
  for (const [a, b, strong, weak] of rows) {
    for (const [left, right] of [
      [a, b],
      [b, a],
    ] as const) {
      assert.equal(strongEntityTagEquals(left, right), strong, `${left} ${right} strong`);
      assert.equal(weakEntityTagEquals(left, right), weak, `${left} ${right} weak`);
      assert.equal(entityTagListHas(left, right, 'strong'), strong, `${left} ${right} in list`);
      assert.equal(entityTagListHas(left, right, 'weak'), weak, `${left} ${right} in list`);
    }
  }
});

test('only the value * stands for any tag', () => {
  for (const any of ['*', ' *', '* ', '\t*\t']) assert.equal(isAnyEntityTag(any), true);
  for (const bad of ['', '**', '"*"', '*,', '*, "a"', ',*', ' ', '* *', 'x', '"', ' x ']) {
    assert.equal(isAnyEntityTag(bad), false, bad);
  }
});

test('a list is read past blanks, empty and malformed members', () => {
  assert.deepEqual(parseEntityTags('"a"'), ['"a"']);
  assert.deepEqual(parseEntityTags('"a", W/"b","c,d" , "e"'), ['"a"', 'W/"b"', '"c,d"', '"e"']);
  assert.deepEqual(parseEntityTags(',, "a",,\t"b",'), ['"a"', '"b"']);
  assert.deepEqual(parseEntityTags('x, "a"'), ['"a"']);
  assert.deepEqual(parseEntityTags('"a"x, "b"'), ['"b"']);
  assert.deepEqual(parseEntityTags('"a" "b", "c"'), ['"c"']);
  assert.deepEqual(parseEntityTags('"a", *'), ['"a"']);
  assert.deepEqual(parseEntityTags('w/"a"'), []);
  assert.deepEqual(parseEntityTags('"a b", "c"'), ['"c"']);
  assert.deepEqual(parseEntityTags('"open'), []);
  assert.deepEqual(parseEntityTags('"x ,"b"'), ['"b"']);
  assert.deepEqual(parseEntityTags('Wx"a", "b"'), ['"b"']);
  // A comma inside the quotes ends no member, even where what follows could begin one.
  assert.deepEqual(parseEntityTags('"a,",",","c"'), ['"a,"', '","', '"c"']);
  assert.deepEqual(parseEntityTags(''), []);
  assert.equal(parseEntityTags(' * '), '*');
});

test('a tag is found at each place of a list and not as part of another', () => {
  for (const list of ['"x"', '"x", "y"', '"y", "x"', '"y","x","z"', ',"x",', 'bad, "x"', ' "x" ']) {
    assert.ok(entityTagListHas(list, '"x"', 'strong'), list);
    assert.ok(entityTagListHas(list, 'W/"x"', 'weak'), list);
    assert.ok(!entityTagListHas(list, 'W/"x"', 'strong'), list);
  }
  for (const list of ['', '*', '"xx"', '"y", "z"', 'x', '"x', 'x"', '"x"x', 'w/"x"', '"y,x"']) {
    assert.ok(!entityTagListHas(list, '"x"', 'weak'), list);
  }
  // After a malformed member reading goes on at the next comma.
  assert.ok(entityTagListHas('"y,"x, "x"', '"x"', 'weak'));
  assert.ok(!entityTagListHas('W/"x"', '"x"', 'strong'));
  assert.ok(entityTagListHas('W/"x", "x"', '"x"', 'strong'));
});

test('membership agrees with the parsed list', () => {
  const piece = fc.oneof(anyTag, fc.constantFrom('', ' ', '"a"', 'W/"a"', 'a', '"', '*', '"a"b'));
  fc.assert(
    fc.property(fc.array(piece), fc.oneof(anyTag, fc.constant('"a"')), (pieces, tag) => {
      const list = pieces.join(', ');
      const tags = parseEntityTags(list);
      const has = (equals: (a: string, b: string) => boolean): boolean =>
        tags !== '*' && tags.some((one) => equals(one, tag));
      assert.equal(entityTagListHas(list, tag, 'strong'), has(strongEntityTagEquals));
      assert.equal(entityTagListHas(list, tag, 'weak'), has(weakEntityTagEquals));
    }),
  );
});

test('every tag is well formed and found in a list of tags', () => {
  fc.assert(
    fc.property(fc.array(anyTag, { minLength: 1 }), (tags) => {
      for (const tag of tags) assert.ok(isEntityTag(tag));
      assert.deepEqual(parseEntityTags(tags.join(',')), tags);
      for (const tag of tags) assert.ok(entityTagListHas(tags.join(' ,\t'), tag, 'weak'));
    }),
  );
});
