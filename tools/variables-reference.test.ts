import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { GeneratedPage } from './reference-page.ts';
import { projectOf } from './source-tree.ts';
import { variablesPage } from './variables-reference.ts';

function page(files: Readonly<Record<string, string>>): GeneratedPage {
  return variablesPage.generate(projectOf(files).sources());
}

test('the page lists variables and families sorted, with what differs from nginx', () => {
  const { text, problems } = page({
    'src/pipeline/a.ts': `const a = defineVariables({
      uri: { means: 'Path' + ' | x', evaluate: (context) => context.path },
      '1': { means: 'First', nginx: 'Less', cached: true, evaluate: one(1) },
    }, () => {});`,
    'src/proxy/b.ts': `export const b = defineFamilies({
      http_: { means: \`Field\`, nginx: 'own', define: (rest) => () => rest },
    });`,
    'src/proxy/b.test.ts': `defineVariables({ test: { means: 'x', evaluate } });`,
    'tools/b.ts': `defineVariables({ tool: { means: 'x', evaluate } });`,
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    text.split('\n').filter((line) => line.startsWith('| `')),
    [
      '| `$1` | First | Less |',
      '| `$http_`_name_ | Field | _none_ |',
      '| `$uri` | Path \\| x |  |',
    ],
  );
});

test('sources without variables make a page that says so', () => {
  const { text, problems } = page({ 'src/base/a.ts': 'export {}' });
  assert.deepEqual(problems, []);
  assert.match(text, /No variable is defined yet\.\n$/);
});

test('a name that two tables define is reported with both places', () => {
  const text = `defineVariables({\nuri: { means: 'Path', evaluate } });`;
  assert.deepEqual(page({ 'src/a/a.ts': text, 'src/b/b.ts': text }).problems, [
    'src/b/b.ts:2: $uri is already defined at src/a/a.ts:2',
  ]);
});

for (const [written, complaint] of [
  ['defineVariables(table)', /defineVariables takes an object written out in place/],
  ['defineVariables()', /takes an object written out/],
  ['defineVariables({ ...others })', /takes an object written out/],
  ['defineFamilies({ [name]: {} })', /defineFamilies takes an object written out/],
  ['defineVariables({ a: entry })', /\$a needs means/],
  ['defineVariables({ a: { evaluate } })', /\$a needs means/],
  [`defineVariables({ a: { means: '', evaluate } })`, /\$a needs means/],
  ['defineVariables({ a: { means: `${x}`, evaluate } })', /\$a needs means/],
  [`defineFamilies({ a: { means: 'x', nginx: same, define } })`, /\$a needs means/],
] as const) {
  test(`variables that cannot be read from the text are refused: ${written}`, () => {
    const { problems } = page({ 'src/a/a.ts': written });
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0] ?? '', complaint);
  });
}
