import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCodesPage } from './error-codes.ts';
import type { GeneratedPage } from './reference-page.ts';
import { projectOf } from './source-tree.ts';

function kind(code: string, more = ''): string {
  return `'${code}': { blame: 'client', status: 400, means: 'It is ' + 'bad.', cure: \`Mend | it.\`${more} },`;
}

function page(files: Readonly<Record<string, string>>): GeneratedPage {
  return errorCodesPage.generate(projectOf(files).sources());
}

const USE = `import { FAULTS } from './faults.ts'; throw new Fault(FAULTS['bad-line']);`;

test('the page lists codes sorted, with bars escaped and without a status where none is sent', () => {
  const { text, problems } = page({
    'src/http/faults.ts': `export const FAULTS = defineFaults({ ${kind('zero')} ${kind('bad-line')} } as const)`,
    'src/net/faults.ts': `export const FAULTS = defineFaults({ gone: { blame: 'us', status: 0, means: 'a', cure: 'b' } } satisfies T)`,
    'src/http/a.ts': `${USE} use(FAULTS.zero, faults['gone'])`,
  });
  assert.deepEqual(problems, []);
  assert.deepEqual(
    text.split('\n').filter((line) => line.startsWith('| `')),
    [
      '| `bad-line` | client | 400 | It is bad. | Mend \\| it. |',
      '| `gone` | us |  | a | b |',
      '| `zero` | client | 400 | It is bad. | Mend \\| it. |',
    ],
  );
});

test('sources without faults make a page that says so', () => {
  const { text, problems } = page({ 'src/base/a.ts': 'export {}' });
  assert.deepEqual(problems, []);
  assert.match(text, /No code is defined yet\.\n$/);
});

test('a code that two files define is reported with both places', () => {
  const text = `export const FAULTS = defineFaults({\n${kind('bad-line')} })`;
  const { problems } = page({
    'src/http/faults.ts': text,
    'src/http/a.ts': USE,
    'src/net/faults.ts': text,
  });
  assert.deepEqual(problems, [
    'src/net/faults.ts:2: code bad-line is already defined at src/http/faults.ts:2',
  ]);
});

for (const [what, from, to] of [
  ['meaning', "'bad.'", "'the client’s.'"],
  ['cure', 'Mend | it.', 'Mend it – now.'],
] as const)
  test(`a ${what} that is not ASCII is reported, because the log would escape it`, () => {
    const { problems } = page({
      'src/http/faults.ts': `export const FAULTS = defineFaults({ ${kind('gone').replace(from, to)} });`,
      'src/http/a.ts': 'FAULTS.gone',
    });
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /^src\/http\/faults\.ts:1: gone: not ASCII: /);
  });

test('a cure that names an option that does not exist is reported with its place', () => {
  const { problems } = page({
    'src/http/faults.ts': `export const FAULTS = defineFaults({ ${kind('gone').replace('Mend | it.', 'Raise \\`limits.head\\`.')} });`,
    'src/http/a.ts': 'FAULTS.gone',
    'src/net/options.ts': 'export interface LimitOptions { readonly headLimit?: Size }',
  });
  assert.deepEqual(problems, ['src/http/faults.ts:1: gone: there is no option limits.head']);
});

const USED: readonly (readonly [string, string])[] = [
  ['by its text', `FAULTS['gone']`],
  ['as a member', 'H1_FAULTS.gone'],
  ['by taking the table apart', 'const { gone } = FAULTS'],
  ['by taking the table apart under another name', `const { 'gone': left } = FAULTS`],
];
for (const [how, text] of USED) {
  test(`a code that is used ${how} is sound`, () => {
    const { problems } = page({
      'src/http/faults.ts': `export const FAULTS = defineFaults({ ${kind('gone')} });`,
      'src/http/a.ts': text,
    });
    assert.deepEqual(problems, []);
  });
}

const UNUSED: readonly (readonly [string, string])[] = [
  ['nowhere', ''],
  ['in a comment', `// FAULTS['bad-line']`],
  ['as any string', `log('bad-line')`],
  ['as a member of something else', `lines['bad-line']`],
];
for (const [where, text] of UNUSED) {
  test(`a code that is used ${where} is reported`, () => {
    const { problems } = page({
      'src/http/faults.ts': `export const FAULTS = defineFaults({ ${kind('bad-line')} }); FAULTS['bad-line'];`,
      'src/http/a.ts': text,
      'src/http/a.test.ts': USE,
    });
    assert.deepEqual(problems, ['src/http/faults.ts:1: code bad-line is never used']);
  });
}

const UNREADABLE: readonly (readonly [string, string, RegExp])[] = [
  ['src/http/faults.ts', 'defineFaults(table)', /takes an object written out/],
  ['src/http/faults.ts', `defineFaults({ ...others })`, /takes an object written out/],
  ['src/http/faults.ts', `defineFaults({ [code]: {} })`, /takes an object written out/],
  ['src/http/faults.ts', `defineFaults({ a: kind })`, /a needs blame, means and cure/],
  ['src/http/faults.ts', `defineFaults({ a: { blame: 'us', means: 'x' } })`, /a needs blame/],
  [
    'src/http/faults.ts',
    `defineFaults({ a: { blame: 'us', means: \`\${x}\`, cure: 'y' } })`,
    /a needs/,
  ],
  [
    'src/http/faults.ts',
    `defineFaults({ ${kind('a', ', status: code')} })`.replace('status: 400, ', ''),
    /a needs/,
  ],
  ['src/http/kinds.ts', `defineFaults({ ${kind('a')} })`, /belongs in a file named faults\.ts/],
];
for (const [path, text, complaint] of UNREADABLE) {
  test(`faults that cannot be read from the text are refused: ${path}: ${text}`, () => {
    const { problems } = page({ [path]: text });
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0] ?? '', complaint);
  });
}
