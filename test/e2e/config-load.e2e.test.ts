// Configuration files of every kind, loaded from a disk as users have it.
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { loadConfig, type LoadedConfig } from '../support/load-config.ts';

const root = mkdtempSync(join(tmpdir(), 'daemun-config-'));
after(() => {
  rmSync(root, { recursive: true });
});

function write(name: string, text: string): string {
  const file = join(root, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

async function load(name: string, text: string, timeLimit = 60_000): Promise<LoadedConfig> {
  return loadConfig(write(name, text), { timeLimit });
}

mkdirSync(join(root, 'public'));

const TYPED = `import { defineConfig } from 'daemun';
const port: number = 8080;
export default defineConfig({
  upstreams: { app: { servers: ['http://127.0.0.1:9001'] } },
  sites: ({ proxy }) => ({ '*': { listen: [port], routes: { '/': proxy('app') } } }),
});
`;
const UNTYPED = TYPED.replace(': number', '');
const JSON_TEXT = `{ "upstreams": { "app": { "servers": ["http://127.0.0.1:9001"] } },
  "sites": { "*": { "listen": [8080], "routes": { "/": { "proxy": "app" } } } } }`;
const YAML_TEXT = `upstreams:
  app: { servers: ['http://127.0.0.1:9001'] }
sites:
  '*':
    listen: [8080]
    routes:
      /: { proxy: app }
`;

const GOOD: readonly (readonly [string, string, string])[] = [
  ['TypeScript', 'good/daemun.config.ts', TYPED],
  ['TypeScript called .mts', 'good/daemun.config.mts', TYPED],
  ['JavaScript called .mjs', 'good/daemun.config.mjs', UNTYPED],
  ['JavaScript', 'good/daemun.config.js', UNTYPED],
  ['JSON', 'good/daemun.json', JSON_TEXT],
  ['YAML', 'good/daemun.yaml', YAML_TEXT],
  ['YAML called .yml', 'good/daemun.yml', YAML_TEXT],
  ['TypeScript under node_modules', 'node_modules/pack/daemun.config.ts', TYPED],
  ['JavaScript under node_modules', 'node_modules/pack/daemun.config.js', UNTYPED],
  ['TypeScript beside a package of CommonJS', 'common/daemun.config.ts', TYPED],
  ['JavaScript beside a package of CommonJS', 'common/daemun.config.js', UNTYPED],
  ['TypeScript with a space and a # in its name', 'good/my #1 config.ts', TYPED],
  ['CommonJS itself', 'common/plain.js', `module.exports = ${JSON_TEXT};`],
];
write('common/package.json', '{ "type": "commonjs" }');
write('node_modules/pack/package.json', '{ "name": "pack" }');
for (const [what, name, text] of GOOD)
  test(`a configuration in ${what} is loaded`, async () => {
    const { model, problems } = await load(name, text);
    assert.ok(model !== undefined, JSON.stringify(problems));
    const route = model.sites['*']?.routes['/'];
    assert.equal(route?.kind === 'proxy' && route.proxy, 'app');
    assert.deepEqual(model.sites['*']?.listen[0]?.endpoint, {
      kind: 'tcp',
      host: '*',
      port: 8080,
    });
  });

test('a package of the name daemun beside the file does not stand in for the installation', async () => {
  write('node_modules/daemun/package.json', '{ "name": "daemun", "exports": "./index.js" }');
  write('node_modules/daemun/index.js', 'throw new Error("the wrong one");');
  assert.deepEqual((await load('beside.ts', TYPED)).problems, undefined);
});

test('an edit of an imported file is seen by the next load', async () => {
  write('edit/port.ts', 'export const port: number = 1;');
  const text = TYPED.replace('const port: number = 8080;', `import { port } from './port.ts';`);
  const first = await load('edit/daemun.config.ts', text);
  write('edit/port.ts', 'export const port: number = 2;');
  const second = await load('edit/daemun.config.ts', text);
  assert.deepEqual(
    [first, second].map(({ model }) => model?.sites['*']?.listen[0]?.endpoint),
    [
      { kind: 'tcp', host: '*', port: 1 },
      { kind: 'tcp', host: '*', port: 2 },
    ],
  );
});

test('relative paths start from the directory of the file', async () => {
  const text = '{"sites":{"*":{"listen":[80],"routes":{"/":{"files":"../public"}}}}}';
  const { model } = await load('good/paths.json', text);
  const route = model?.sites['*']?.routes['/'];
  assert.equal(route?.kind === 'files' && route.files, join(root, 'public'));
});

const CONFIG = `export default `;
/** Name, text, the object, the line and column, what is said, the cure. */
const BAD: readonly (readonly [string, string, string, string, string, RegExp, RegExp])[] = [
  [
    'a fault of syntax in TypeScript',
    'a.ts',
    `const a: number = 1;\n${CONFIG}{ a: 1,, };`,
    '',
    '2:23',
    /Unexpected token/,
    /syntax/,
  ],
  [
    'a fault of syntax in JavaScript',
    'a.mjs',
    `const a = 1;\n${CONFIG}{ a: 1,, };`,
    '',
    '2:23',
    /Unexpected token/,
    /syntax/,
  ],
  [
    'an enum',
    'enum.ts',
    `const a = 1;\nenum A { B }\n${CONFIG}{};`,
    '',
    '2:1',
    /enum is not supported/,
    /taken away/,
  ],
  [
    'a thrown error',
    'throws.ts',
    `function f(): never {\n  throw new TypeError('no luck');\n}\n${CONFIG}f();`,
    '',
    '2:9',
    /TypeError: no luck/,
    /Correct the program/,
  ],
  [
    'an error in the function for sites',
    'sites.ts',
    TYPED.replace(`proxy('app')`, `proxy(app)`),
    '',
    '5:72',
    /ReferenceError: app is not defined/,
    /./,
  ],
  ['a thrown text', 'text.ts', `throw 'no luck';`, '', '', /failed: no luck/, /./],
  [
    'an import of a name that is not exported',
    'lack.ts',
    `import { nope } from 'node:fs';\n${CONFIG}nope;`,
    '',
    '1:10',
    /does not provide an export named 'nope'/,
    /./,
  ],
  [
    'an import that is not there',
    'none.ts',
    `const b = 1;\nimport x from './nowhere.ts';\n${CONFIG}x;`,
    '',
    '2:18',
    /Cannot find module/,
    /Correct the import/,
  ],
  [
    'a package that is not there',
    'pack.ts',
    `import x from 'no-such-package';\n${CONFIG}x;`,
    '',
    '1:16',
    /Cannot find package/,
    /install/,
  ],
  [
    'no default export',
    'named.ts',
    `export const config = {};`,
    '',
    '',
    /no default export/,
    /export default defineConfig/,
  ],
  [
    'a text as default export',
    'string.ts',
    `${CONFIG}'x';`,
    '',
    '1:16',
    /Expected an object, got "x"/,
    /./,
  ],
  [
    'a promise as default export',
    'promise.ts',
    `${CONFIG}Promise.resolve({});`,
    '',
    '1:16',
    /got a promise/,
    /await/,
  ],
  [
    'sites without defineConfig',
    'bare.ts',
    `${CONFIG}{\n  sites: () => ({}),\n};`,
    'sites',
    '2:3',
    /got a function/,
    /defineConfig/,
  ],
  [
    'a function in the data',
    'function.ts',
    `${CONFIG}{\n  sites: { '*': { listen: [80], routes: {\n    '/': () => 1 } } } };`,
    'sites["*"].routes["/"]',
    '3:5',
    /got a function/,
    /./,
  ],
  [
    'a getter that throws',
    'getter.ts',
    `${CONFIG}{ get sites() {\n throw new Error('caught'); } };`,
    '',
    '2:8',
    /caught/,
    /./,
  ],
  ['a call of process.exit', 'exit.ts', `process.exit(0);`, '', '', /ended before/, /process.exit/],
  [
    'an await that is never answered',
    'await.ts',
    `await new Promise(() => {});\n${CONFIG}{};`,
    '',
    '',
    /ended before/,
    /await/,
  ],
  [
    'an unknown upstream in TypeScript',
    'unknown.ts',
    TYPED.replace(`proxy('app')`, `{\n  proxy: 'ap' }`),
    'sites["*"].routes["/"].proxy',
    '6:3',
    /no upstream "ap"/,
    /"app"/,
  ],
  [
    'a fault of syntax in JSON',
    'a.json',
    '{\n  "sites": {},\n}',
    '',
    '3:1',
    /Expected a key/,
    /comma/,
  ],
  [
    'a key twice in JSON',
    'b.json',
    JSON_TEXT.replace('"listen"', '"listen": [1],\n"listen"'),
    '',
    '3:1',
    /"listen" stands twice/,
    /Remove/,
  ],
  [
    'an unknown upstream in JSON',
    'c.json',
    JSON_TEXT.replace('"proxy": "app"', '\n"proxy": "ap"'),
    'sites["*"].routes["/"].proxy',
    '3:1',
    /no upstream/,
    /"app"/,
  ],
  ['a fault of syntax in YAML', 'a.yaml', 'sites:\n\t"*": 1\n', '', '2:1', /[Tt]ab/, /indent/],
  [
    'a key twice in YAML',
    'b.yaml',
    YAML_TEXT.replace('    listen', '    listen: [1]\n    listen'),
    '',
    '6:5',
    /stands twice/,
    /Remove/,
  ],
  [
    'an unknown upstream in YAML',
    'c.yaml',
    YAML_TEXT.replace('proxy: app', 'proxy: ap'),
    'sites["*"].routes["/"].proxy',
    '7:12',
    /no upstream/,
    /"app"/,
  ],
  ['an empty YAML file', 'd.yaml', '', '', '1:1', /file is empty/, /: sites: \{ "\*": \{ "listen"/],
  ['a YAML file of comments', 'e.yaml', '# later\n', '', '1:1', /file is empty/, /: sites: /],
  ['a YAML file that says null', 'f.yaml', 'null\n', '', '1:1', /got null/, /./],
  ['an empty JSON file', 'd.json', ' \n', '', '1:1', /file is empty/, /: \{ "sites": \{ "\*"/],
  [
    'an empty TypeScript file',
    'd.ts',
    '\uFEFF\n',
    '',
    '1:1',
    /is empty/,
    /: export default \{ sites/,
  ],
  ['a name without an ending', 'a', '{}', '', '', /has no ending/, /\.yaml/],
  ['an ending that nobody knows', 'a.toml', '', '', '', /ending ".toml"/, /\.yaml/],
];
for (const [what, name, text, object, place, message, cure] of BAD)
  test(`${what} is a problem`, async () => {
    const { problems } = await load(`bad/${name}`, text);
    assert.equal(problems?.length, 1, JSON.stringify(problems));
    const [problem] = problems;
    assert.equal(problem?.object, object);
    assert.equal(problem.file, join(root, 'bad', name));
    assert.equal(problem.line === undefined ? '' : `${problem.line}:${problem.column}`, place);
    assert.match(problem.message, message);
    assert.match(problem.cure, cure);
  });

test('a fault in an imported file names that file', async () => {
  const inner = write('bad/inner.js', 'export const a = 1;\nexport const b = ;\n');
  const { problems } = await load('bad/outer.ts', `import { a } from './inner.js';\n${CONFIG}a;`);
  assert.deepEqual(
    problems?.map(({ file, line, code }) => [file, line, code]),
    [[inner, 2, 'syntax']],
  );
});

for (const [what, text] of [
  ['loops for ever', 'for (;;);'],
  ['waits for ever', `${CONFIG}await new Promise((done) => setTimeout(done, 1e9));`],
] as const)
  test(`a configuration that ${what} is stopped`, async () => {
    const { problems } = await load(`bad/${what}.ts`, text, 500);
    assert.deepEqual(
      problems?.map(({ code, message }) => [code, message]),
      [['time-limit', 'The file did not finish within 0.5 seconds']],
    );
  });

test('a configuration that leaves a timer running is loaded all the same', async () => {
  const { problems } = await load('good/timer.ts', `setInterval(() => {}, 1000);\n${TYPED}`);
  assert.deepEqual(problems, undefined);
});

test('a directory that is a loop of links is a problem', async () => {
  symlinkSync('loop', join(root, 'loop'));
  const text = '{"sites":{"*":{"listen":[80],"routes":{"/":{"files":"./loop"}}}}}';
  const { problems } = await load('loop.json', text);
  assert.deepEqual(
    problems?.map(({ code }) => code),
    ['path-missing'],
  );
});

test('a proxy object in the data is a problem', async () => {
  const { problems } = await load('bad/proxy.ts', `${CONFIG}new Proxy({ sites: {} }, {});`);
  assert.deepEqual(
    problems?.map(({ code }) => code),
    ['evaluation'],
  );
});

test('a file that does not exist, and a directory, are problems', async () => {
  const missing = await loadConfig(join(root, 'nowhere.ts'));
  assert.match(missing.problems?.[0]?.message ?? '', /does not exist/);
  mkdirSync(join(root, 'directory.ts'));
  const directory = await loadConfig(join(root, 'directory.ts'));
  assert.equal(directory.problems?.[0]?.code, 'unreadable');
  assert.match(directory.problems[0].message, /is a directory/);
});

test('what is told of an empty file as the least that can be served can be served', async () => {
  for (const [name, start] of [
    ['least.json', '{ "sites"'],
    ['least.yaml', 'sites:'],
    ['least.ts', 'export default'],
  ] as const) {
    // oxlint-disable-next-line no-await-in-loop -- three
    const { problems } = await load(`good/${name}`, '');
    const least = problems?.[0]?.cure.split(' is: ')[1] ?? '';
    assert.ok(least.startsWith(start), least);
    // oxlint-disable-next-line no-await-in-loop -- three
    const written = await load(`good/${name}`, least.replace('./public', '../public'));
    assert.deepEqual(written.problems, undefined, JSON.stringify(written.problems));
  }
});
