import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  dropTrailingBlanks,
  equalsIgnoreCaseAscii,
  hexValue,
  isAlphaByte,
  isBlankByte,
  isDigitByte,
  isDigits,
  isFieldValue,
  isFieldValueByte,
  isToken,
  isTokenByte,
  listContainsToken,
  lowerAscii,
  lowerByte,
  matchesAtIgnoreCaseAscii,
  parseDecimal,
  parseHex,
  skipBlanks,
} from './token.ts';

const latin1 = fc.string({
  unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)),
});
const ALPHA = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const DIGITS = '0123456789';

function members(belongs: (code: number) => boolean): string {
  let found = '';
  for (let code = -1; code <= 300; code++) if (belongs(code)) found += String.fromCharCode(code);
  return found;
}

function sorted(text: string): string {
  return text.split('').toSorted().join('');
}

test('byte classes hold exactly the bytes of the grammar', () => {
  assert.equal(members(isAlphaByte), ALPHA);
  assert.equal(members(isDigitByte), DIGITS);
  assert.equal(members(isBlankByte), '\t ');
  assert.equal(members(isTokenByte), sorted(`${ALPHA}${DIGITS}!#$%&'*+-.^_\`|~`));
  assert.equal(
    members((code) => hexValue(code) !== -1),
    '0123456789ABCDEFabcdef',
  );
  const values = members(isFieldValueByte);
  assert.equal(values.length, 1 + 95 + 128);
  for (const bad of ['\0', '\r', '\n', '\x7f', '\x0b', '\x1f']) assert.ok(!values.includes(bad));
  for (const good of ['\t', ' ', '~', '\x80', '\xff']) assert.ok(values.includes(good));
});

test('hexValue gives each digit of both cases its value', () => {
  for (let value = 0; value < 16; value++) {
    assert.equal(hexValue('0123456789abcdef'.charCodeAt(value)), value);
    assert.equal(hexValue('0123456789ABCDEF'.charCodeAt(value)), value);
  }
  for (const bad of ['/', ':', '@', 'G', '`', 'g']) assert.equal(hexValue(bad.charCodeAt(0)), -1);
  assert.equal(hexValue(NaN), -1);
});

test('only ASCII capitals have a lower case', () => {
  for (let code = 0; code < 256; code++) {
    const isCapital = code >= 65 && code <= 90;
    assert.equal(lowerByte(code), isCapital ? code + 32 : code);
    assert.equal(
      lowerAscii(String.fromCharCode(code)),
      String.fromCharCode(isCapital ? code + 32 : code),
    );
  }
  assert.equal(lowerAscii('@AZ[À-Þ`az{'), '@az[À-Þ`az{');
  assert.equal(lowerAscii('Content-TYPE'), 'content-type');
  assert.equal(lowerAscii(''), '');
  assert.equal(lowerAscii('aĀB'), 'aĀb');
});

test('comparison without letter case knows ASCII letters only', () => {
  assert.ok(equalsIgnoreCaseAscii('KEEP-alive', 'keep-ALIVE'));
  assert.ok(equalsIgnoreCaseAscii('', ''));
  assert.ok(!equalsIgnoreCaseAscii('a', ''));
  assert.ok(!equalsIgnoreCaseAscii('a', 'ab'));
  assert.ok(!equalsIgnoreCaseAscii('à', 'À'));
  // Bytes that differ in the case bit alone but are no letters.
  assert.ok(!equalsIgnoreCaseAscii('@', '`'));
  assert.ok(!equalsIgnoreCaseAscii('[', '{'));
  assert.ok(!equalsIgnoreCaseAscii('K', '\u212a'));
  fc.assert(
    fc.property(latin1, latin1, (a, b) => {
      assert.equal(equalsIgnoreCaseAscii(a, b), lowerAscii(a) === lowerAscii(b));
      assert.ok(equalsIgnoreCaseAscii(a, lowerAscii(a)));
    }),
  );
});

test('a word is matched in place and never past the end', () => {
  assert.ok(matchesAtIgnoreCaseAscii('xCLOSE', 1, 'close'));
  assert.ok(!matchesAtIgnoreCaseAscii('xCLOSE', 0, 'close'));
  assert.ok(!matchesAtIgnoreCaseAscii('xclos', 1, 'close'));
  assert.ok(matchesAtIgnoreCaseAscii('ab', 2, ''));
});

