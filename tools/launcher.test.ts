import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const home = join(import.meta.dirname, '..');
// makes the first process that loads it, and none that this starts, believe that it is another Node
const DISGUISE = `if (process.env.DISGUISE) {
  const versions = { ...process.versions, node: process.env.DISGUISE };
  Object.defineProperty(process, 'versions', { value: versions });
  delete process.env.DISGUISE;
}`;
const SAY = `console.log('main', process.execArgv.length, ...process.argv.slice(2));`;

/** A temporary installation: the launcher, and `files` around it. */
function install(files: Readonly<Record<string, string>>): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'daemun-launcher-')));
  mkdirSync(join(root, 'bin'));
  copyFileSync(join(home, 'bin/daemun.cjs'), join(root, 'bin/daemun.cjs'));
  const all = { 'package.json': '{ "type": "module" }', 'disguise.cjs': DISGUISE, ...files };
  for (const [path, text] of Object.entries(all)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

interface Outcome {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function launch(root: string, version: string, ...args: readonly string[]): Outcome {
  const child = spawnSync(process.execPath, [join(root, 'bin/daemun.cjs'), ...args], {
    env: {
      ...process.env,
      NODE_OPTIONS: `--require=${join(root, 'disguise.cjs')}`,
      DISGUISE: version,
    },
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { code: child.status, out: child.stdout.trim(), err: child.stderr.trim() };
}

function withInstall(files: Readonly<Record<string, string>>, use: (root: string) => void): void {
  const root = install(files);
  try {
    use(root);
  } finally {
    rmSync(root, { recursive: true });
  }
}

for (const version of ['22.18.0', '22.19.1', '23.6.0', '24.0.0', '26.10.0', '100.0.0']) {
  test(`Node ${version} runs the published command itself`, () => {
    withInstall({ 'dist/cli/main.js': SAY }, (root) => {
      assert.deepEqual(launch(root, version, 'a', 'b c'), {
        code: 0,
        out: 'main 0 a b c',
        err: '',
      });
    });
  });
}

for (const version of ['8.9.4', '20.20.2', '22.17.9', '22.2.99', '23.5.9']) {
  test(`Node ${version} gets one sentence and status 1 from the published command`, () => {
    withInstall({ 'dist/cli/main.js': SAY }, (root) => {
      const { code, out, err } = launch(root, version);
      assert.equal(code, 1);
      assert.equal(out, '');
      assert.equal(
        err,
        `daemun needs Node 22.18 or newer, this is ${version} (${process.execPath}).`,
      );
    });
  });
}

test('a checkout runs its sources, even where a build lies beside them', () => {
  const files = { 'src/cli/main.ts': `const text: string = 'source'; console.log(text);` };
  withInstall({ ...files, 'dist/cli/main.js': SAY }, (root) => {
    assert.equal(launch(root, '26.0.0').out, 'source');
  });
});

test('a checkout on an old Node runs on the one among its dependencies and keeps the exit code', () => {
  const files = { 'src/cli/main.ts': `${SAY} process.exitCode = 5;` };
  withInstall(files, (root) => {
    symlinkSync(join(home, 'node_modules'), join(root, 'node_modules'));
    assert.deepEqual(launch(root, '20.0.0', 'a b'), { code: 5, out: 'main 0 a b', err: '' });
  });
});

test('a checkout on an old Node without its dependencies says how to get them', () => {
  withInstall({ 'src/cli/main.ts': SAY }, (root) => {
    const { code, err } = launch(root, '20.0.0');
    assert.equal(code, 1);
    assert.match(err, /; run npm ci to get the one of this checkout\.$/);
  });
});

test('a regular expression that backtracks without end is answered, in the main thread and in others', () => {
  const hostile = `/(a*)*b/.test('a'.repeat(60))`;
  const main = `import { Worker } from 'node:worker_threads';
console.log('main', ${hostile});
new Worker("console.log('thread', ${hostile})", { eval: true });`;
  withInstall({ 'dist/cli/main.js': main }, (root) => {
    assert.deepEqual(launch(root, '26.0.0'), { code: 0, out: 'main false\nthread false', err: '' });
  });
});

for (const [signal, handler, expected] of [
  ['SIGHUP', 'process.exit(7)', [7, null]],
  ['SIGUSR2', 'process.exit(0)', [0, null]],
  ['SIGTERM', '', [null, 'SIGTERM']],
] as const) {
  test(`${signal} reaches the Node that the launcher started, and its end is the launcher's`, async () => {
    const listen = handler === '' ? '' : `process.on('${signal}', () => ${handler});`;
    const main = `${listen} setInterval(() => {}, 1000); console.log('ready');`;
    const root = install({ 'src/cli/main.ts': main });
    try {
      symlinkSync(join(home, 'node_modules'), join(root, 'node_modules'));
      const child = spawn(process.execPath, [join(root, 'bin/daemun.cjs')], {
        env: {
          ...process.env,
          NODE_OPTIONS: `--require=${join(root, 'disguise.cjs')}`,
          DISGUISE: '20.0.0',
        },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      await once(child.stdout, 'data');
      child.kill(signal);
      assert.deepEqual(await once(child, 'exit'), expected);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
}

test('the launcher keeps the mode of a command', () => {
  assert.ok(existsSync(join(home, 'bin/daemun.cjs')));
  const { status } = spawnSync('test', ['-x', join(home, 'bin/daemun.cjs')]);
  assert.equal(status, 0);
});
