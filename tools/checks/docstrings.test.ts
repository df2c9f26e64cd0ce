import assert from 'node:assert/strict';
import { test } from 'node:test';
import { projectOf } from '../source-tree.ts';
import { docstringsCheck, meaningfulWords } from './docstrings.ts';

async function problems(text: string, path = 'src/base/a.ts'): Promise<readonly string[]> {
  return docstringsCheck.run(projectOf({ [path]: text }));
}

const GOOD = '/** Milliseconds without a byte before the connection is closed. */';

const SOUND: readonly (readonly [string, string])[] = [
  ['function', `${GOOD}\nexport function idleTime(): number { return 1 }`],
  ['constant', `${GOOD}\nexport const IDLE = 1;`],
  ['export list', `${GOOD}\nfunction idleTime() {}\nexport { idleTime }`],
  [
    'overload',
    `${GOOD}\nexport function f(a: 1): void;\nexport function f(a: 2): void;\nexport function f(a: unknown): void {}`,
  ],
  ['destructuring', `${GOOD}\nexport const { a, b } = c;`],
  ['re-export', `export { x } from './x.ts';\nexport * from './y.ts';`],
  ['line comment between', `${GOOD}\n// oxlint-disable-next-line x\nexport const IDLE = 1;`],
  ['no export', `function hidden() {}`],
  ['a value whose type is explained', '/** Schema of `PoolOptions`. */\nexport const pool = 1;'],
  ['a type in two words', '/** A media type taken apart. */\nexport interface MediaType {}'],
  ['values in backticks', '/** Whether the byte is `0`–`9`. */\nexport function isDigitByte() {}'],
];
for (const [what, text] of SOUND) {
  test(`docstrings accept: ${what}`, async () => {
    assert.deepEqual(await problems(text), []);
  });
}

const FAULTY: readonly (readonly [string, string, RegExp])[] = [
  ['none on a function', `export function f() {}`, /:1: export f has no docstring/],
  ['none on a class', `\nexport class Pool {}`, /:2: export Pool has no docstring/],
  ['none on a type', `export type Name = string`, /export Name has no docstring/],
  ['none on an export list', `function f() {}\nexport { f as g }`, /export g has no docstring/],
  ['none on a default', `export default function () {}`, /has no docstring/],
  [
    'a line comment',
    `// Milliseconds without a byte before closing.\nexport const IDLE = 1;`,
    /no docstring/,
  ],
  [
    'a plain block',
    `/* Milliseconds without a byte before closing. */\nexport const IDLE = 1;`,
    /no docstring/,
  ],
  ['one that belongs to another', `${GOOD}\nconst a = 1;\nexport const IDLE = a;`, /no docstring/],
  [
    'the name again',
    `/** Parses the entity tags. */\nexport function parseEntityTag() {}`,
    /no more than its name/,
  ],
  [
    'empty words',
    `/** This is the value that is used for the pool. */\nexport class Pool {}`,
    /no more than/,
  ],
];
for (const [what, text, complaint] of FAULTY) {
  test(`docstrings refuse: ${what}`, async () => {
    const found = await problems(text);
    assert.equal(found.length, 1, found.join('\n'));
    assert.match(found[0] ?? '', complaint);
  });
}

test('every property of an exported Options type is documented, nested ones too', async () => {
  const found = await problems(`${GOOD}
export interface PoolOptions {
  /** Milliseconds an idle one is kept. */
  readonly keep: number;
  readonly size: number;
  /** The limit. */
  readonly limit: number;
  /** Where messages about trouble go. */
  readonly log: { readonly path: string };
}
${GOOD}
export type OtherOptions = PoolOptions & { readonly more: string };
interface HiddenOptions { readonly a: string }
${GOOD}
export interface Pool { readonly a: string }`);
  assert.deepEqual(found, [
    'src/base/a.ts:5: option PoolOptions.size has no docstring',
    'src/base/a.ts:7: the docstring of option PoolOptions.limit says no more than its name',
    'src/base/a.ts:9: option PoolOptions.log.path has no docstring',
    'src/base/a.ts:12: option OtherOptions.more has no docstring',
  ]);
});

test('tests and end-to-end files need no docstrings, tools do', async () => {
  const bare = 'export const x = 1;';
  assert.deepEqual(await problems(bare, 'src/base/a.test.ts'), []);
  assert.deepEqual(await problems(bare, 'test/e2e/a.ts'), []);
  assert.equal((await problems(bare, 'tools/a.ts')).length, 1);
});

test('the words of the name count neither in another case nor in another form', () => {
  assert.deepEqual(
    [...meaningfulWords('Parsing entity-tags, HTTPStatus of RFC 9110', 'parseEntityTagHttp')],
    ['statu', 'rfc', '9110'],
  );
});
