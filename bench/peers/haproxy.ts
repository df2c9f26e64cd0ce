import { spawnSync } from 'node:child_process';
import { findProgram, versionIn } from './peer.ts';
import type { Peer } from './peer.ts';

/** HAProxy with one thread: proxy rows only, it serves no files. */
export const haproxy: Peer = {
  name: 'haproxy',
  extension: 'cfg',
  warmUpSeconds: 1,
  find: () => findProgram('haproxy'),
  version: (program) => versionIn(spawnSync(program, ['-v'], { encoding: 'utf8' }).stdout),
  values: () => ({}),
  command: (program, { config }) => ({ program, args: ['-db', '-f', config] }),
};
