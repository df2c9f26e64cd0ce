import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { BodyTooLargeException } from '../../api/index.ts';
import { charsetDecoder, decodeUtf8 } from './charset-decoder.ts';
import { ParameterTable, readForm } from './form-parameters.ts';

function read(text: string): Record<string, readonly string[]> {
  const table = new ParameterTable();
  readForm(text, decodeUtf8, table);
  return Object.fromEntries(table.map());
}

function leftOut(text: string): number {
  return readForm(text, decodeUtf8, new ParameterTable());
}

describe('a form', () => {
  for (const [text, expected] of [
    ['', {}],
    ['a=1', { a: ['1'] }],
    ['a=1&b=2', { a: ['1'], b: ['2'] }],
    ['a', { a: [''] }],
    ['a=', { a: [''] }],
    ['a&b=', { a: [''], b: [''] }],
    ['a=b=c', { a: ['b=c'] }],
    ['a==', { a: ['='] }],
    ['a=1;b=2', { a: ['1;b=2'] }],
    ['a+b=c+d', { 'a b': ['c d'] }],
    ['+=+', { ' ': [' '] }],
    ['%61%3D=%26%2b', { 'a=': ['&+'] }],
    ['a=%c3%A4', { a: ['ä'] }],
    ['a=\xc3\xa4', { a: ['ä'] }],
    ['a=%ff', { a: ['\ufffd'] }],
    ['a=%00', { a: ['\0'] }],
    ['a=%2541', { a: ['%41'] }],
  ] as const) {
    test(`${JSON.stringify(text)} is ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(read(text), expected);
      assert.equal(leftOut(text), 0);
    });
  }

  for (const text of ['&', '&&', 'a=1&&b=2', '&a=1', 'a=1&']) {
    test(`empty pieces of ${JSON.stringify(text)} are no parameters, and no mistake`, () => {
      assert.equal('' in read(text), false);
      assert.equal(leftOut(text), 0);
    });
  }

  for (const bad of [
    '=',
    '=1',
    '=%41',
    'b=%',
    'b=%4',
    'b=%4g',
    'b=%g1',
    '%=1',
    'b%4=1',
    'b=1%',
    'b=%+1',
  ]) {
    test(`${bad} is left out and told of; what is around it stays`, () => {
      assert.deepEqual(read(`a=1&${bad}&c=3`), { a: ['1'], c: ['3'] });
      assert.equal(leftOut(`a=1&${bad}&c=3`), 1);
      assert.equal(leftOut(`a=1&${bad}`), 1);
    });
  }

  test('a broken escape does not reach into the next parameter', () => {
    assert.deepEqual(read('a=%4&1=b'), { 1: ['b'] });
  });

  test('values of one name keep their order, names that of their first value', () => {
    const table = new ParameterTable();
    readForm('b=1&a=2&b=3', decodeUtf8, table);
    assert.deepEqual(table.names(), ['b', 'a']);
    assert.deepEqual(table.all('b'), ['1', '3']);
    assert.equal(table.first('b'), '1');
    assert.equal(table.size, 3);
  });

  test('a name that is not there has no value', () => {
    const table = new ParameterTable();
    assert.equal(table.first('a'), null);
    assert.equal(table.all('a'), null);
  });

  test('names of object properties are names like any', () => {
    const table = new ParameterTable();
    assert.equal(table.first('constructor'), null);
    readForm('__proto__=1&constructor=2&toString', decodeUtf8, table);
    assert.deepEqual(table.names(), ['__proto__', 'constructor', 'toString']);
    assert.equal(table.first('__proto__'), '1');
  });

  test('the charset is that of the decoder', () => {
    const table = new ParameterTable();
    readForm('%95%5C=%8b', charsetDecoder('shift_jis') ?? decodeUtf8, table);
    assert.equal(table.names()[0], '表');
  });
});

describe('the number of parameters', () => {
  const form = (count: number): string =>
    Array.from({ length: count }, (_, at) => `p${at}`).join('&');

  test('may be the limit', () => {
    const table = new ParameterTable(3);
    readForm(form(3), decodeUtf8, table);
    assert.equal(table.size, 3);
  });

  test('is refused above it rather than cut', () => {
    assert.throws(
      () => readForm(form(4), decodeUtf8, new ParameterTable(3)),
      BodyTooLargeException,
    );
    assert.throws(
      () => readForm('a&a&a&a', decodeUtf8, new ParameterTable(3)),
      BodyTooLargeException,
    );
  });

  test('counts those of earlier texts, and not what is left out', () => {
    const table = new ParameterTable(3);
    readForm('a=1&b=2', decodeUtf8, table);
    readForm('&&=x&%&c=3', decodeUtf8, table);
    assert.throws(() => readForm('d', decodeUtf8, table), BodyTooLargeException);
  });
});

test('what URLSearchParams encodes is read as it was', () => {
  const name = fc.string({ unit: 'grapheme', minLength: 1 });
  const value = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(fc.array(fc.tuple(name, value)), (pairs) => {
      const well = pairs.map(([key, text]) => [key.toWellFormed(), text.toWellFormed()] as const);
      const table = new ParameterTable();
      assert.equal(
        readForm(new URLSearchParams(well.map((pair) => [...pair])).toString(), decodeUtf8, table),
        0,
      );
      const expected = new Map<string, string[]>();
      for (const [key, text] of well) expected.set(key, [...(expected.get(key) ?? []), text]);
      assert.deepEqual(table.map(), expected);
    }),
  );
});

test('any bytes are read without an exception', () => {
  const text = fc
    .array(fc.constantFrom('%', '&', '=', '+', 'a', '4', '\xff', '\0'))
    .map((all) => all.join(''));
  fc.assert(
    fc.property(text, (form) => {
      const table = new ParameterTable();
      const wrong = readForm(form, decodeUtf8, table);
      const pieces = form.split('&').filter((piece) => piece !== '').length;
      assert.equal(table.size + wrong, pieces);
    }),
  );
});
