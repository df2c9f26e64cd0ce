import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { compileRegex } from './linear-regex.ts';

// The flag `l` makes V8 refuse what its breadth-first engine cannot run: the authority on the matter.
before(() => {
  setFlagsFromString('--enable-experimental-regexp-engine');
});
after(() => {
  setFlagsFromString('--no-enable-experimental-regexp-engine');
});

const LINEAR: string = 'l';

function compiled(source: string, ignoreCase = false): RegExp {
  const result = compileRegex(source, ignoreCase);
  assert.ok('value' in result, `${source}: ${'message' in result ? result.message : ''}`);
  return result.value;
}

const ACCEPTED = [
  '^/a$',
  '\\.(?:gif|jpe?g|png)$',
  '^/(?<name>[^/]+)/(.*)$',
  '^(a+)+$',
  '^(?:a|aa)+$',
  '^(?:a{1,16})+$',
  'a{17}',
  'a{0,17}',
  'a{40,}',
  '[a-z0-9-]{1,63}\\.test',
  '(?:a{4}){4}',
  '(?:\\d{1,3}\\.){3}\\d{1,3}',
  'a{',
  'a{,3}',
  ']}',
  '[]',
  '[^]',
  '[\\]a-]{20}',
  '\\x41\\u0042\\cC\\0\\q',
  'a*?b+?c??d{20,30}?',
  '\\bword\\B',
];

test('every accepted expression can be run by the linear engine, in both kinds of letter case', () => {
  for (const source of ACCEPTED) {
    for (const ignoreCase of [false, true]) {
      const regex = compiled(source, ignoreCase);
      assert.equal(regex.flags, '');
      assert.doesNotThrow(
        () => new RegExp(regex.source, LINEAR),
        `${source} became ${regex.source}`,
      );
    }
  }
});

test('catastrophic expressions end at once on the linear engine, also when letter case is ignored', () => {
  const hostile = `${'a'.repeat(40_000)}!`;
  for (const source of ['^(a+)+$', '^(a|aa)+$', '^(?:a{1,16})+$', '^(a*)*b', '(.*)*x$']) {
    for (const ignoreCase of [false, true]) {
      assert.equal(new RegExp(compiled(source, ignoreCase).source, LINEAR).test(hostile), false);
    }
  }
});

test('back references, look-around, modifiers and large products of counts are refused with a reason', () => {
  const refused: [source: string, reason: RegExp][] = [
    ['(a)\\1', /back reference/],
    ['(?<x>a)\\k<x>', /back reference/],
    ['(?=a)', /Look-ahead/],
    ['a(?!b)', /Look-ahead/],
    ['(?<=a)b', /Look-ahead and look-behind/],
    ['(?<!a)b', /look-behind/],
    ['(?i:a)', /Modifiers/],
    ['(?:a{5}){4}', /repeats too often/],
    ['(?:ab){17}', /repeats too often/],
    ['(?:a{17}){2}', /repeats too often/],
    ['a{1001}', /repeats too often/],
    ['(', /not valid/],
    ['a**', /not valid/],
  ];
  for (const [source, reason] of refused) {
    const result = compileRegex(source);
    assert.ok('message' in result, source);
    assert.match(result.message, reason);
    assert.notEqual(result.cure, '');
  }
});

test('a parenthesis, a backslash or a bracket inside a class opens nothing', () => {
  for (const source of ['[(?=]', '[\\]\\1(]', '[(][)]', '\\(\\?=', '\\[(a)\\]']) compiled(source);
});

test('letter case is ignored for ASCII letters alone, in literals, escapes, classes and ranges', () => {
  const cases: [source: string, subject: string, finds: boolean][] = [
    ['^/index\\.php$', '/INDEX.pHp', true],
    ['^\\x61$', 'A', true],
    ['^[a-f]$', 'E', true],
    ['^[a-f]$', 'G', false],
    ['^[^a]$', 'A', false],
    ['^[^a]$', 'b', true],
    ['^[X-c]$', 'x', true],
    ['^[X-c]$', 'C', true],
    ['^[X-c]$', 'd', false],
    ['^[_-z]$', 'Q', true],
    ['^[+--]$', ',', true],
    ['^[a-]$', '-', true],
    ['^[\\d-x]$', 'X', true],
    ['^\\d$', 'd', false],
    ['^\xe0$', '\xc0', false],
    ['^(?<Name>a)$', 'A', true],
  ];
  for (const [source, subject, finds] of cases) {
    assert.equal(compiled(source, true).test(subject), finds, `${source} on ${subject}`);
  }
  assert.equal(compiled('^/a$').test('/A'), false);
});

test('counts that are cut into pieces take exactly as many characters as before', () => {
  const counts: [text: string, min: number, max: number][] = [
    ['{16}', 16, 16],
    ['{17}', 17, 17],
    ['{33}', 33, 33],
    ['{0,17}', 0, 17],
    ['{1,63}', 1, 63],
    ['{20,63}', 20, 63],
    ['{32,33}', 32, 33],
    ['{17,}', 17, 200],
    ['{32,}', 32, 200],
    ['{33,}?', 33, 200],
    ['{20,30}?', 20, 30],
  ];
  for (const [text, min, max] of counts) {
    const regex = compiled(`^a${text}$`);
    for (let length = 0; length <= 70; length++) {
      const finds = length >= min && length <= max;
      assert.equal(regex.test('a'.repeat(length)), finds, `a${text} on ${length}`);
    }
  }
});

test('groups keep their numbers and names', () => {
  const match = compiled('^/(a{1,20})/(?<rest>.*)$', true).exec('/AAa/Bc');
  assert.deepEqual(match?.slice(1), ['AAa', 'Bc']);
  assert.equal(match.groups?.['rest'], 'Bc');
});
