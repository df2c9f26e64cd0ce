import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Peer } from './peer.ts';

const APPS = join(import.meta.dirname, '../apps');
const ROOT = join(import.meta.dirname, '../..');

/** This checkout's own server, on the Node that runs the benchmark. */
export const daemun: Peer = {
  name: 'daemun',
  extension: 'json',
  // measured until the machine code of the hot path is there, which takes more requests than a second has
  warmUpSeconds: 3,
  find: () => join(ROOT, 'bin/daemun.cjs'),
  version: () =>
    (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { readonly version: string })
      .version,
  values: () => ({ apps: APPS }),
  command: (program, { config, flags }) => ({
    program: process.execPath,
    // As the others, it serves as who runs the benchmark: the files are theirs alone.
    args: [
      ...flags,
      program,
      'run',
      config,
      ...(process.getuid?.() === 0 ? ['--user', 'root'] : []),
    ],
  }),
};
