import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { MISSING_PEERS_FILE, needs, peerPath, readMissingPeers } from '../test/support/needs.ts';

const home = join(import.meta.dirname, '..');

/** Asks a fresh process, because what was found is kept for the life of one. */
function ask(
  peers: string,
  env: Readonly<Record<string, string>>,
): { readonly output: string; readonly ok: boolean } {
  const script = `import { needs } from './test/support/needs.ts'; console.log(needs(${peers}));`;
  const child = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    cwd: home,
    env,
    encoding: 'utf8',
  });
  return { output: (child.stdout + child.stderr).trim(), ok: child.status === 0 };
}

test('a peer on the path is found, and a test that needs it is not skipped', () => {
  const folder = mkdtempSync(join(tmpdir(), 'daemun-needs-'));
  try {
    writeFileSync(join(folder, 'wrk'), '#!/bin/sh\n');
    chmodSync(join(folder, 'wrk'), 0o755);
    assert.deepEqual(ask(`'wrk'`, { PATH: folder }), { output: 'false', ok: true });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a missing peer is the reason for the skip and is written to the record once per name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'daemun-needs-'));
  const record = join(folder, 'record');
  try {
    assert.deepEqual(readMissingPeers(record), []);
    const env = { PATH: folder, [MISSING_PEERS_FILE]: record };
    assert.deepEqual(ask(`'node20'`, env), { output: 'needs node20', ok: true });
    assert.deepEqual(ask(`'node20'`, env), { output: 'needs node20', ok: true });
    assert.deepEqual(readMissingPeers(record), ['node20']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('where peers are required a missing one is an error, not a skip', () => {
  const { output, ok } = ask(`'node20'`, { PATH: '/nowhere', DAEMUN_PEERS: 'required' });
  assert.equal(ok, false);
  assert.match(output, /Peer not found on this machine, and DAEMUN_PEERS=required is set: node20/);
});

test('asking for nothing skips nothing', () => {
  assert.equal(needs(), false);
});

test('the old Node that is found is not the one that runs this test', () => {
  assert.notEqual(peerPath('node20'), process.execPath);
});
