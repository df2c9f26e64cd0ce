import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ElementReader } from './element-reader.ts';
import { Problems } from './problems.ts';
import { urlPattern } from './url-pattern.ts';

/** What is made of a text, and the messages about it. */
function read(text: string): { readonly pattern: string | null; readonly told: readonly string[] } {
  const problems = new Problems('/a/web.xml');
  const element = { name: 'url-pattern', text, children: [], line: 2, column: 3 };
  const pattern = urlPattern(element, new ElementReader(problems));
  const isNoted = problems.found.every(({ isNote }) => isNote === true);
  assert.equal(pattern === null, !isNoted);
  return { pattern, told: problems.found.map(({ message }) => message) };
}

for (const [text, pattern] of [
  ['', ''],
  ['/', '/'],
  ['/*', '/*'],
  ['/a/*', '/a/*'],
  ['/a.b', '/a.b'],
  ['*.do', '*.do'],
  ['*.', '*.'],
  ['/a+b', '/a+b'],
  ['/%2B%C3%A4', '/+ä'],
  ['/%252B', '/%2B'],
  ['%2Fa', '/a'],
] as const) {
  test(`${JSON.stringify(text)} is the pattern ${JSON.stringify(pattern)}`, () => {
    assert.deepEqual(read(text), { pattern, told: [] });
  });
}

for (const [text, message] of [
  ['a', /^Neither/],
  ['*', /^Neither/],
  ['*a', /^Neither/],
  ['.do', /^Neither/],
  ['*.a/b', /has a slash/],
  ['/*.do', /^Path and ending/],
  ['/a/*.b/*', /^Path and ending/],
  ['/%2A.do', /^Path and ending/],
  ['/a\nb', /line end/],
  ['/a%0Ab', /line end/],
  ['/a%0D', /line end/],
  ['/%00', /NUL/],
  ['/%', /escape/],
  ['/%4', /escape/],
  ['/%zz', /escape/],
  // Tomcat puts U+FFFD there, which no path has either.
  ['/%E4', /escape/],
  ['/%C0%AF', /escape/],
] as const) {
  test(`${JSON.stringify(text)} is no pattern`, () => {
    const { pattern, told } = read(text);
    assert.equal(pattern, null);
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', message);
  });
}

for (const [text, message] of [
  ['/a*', /matched as it stands/],
  ['/**', /matched as it stands/],
  ['/a/*/b', /matched as it stands/],
  ['*.tar.gz', /matches nothing/],
] as const) {
  test(`${JSON.stringify(text)} is a pattern that is noted`, () => {
    const { pattern, told } = read(text);
    assert.equal(pattern, text);
    assert.equal(told.length, 1);
    assert.match(told[0] ?? '', message);
  });
}
