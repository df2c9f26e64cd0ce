import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { charsetDecoder, decodeUtf8 } from './charset-decoder.ts';

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

describe('UTF-8', () => {
  for (const text of ['', 'plain', 'ä€😀', '\ufeffmark', '\0']) {
    test(`${JSON.stringify(text)} comes back as it was`, () => {
      assert.equal(decodeUtf8(latin1(text)), text);
    });
  }

  test('what is not UTF-8 becomes U+FFFD', () => {
    assert.equal(decodeUtf8('a\xffb'), 'a\ufffdb');
    assert.equal(decodeUtf8('\xc3'), '\ufffd');
  });
});

describe('a charset by name', () => {
  test('has no letter case, and UTF-8 keeps a byte order mark', () => {
    assert.equal(charsetDecoder('UTF-8')?.('\xef\xbb\xbfx'), '\ufeffx');
  });

  test('may be any that browsers know', () => {
    assert.equal(charsetDecoder('iso-8859-1')?.('\xe4'), 'ä');
    assert.equal(charsetDecoder('Shift_JIS')?.('\x95\x5c'), '表');
    assert.equal(charsetDecoder('windows-1251')?.('\xc6'), 'Ж');
  });

  test('is null where it is unknown', () => {
    assert.equal(charsetDecoder('no-such'), null);
    assert.equal(charsetDecoder(''), null);
  });
});
