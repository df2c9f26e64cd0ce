import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineIndex, placeOf } from './text-position.ts';
import { readYaml } from './yaml-text.ts';

const TEXT = `# a comment
sites:
  "*":
    listen: [80, "127.0.0.1:8080"]
    errorPages:
      404: /404.html
    routes:
      /: &root { files: ./public }
      /b/*: *root
`;

test('YAML is read with keys as texts and aliases as their values', () => {
  const read = readYaml(TEXT);
  assert.deepEqual(read.faults, []);
  assert.deepEqual(read.value, {
    sites: {
      '*': {
        listen: [80, '127.0.0.1:8080'],
        errorPages: { '404': '/404.html' },
        routes: { '/': { files: './public' }, '/b/*': { files: './public' } },
      },
    },
  });
});

test('every value has the place of its key or its own', () => {
  const { places } = readYaml(TEXT);
  const at = (...path: (string | number)[]): unknown => placeOf(places, new LineIndex(TEXT), path);
  assert.deepEqual(at('sites', '*', 'listen', 1), { line: 4, column: 18 });
  assert.deepEqual(at('sites', '*', 'errorPages', '404'), { line: 6, column: 7 });
  assert.deepEqual(at('sites', '*', 'routes', '/', 'files'), { line: 8, column: 18 });
  assert.deepEqual(at('sites', '*', 'routes', '/b/*', 'files'), { line: 9, column: 7 });
});

const FAULTS: readonly (readonly [string, string, number, string])[] = [
  ['a key that stands twice', 'a: 1\nb: 2\na: 3\n', 3, 'duplicate'],
  ['a list that is not closed', 'a: [1, 2\n', 2, 'syntax'],
  ['a tab that indents', 'a:\n\tb: 1\n', 2, 'syntax'],
  ['two documents', 'a: 1\n---\nb: 2\n', 2, 'syntax'],
  ['an alias of nothing', 'a: *b\n', 1, 'syntax'],
  ['an unknown tag', 'a: !thing x\n', 1, 'syntax'],
];
for (const [what, text, line, code] of FAULTS)
  test(`${what} is a fault in line ${line}`, () => {
    const [fault] = readYaml(text).faults;
    assert.equal(fault?.code, code);
    assert.equal(new LineIndex(text).at(fault.offset).line, line);
    assert.notEqual(fault.cure, '');
  });

test('a key that stands twice is named, however it is quoted', () => {
  for (const text of [
    'a: {}\nb:\n  "x: y": 1\n  c: 2\n  "x: y": 3\n',
    'b: { "x: y": 1, \'x: y\': 3 }\n',
  ]) {
    const [fault] = readYaml(text).faults;
    assert.equal(fault?.message, 'The key "x: y" stands twice in the same object');
  }
});

test('aliases that multiply into millions of values are refused', () => {
  let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n';
  for (let level = 1; level < 9; level++)
    text += `a${level}: &a${level} [${Array.from({ length: 10 }, () => `*a${level - 1}`).join(', ')}]\n`;
  const read = readYaml(text);
  assert.equal(read.value, undefined);
  assert.match(read.faults[0]?.message ?? '', /alias/i);
});

test('the words yes and no are texts, as in YAML 1.2', () => {
  assert.deepEqual(readYaml('a: no\nb: yes\nc: true\n').value, { a: 'no', b: 'yes', c: true });
});

test('keys that look like numbers or nothing stay as they are written', () => {
  assert.deepEqual(readYaml('0x10: 1\n1e3: 2\nnull: 3\n').value, { '0x10': 1, '1e3': 2, null: 3 });
});

test('an empty file is null', () => {
  assert.equal(readYaml('').value, null);
});
