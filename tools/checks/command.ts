import { spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

const HOME = resolve(import.meta.dirname, '../..');

/**
 * Runs a development dependency's JavaScript command (`bin` from the root's node_modules) in `cwd`.
 * Resolves to no problem when it exits with 0, otherwise to its whole output as one problem.
 */
export async function runTool(
  bin: string,
  args: readonly string[],
  cwd: string,
): Promise<readonly string[]> {
  const { promise, resolve: done, reject } = Promise.withResolvers<readonly string[]>();
  // the running Node, not a `#!` line: a checkout may lie on a machine whose own Node is older
  const child = spawn(process.execPath, [join(HOME, 'node_modules', bin), ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('error', reject);
  child.on('close', (code, signal) => {
    const output = Buffer.concat(chunks).toString().trim();
    if (code === 0) done([]);
    else done([output === '' ? `${bin} ended with ${signal ?? code} and said nothing` : output]);
  });
  return promise;
}