test('a token is one or more tchar', () => {
  for (const good of ['a', 'GET', "!#$%&'*+-.^_`|~09"]) assert.ok(isToken(good), good);
  for (const bad of ['', ' ', 'a b', 'a,b', 'a\0', 'é', '"a"', 'a:', 'a\t', '(a)', 'a/b']) {
    assert.ok(!isToken(bad), JSON.stringify(bad));
  }
  assert.ok(isToken(' ab ', 1, 3));
  assert.ok(!isToken('ab', 1, 1));
});

test('field values exclude controls but not blanks and obs-text', () => {
  assert.ok(isFieldValue(''));
  assert.ok(isFieldValue(' a\tb \xff'));
  for (const bad of ['\r', '\n', '\0', 'a\x7f', 'a\x1bb']) assert.ok(!isFieldValue(bad));
});

test('blanks are spaces and tabs alone', () => {
  assert.equal(skipBlanks(' \t a', 0, 4), 3);
  assert.equal(skipBlanks('   ', 0, 2), 2);
  assert.equal(skipBlanks('\xa0a', 0, 2), 0);
  assert.equal(skipBlanks('\va', 0, 2), 0);
  assert.equal(dropTrailingBlanks('a \t', 0, 3), 1);
  assert.equal(dropTrailingBlanks('   ', 1, 3), 1);
  assert.equal(dropTrailingBlanks('a\xa0', 0, 2), 2);
});

test('a list contains a token only as a whole element', () => {
  for (const value of [
    'close',
    'CLOSE',
    ' close ',
    '\tclose\t',
    'keep-alive, close',
    'close,keep-alive',
    ',,close',
    ', ,\t,close ,',
    'a,b,Close,c',
  ]) {
    assert.ok(listContainsToken(value, 'close'), value);
  }
  for (const value of [
    '',
    ',',
    'clos',
    'closed',
    'xclose',
    'close;q=1',
    'close x',
    '"close"',
    'clo se',
    'close\0',
    'close\xa0',
    '\vclose',
    'keep-alive;close',
  ]) {
    assert.ok(!listContainsToken(value, 'close'), JSON.stringify(value));
  }
});

test('list membership agrees with splitting', () => {
  const element = fc.constantFrom('a', 'A', 'ab', '', ' a', 'a ', '\ta', 'a;b', '"a"', ' ');
  fc.assert(
    fc.property(fc.array(element), (elements) => {
      const expected = elements.some((text) => /^[ \t]*[aA][ \t]*$/.test(text));
      assert.equal(listContainsToken(elements.join(','), 'a'), expected);
    }),
  );
});

test('decimals are digits only, up to 2^53-1', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['0', 0],
    ['00', 0],
    ['007', 7],
    ['9', 9],
    ['4294967296', 4294967296],
    ['9007199254740990', 9007199254740990],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', -1],
    ['9007199254741000', -1],
    ['90071992547409910', -1],
    ['99999999999999999999999', -1],
    ['00000000000000000000009007199254740991', 9007199254740991],
  ];
  for (const [text, number] of cases) assert.equal(parseDecimal(text), number, text);
  for (const bad of [
    '',
    '+5',
    '-0',
    '-1',
    '0x5',
    '5,5',
    '5 5',
    ' 5',
    '5 ',
    '1e3',
    '1_0',
    '1.0',
    '٣',
    '/',
    ':',
    '5\0',
  ]) {
    assert.equal(parseDecimal(bad), -1, JSON.stringify(bad));
    assert.ok(!isDigits(bad), JSON.stringify(bad));
  }
  assert.equal(parseDecimal('a12b', 1, 3), 12);
  assert.equal(parseDecimal('12', 1, 1), -1);
  assert.equal(parseDecimal('12', 0, 3), -1);
  assert.ok(isDigits('9007199254740992'));
});

test('hexadecimals are digits only, up to 2^53-1', () => {
  const cases: readonly (readonly [string, number])[] = [
    ['0', 0],
    ['fF', 255],
    ['00000000000000000001', 1],
    ['1FFFFFFFFFFFFE', Number.MAX_SAFE_INTEGER - 1],
    ['1fffffffffffff', Number.MAX_SAFE_INTEGER],
    ['20000000000000', -1],
    ['ffffffffffffffff', -1],
    ['10000000000000000', -1],
  ];
  for (const [text, number] of cases) assert.equal(parseHex(text), number, text);
  for (const bad of ['', '+5', '0x5', '5_0', ' 5', '5 ', '5;', 'g', '5\n']) {
    assert.equal(parseHex(bad), -1, JSON.stringify(bad));
  }
  assert.equal(parseHex('zffz', 1, 3), 255);
});

test('number parsers read back what is written', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (number) => {
      assert.equal(parseDecimal(String(number)), number);
      assert.equal(parseHex(number.toString(16)), number);
    }),
  );
});
