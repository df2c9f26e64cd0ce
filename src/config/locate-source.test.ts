import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Path } from '../schema/index.ts';
import { sourceLocator } from './locate-source.ts';

const TYPICAL = `import { defineConfig } from 'daemun';
// sites: { not this one }
const upstreams = {
  shop: { servers: ['http://a', { url: 'http://b' }] },
};

export default defineConfig({
  upstreams,
  limits: { headTimeout: '1s' },
  sites: ({ files, proxy }) => ({
    'example.com': {
      listen: [80, { port: 81 }],
      routes: {
        '/': files('./public', { etag: false }),
        '/shop/*': proxy('shop'),
        '~ ^/(a|b)': { proxy: 'shop' },
      },
    },
  }),
} satisfies unknown);
`;
const at = (source: string, path: Path): string => {
  const found = sourceLocator(source)(path);
  return found === undefined ? 'nowhere' : `${found.line}:${found.column}`;
};

const PLACES: readonly (readonly [Path, string])[] = [
  [[], '7:16'],
  [['limits', 'headTimeout'], '9:13'],
  [['upstreams', 'shop', 'servers', 1, 'url'], '4:35'],
  [['sites', 'example.com'], '11:5'],
  [['sites', 'example.com', 'listen', 0], '12:16'],
  [['sites', 'example.com', 'listen', 1, 'port'], '12:22'],
  [['sites', 'example.com', 'routes', '/', 'etag'], '14:34'],
  [['sites', 'example.com', 'routes', '~ ^/(a|b)', 'proxy'], '16:24'],
  // Not written, so the nearest that is.
  [['sites', 'example.com', 'routes', '/shop/*', 'proxy'], '15:9'],
  [['sites', 'example.com', 'missing'], '11:5'],
  [['missing'], '7:16'],
];
for (const [path, place] of PLACES)
  test(`${JSON.stringify(path)} is at ${place}`, () => {
    assert.equal(at(TYPICAL, path), place);
  });

const SHAPES: readonly (readonly [string, string, string])[] = [
  ['plain data', `export default {\n sites: { a: 1 } }`, '2:11'],
  ['a constant', `const c = {\n sites: { a: 1 } };\nexport default c;`, '2:11'],
  ['a constant with a type', `const c: Config = {\n sites: { a: 1 } };\nexport default c`, '2:11'],
  ['a constant without semicolons', `const c = {\n sites: { a: 1 } }\nexport default c\n`, '2:11'],
  ['CommonJS', `module.exports = {\n sites: { a: 1 } };`, '2:11'],
  ['a function that returns', `export default f({ sites: () => {\n return { a: 1 } } })`, '2:11'],
  ['a method', `export default f({ sites({ a }) {\n return { a: 1 } } })`, '2:11'],
  [
    'a returned constant',
    `export default f({ sites: () => {\n const s = { a: 1 };\n return s; } })`,
    '2:14',
  ],
  ['the last of two equal keys', `export default { sites: { a: 1,\n a: 2 } }`, '2:2'],
  ['an imported value', `import { sites } from './x.ts';\nexport default { sites }`, '2:18'],
  ['a spread value', `export default {\n ...base, limits: {} }`, '1:16'],
  ['no default export', `export const a = 1;`, 'nowhere'],
];
for (const [what, source, place] of SHAPES)
  test(`where sites.a is in ${what}`, () => {
    assert.equal(at(source, ['sites', 'a']), place);
  });

test('an item after a spread has the place of its list', () => {
  const source = 'export default {\n a: [...x, 1] }';
  assert.equal(at(source, ['a', 1]), '2:2');
});
