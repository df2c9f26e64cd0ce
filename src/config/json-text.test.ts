import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { readJson } from './json-text.ts';
import { LineIndex, placeOf } from './text-position.ts';

test('every value that JSON can hold is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent);
      const read = readJson(text);
      assert.deepEqual(read.faults, []);
      assert.deepEqual(read.value, JSON.parse(text));
    }),
  );
});

test('what JSON.parse refuses is refused, and what it takes is taken', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom(...'{}[]",:\\u0041 e1-.tnfalsr\n'.split(''), 'true', '"a"', 'null')),
      (pieces) => {
        const text = pieces.join('');
        let valid = true;
        try {
          JSON.parse(text);
        } catch {
          valid = false;
        }
        const syntax = readJson(text).faults.filter(({ code }) => code === 'syntax');
        assert.equal(syntax.length === 0, valid, text);
      },
    ),
    { numRuns: 2000 },
  );
});

const FAULTS: readonly (readonly [string, number, number, RegExp, RegExp])[] = [
  ['', 1, 1, /Expected a value, got the end of the file/, /./],
  ['{\n  "a": 1,\n}', 3, 1, /Expected a key, got "}"/, /comma before/],
  ['[1,]', 1, 4, /Expected a value, got "]"/, /comma before/],
  ["{'a': 1}", 1, 2, /Expected a key, got "'"/, /double quotes/],
  ['{"a": \'b\'}', 1, 7, /got "'"/, /double quotes/],
  ['{"a" 1}', 1, 6, /Expected ":"/, /colon/],
  ['{"a": 1 "b": 2}', 1, 9, /Expected "," or "}"/, /comma/],
  ['[1 2]', 1, 4, /Expected "," or "]"/, /comma/],
  ['{"a": tru}', 1, 7, /Expected a value, got "t"/, /true/],
  ['{"a": undefined}', 1, 7, /got "u"/, /./],
  ['// x\n{}', 1, 1, /got "\/"/, /comment/],
  ['{} x', 1, 4, /Expected the end of the file/, /Remove/],
  ['{"a": "b\n"}', 1, 7, /does not end on its line/, /closing/],
  ['"a\tb"', 1, 3, /control character/, /escape/],
  ['"\\x"', 1, 3, /no escape "\\\\x"/, /backslash/],
  ['"\\u12g4"', 1, 3, /no escape/, /./],
  ['01', 1, 2, /Expected the end/, /./],
  ['+1', 1, 1, /Expected a value/, /./],
  ['['.repeat(300), 1, 202, /nested more than 200 levels/, /./],
];
for (const [text, line, column, message, cure] of FAULTS)
  test(`a fault in ${JSON.stringify(text.slice(0, 20))} is at ${line}:${column}`, () => {
    const [fault, ...others] = readJson(text).faults;
    assert.ok(fault !== undefined);
    assert.deepEqual(others, []);
    assert.deepEqual(new LineIndex(text).at(fault.offset), { line, column });
    assert.match(fault.message, message);
    assert.match(fault.cure, cure);
  });

test('a key that stands twice is a fault at the second place, and both are read', () => {
  const read = readJson('{\n "a": 1,\n "a": 2\n}');
  assert.deepEqual(
    read.faults.map(({ code, offset }) => [code, offset]),
    [['duplicate', 12]],
  );
  assert.deepEqual(read.value, { a: 2 });
});

test('the key __proto__ is a key like any other', () => {
  const { value } = readJson('{"__proto__": {"x": 1}}');
  assert.deepEqual(Object.keys(value as object), ['__proto__']);
  assert.equal(Object.getPrototypeOf(value), Object.prototype);
});

test('a byte order mark is no part of the text', () => {
  assert.deepEqual(readJson('\uFEFF{}').value, {});
});

test('values in objects have the place of their key, items their own', () => {
  const text = '{\n  "a": [\n    1,\n    {"b": 2}\n  ]\n}';
  const { places } = readJson(text);
  const at = (...path: (string | number)[]): unknown => placeOf(places, new LineIndex(text), path);
  assert.deepEqual(at('a'), { line: 2, column: 3 });
  assert.deepEqual(at('a', 0), { line: 3, column: 5 });
  assert.deepEqual(at('a', 1, 'b'), { line: 4, column: 6 });
  assert.deepEqual(at('a', 1, 'missing'), { line: 4, column: 5 });
  assert.deepEqual(at('missing'), { line: 1, column: 1 });
});
