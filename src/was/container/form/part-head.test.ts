import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { MalformedBodyException } from '../../api/index.ts';
import { charsetDecoder, decodeUtf8 } from './charset-decoder.ts';
import { parsePartHead, type PartHead } from './part-head.ts';

const parse = (block: string): PartHead => parsePartHead(block, decodeUtf8);
const disposition = (rest: string): PartHead => parse(`Content-Disposition: form-data${rest}`);

describe('the name of a part', () => {
  for (const [rest, name] of [
    ['; name="a"', 'a'],
    [';name=a', 'a'],
    [' ;\tname=a ;', 'a'],
    ['; NAME="a"', 'a'],
    ['; name=""', ''],
    ['; name="a;b=c"', 'a;b=c'],
    ['; name="a b"; x=y', 'a b'],
    [String.raw`; name="a\"b"`, 'a"b'],
    [String.raw`; name="a\\b"`, String.raw`a\b`],
    [String.raw`; name="a\b"`, String.raw`a\b`],
    ['; name="%22"', '%22'],
    ['; name="\xc3\xa4"', 'ä'],
    ['; name="__proto__"', '__proto__'],
    ['; filename="f"; name="a"', 'a'],
  ] as const) {
    test(`${rest} is ${JSON.stringify(name)}`, () => {
      assert.equal(disposition(rest).name, name);
    });
  }

  test('is in the charset of the form, of which a byte may look like a backslash', () => {
    const decode = charsetDecoder('shift_jis') ?? decodeUtf8;
    const head = parsePartHead(
      'Content-Disposition: form-data; name="\x95\x5c"; filename="\x95\x5c"',
      decode,
    );
    assert.equal(head.name, '表');
    assert.equal(head.submittedFileName, '表');
  });
});

describe('the name of a file', () => {
  for (const [rest, name] of [
    ['', null],
    ['; filename=""', ''],
    ['; filename=f.txt', 'f.txt'],
    ['; filename="f.txt"', 'f.txt'],
    ['; filename="f o.txt"', 'f o.txt'],
    ['; filename="a/b/f.txt"', 'f.txt'],
    ['; filename="../../etc/passwd"', 'passwd'],
    [String.raw`; filename="C:\dir\f.txt"`, 'f.txt'],
    [String.raw`; filename="a/b\f.txt"`, 'f.txt'],
    [String.raw`; filename="a\"b.txt"`, 'a"b.txt'],
    ['; filename="dir/"', ''],
    ['; filename=".."', ''],
    ['; filename="a/."', ''],
    ['; filename="..\t"', ''],
    ['; filename="a\tb\xc2\x85c"', 'abc'],
    ['; filename="\xe2\x82\xac.txt"', '€.txt'],
    ['; filename="%2e%2e%2ff"', '%2e%2e%2ff'],
    ["; filename*=UTF-8''f.txt", null],
    ['; filename="plain"; filename*=UTF-8\'\'other', 'plain'],
  ] as const) {
    test(`of '${rest}' is ${JSON.stringify(name)}`, () => {
      assert.equal(disposition(`; name="a"${rest}`).submittedFileName, name);
    });
  }
});

describe('header fields', () => {
  test('are kept in order, without case and with all their values', () => {
    const { headers } = parse(
      'X-B: 1\r\ncontent-disposition:form-data;name=a\r\nX-b: 2 \r\nContent-Type:\ttext/plain',
    );
    assert.deepEqual(
      [...headers],
      [
        ['x-b', ['1', '2']],
        ['content-disposition', ['form-data;name=a']],
        ['content-type', ['text/plain']],
      ],
    );
  });

  test('may be folded', () => {
    assert.equal(parse('Content-Disposition: form-data;\r\n\t name="a b"').name, 'a b');
  });

  for (const [what, block] of [
    ['none', ''],
    ['no disposition', 'Content-Type: text/plain'],
    [
      'two dispositions',
      'Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=b',
    ],
    ['a disposition of another kind', 'Content-Disposition: attachment; name=a'],
    ['a disposition that begins like ours', 'Content-Disposition: form-data2; name=a'],
    ['no name', 'Content-Disposition: form-data'],
    ['a file name alone', 'Content-Disposition: form-data; filename=f'],
    ['two names', 'Content-Disposition: form-data; name=a; name=b'],
    ['two file names', 'Content-Disposition: form-data; name=a; filename=f; filename=g'],
    ['an open quote', 'Content-Disposition: form-data; name="a'],
    ['an open quote behind a backslash', String.raw`Content-Disposition: form-data; name="a\"`],
    ['text behind a quote', 'Content-Disposition: form-data; name="a"b'],
    ['a parameter without a value', 'Content-Disposition: form-data; name=a; x'],
    ['a parameter without a name', 'Content-Disposition: form-data; name=a; =x'],
    ['a line without a colon', 'Content-Disposition: form-data; name=a\r\nnonsense'],
    ['a line without a name', 'Content-Disposition: form-data; name=a\r\n: x'],
    ['a blank before the colon', 'Content-Disposition: form-data; name=a\r\nX : y'],
    ['a fold without a line', ' x\r\nContent-Disposition: form-data; name=a'],
    ['a bare CR', 'Content-Disposition: form-data; name="a\rb"'],
    ['a bare LF', 'Content-Disposition: form-data; name=a\nX: y'],
    ['a NUL', 'Content-Disposition: form-data; name="a\0"'],
    ['an empty line first', '\r\nContent-Disposition: form-data; name=a'],
  ] as const) {
    test(`${what}: refused`, () => {
      assert.throws(() => parse(block), MalformedBodyException);
    });
  }
});

test('any name and file name that a quoted string can hold come back', () => {
  const text = fc
    .string({ unit: 'grapheme' })
    .filter((one) => !/\p{Cc}/u.test(one) && one.isWellFormed());
  fc.assert(
    fc.property(text, text, (name, file) => {
      const quoted = (one: string): string =>
        Buffer.from(`"${one.replaceAll(/["\\]/g, String.raw`\$&`)}"`, 'utf8').toString('latin1');
      const head = disposition(`; name=${quoted(name)}; filename=${quoted(`/${file}`)}`);
      assert.equal(head.name, name);
      const base = file.split(/[/\\]/).at(-1) ?? '';
      assert.equal(head.submittedFileName, ['.', '..'].includes(base) ? '' : base);
    }),
  );
});
