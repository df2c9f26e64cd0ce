import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const home = join(import.meta.dirname, '..');

interface Built {
  readonly code: number | null;
  readonly output: string;
  /** Text by path below dist. */
  readonly dist: Readonly<Record<string, string>>;
}

/** Builds a folder that holds `files` and this repository's settings. */
function build(files: Readonly<Record<string, string>>): Built {
  const root = mkdtempSync(join(tmpdir(), 'daemun-build-'));
  try {
    symlinkSync(join(home, 'node_modules'), join(root, 'node_modules'));
    for (const name of ['package.json', 'tsconfig.json', 'tsconfig.build.json']) {
      copyFileSync(join(home, name), join(root, name));
    }
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const child = spawnSync(process.execPath, [join(import.meta.dirname, 'build.ts')], {
      env: { ...process.env, DAEMUN_BUILD_ROOT: root },
      encoding: 'utf8',
    });
    const dist = join(root, 'dist');
    const built = globSync('**/*.*', { cwd: dist }).toSorted();
    return {
      code: child.status,
      output: child.stdout + child.stderr,
      dist: Object.fromEntries(built.map((path) => [path, readFileSync(join(dist, path), 'utf8')])),
    };
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('the build holds JavaScript and declarations with rewritten imports, no test, and nothing of an earlier one', () => {
  const { code, output, dist } = build({
    'src/index.ts': `export { one } from './base/one.ts';`,
    'src/base/one.ts': 'export const one: number = 1;',
    'src/base/one.test.ts': `import { one } from './one.ts'; one;`,
    'dist/stale.js': '',
  });
  assert.equal(code, 0, output);
  assert.deepEqual(Object.keys(dist), ['base/one.d.ts', 'base/one.js', 'index.d.ts', 'index.js']);
  assert.match(dist['index.js'] ?? '', /from '\.\/base\/one\.js'/);
});

test('a type error fails the build', () => {
  const { code, output } = build({ 'src/index.ts': `export const one: number = '1';` });
  assert.equal(code, 1);
  assert.match(output, /src\/index\.ts\(1,14\): error TS2322/);
});

test('a source folder without files fails the build with a sentence', () => {
  const { code, output } = build({});
  assert.equal(code, 1);
  assert.equal(output, 'src has no files to build\n');
});
