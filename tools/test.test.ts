import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

interface Outcome {
  readonly code: number | null;
  readonly output: string;
  readonly lastLine: string;
}

/** Runs the test command over files of a temporary folder. */
function runTests(files: Readonly<Record<string, string>>, ...args: readonly string[]): Outcome {
  const root = mkdtempSync(join(tmpdir(), 'daemun-test-command-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), `import { test, describe } from 'node:test';\n${text}`);
    }
    const { DAEMUN_PEERS: _, ...env } = process.env;
    const child = spawnSync(process.execPath, [join(import.meta.dirname, 'test.ts'), ...args], {
      env: { ...env, DAEMUN_TEST_ROOT: root },
      encoding: 'utf8',
    });
    const output = child.stdout + child.stderr;
    return { code: child.status, output, lastLine: output.trimEnd().split('\n').at(-1) ?? '' };
  } finally {
    rmSync(root, { recursive: true });
  }
}

const NEEDS = join(import.meta.dirname, '../test/support/needs.ts');
const PASS = `test('passes', () => {});`;
const FAIL = `test('breaks', () => { throw new Error('seen here'); });`;
// no machine has this peer: its search path is emptied first
const SKIP = `process.env.PATH = ''; const { needs } = await import(${JSON.stringify(NEEDS)});
const skip = needs('node20'); test('one', { skip }, () => {}); describe('two', { skip }, () => {});`;

test('passing unit and end-to-end tests are added up on the last line', () => {
  const { code, output, lastLine } = runTests({
    'src/a.test.ts': PASS,
    'tools/b.test.ts': `describe('suite', () => { ${PASS} ${PASS} });`,
    'test/e2e/c.e2e.test.ts': PASS,
    'test/interop/d.e2e.test.ts': FAIL,
    'test/support/e.ts': FAIL,
  });
  assert.equal(lastLine, '4 passed, 0 failed, 0 skipped');
  assert.equal(code, 0, output);
  assert.match(output, /^# tests 3$/m);
  assert.match(output, /^# pass 1$/m);
});

test('a failing test in either run fails the command and shows its error', () => {
  for (const path of ['src/a.test.ts', 'test/e2e/a.e2e.test.ts']) {
    const files = { 'tools/b.test.ts': PASS, 'test/e2e/b.e2e.test.ts': PASS, [path]: FAIL };
    const { code, output, lastLine } = runTests(files);
    assert.equal(lastLine, '2 passed, 1 failed, 0 skipped');
    assert.equal(code, 1);
    assert.match(output, /not ok: breaks \(.*a(?:\.e2e)?\.test\.ts:2\)\n.*seen here/);
  }
});

test('a failing subtest counts once, and so does a suite that fails by its hook', () => {
  const nested = `test('outer', async (t) => { await t.test('inner', () => { throw new Error('x'); }); });`;
  assert.equal(runTests({ 'src/a.test.ts': nested }).lastLine, '0 passed, 1 failed, 0 skipped');
  const hook = `import { after } from 'node:test'; describe('s', () => { after(() => { throw new Error('x'); }); ${PASS} });`;
  const { code, lastLine } = runTests({ 'src/a.test.ts': hook });
  assert.equal(lastLine, '1 passed, 1 failed, 0 skipped');
  assert.equal(code, 1);
});

test('a file that does not load fails the command', () => {
  const { code, lastLine } = runTests({
    'src/a.test.ts': `import './missing.ts';`,
    'src/b.test.ts': PASS,
  });
  assert.equal(code, 1);
  assert.match(lastLine, /^\d passed, 1 failed, 0 skipped$/);
});

test('no test at all, or only skipped ones, is a failure', () => {
  const none = runTests({});
  assert.equal(none.code, 1);
  assert.match(none.output, /^no test was executed\n0 passed, 0 failed, 0 skipped$/m);
  const skipped = runTests({ 'test/interop/a.e2e.test.ts': SKIP }, 'interop');
  assert.equal(skipped.code, 1);
  assert.match(skipped.output, /^no test was executed$/m);
});

test('a test file without a test is a failure that names the file', () => {
  for (const path of ['src/a.test.ts', 'test/e2e/a.e2e.test.ts']) {
    const { code, output, lastLine } = runTests({ [path]: 'export {};', 'src/b.test.ts': PASS });
    assert.equal(code, 1);
    assert.match(output, /^no test in .*\ba\..*test\.ts$/m);
    assert.equal(lastLine, '1 passed, 0 failed, 0 skipped');
  }
});

test('interop runs its own files; a missing peer is listed with how much it kept from running', () => {
  const { code, output, lastLine } = runTests(
    { 'src/a.test.ts': FAIL, 'test/interop/b.e2e.test.ts': `${PASS}${SKIP}` },
    'interop',
  );
  assert.match(output, /^missing peer node20: 2 skipped$/m);
  assert.equal(lastLine, '1 passed, 0 failed, 2 skipped');
  assert.equal(code, 0, output);
});

test('a skip for any other reason, or for none, is a failure', () => {
  for (const options of ['{ skip: true }', `{ skip: 'flaky' }`, '{ todo: true }']) {
    const { code, output } = runTests({
      'src/a.test.ts': `${PASS} test('x', ${options}, () => {});`,
    });
    assert.equal(code, 1, options);
    assert.match(output, /^1 skipped without a missing peer: /m);
  }
});

test('a name that no suite has is refused', () => {
  assert.equal(runTests({}, 'interopp').code, 2);
});
