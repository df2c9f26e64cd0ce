import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { openProject } from '../source-tree.ts';
import type { Check } from './check.ts';

/** Runs a check over files written to a temporary folder that shares this repository's node_modules; gives its problems. */
export async function checkFolder(
  check: Check,
  files: Readonly<Record<string, string>>,
): Promise<readonly string[]> {
  const root = mkdtempSync(join(tmpdir(), 'daemun-check-'));
  try {
    symlinkSync(resolve(import.meta.dirname, '../../node_modules'), join(root, 'node_modules'));
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    return await check.run(openProject(root));
  } finally {
    rmSync(root, { recursive: true });
  }
}
