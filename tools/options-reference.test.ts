import assert from 'node:assert/strict';
import { test } from 'node:test';
import { optionsReferencePage } from './options-reference.ts';
import type { GeneratedPage } from './reference-page.ts';
import { projectOf } from './source-tree.ts';

function page(files: Readonly<Record<string, string>>): GeneratedPage {
  return optionsReferencePage.generate(projectOf(files).sources());
}

const NET = `
/** How it waits. */
export interface WaitOptions extends OtherOptions {
  /** Time to wait
   * (nginx \`x | y\`). */
  readonly time?: Duration;
  /** How often. */
  readonly count?: number | 'all';
  /** Where. */
  readonly path: string;
  /** Nothing stands without it. */
  readonly names?: readonly string[];
}
export const wait = object<WaitOptions>()({
  time: withDefault(duration({ min: '1ms', max: '1h' }), '30s'),
  count: withDefault(byType({ number: integer({ min: 1, max: 1_000, unit: 'times' }), string: oneOf('all') }), 'all'),
  path: required(path()),
  names: optional(list(string())),
});
/** No options of anybody. */
export interface WaitModel { readonly time: number }
`;

test('a table has type, default, range and meaning of each option, bars escaped', () => {
  const { text, problems } = page({ 'src/net/options.ts': NET });
  assert.deepEqual(problems, []);
  assert.equal(
    text.slice(text.indexOf('## ')),
    `## WaitOptions

How it waits.

With the options of [\`OtherOptions\`](#otheroptions).

| Option | Type | Default | Range | Meaning |
| --- | --- | --- | --- | --- |
| \`time\` | \`Duration\` | \`'30s'\` | 1ms–1h | Time to wait (nginx \`x \\| y\`). |
| \`count\` | \`number \\| 'all'\` | \`'all'\` | 1–1000 times | How often. |
| \`path\` | \`string\` | required |  | Where. |
| \`names\` | \`string[]\` |  |  | Nothing stands without it. |
`,
  );
});

test('the top of the configuration comes first, then the parts by name', () => {
  const { text } = page({
    'src/web/options.ts': '/** W. */ export interface BOptions {}',
    'src/net/options.ts': '/** N. */ export interface AOptions {}',
    'src/net/other.ts': '/** Not read. */ export interface COptions {}',
    'src/config/native.ts': '/** C. */ export interface Config {}',
  });
  assert.deepEqual(text.match(/^## .*/gm), ['## Config', '## AOptions', '## BOptions']);
});

test('an option without a documentation line or a field is reported', () => {
  const { problems } = page({
    'src/net/options.ts': `export interface AOptions {
  readonly a?: string;
}
object<AOptions>()({});`,
  });
  assert.deepEqual(problems, [
    'src/net/options.ts:2: a has no documentation line',
    'src/net/options.ts:2: a has no field in the schema of AOptions',
  ]);
});
