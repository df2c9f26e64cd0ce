import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { findProgram, versionIn } from './peer.ts';
import type { Peer } from './peer.ts';

const MODULES = '/usr/lib/apache2/modules';

/** Apache's httpd as Debian builds it, with the event MPM. */
export const apache2: Peer = {
  name: 'apache2',
  extension: 'conf',
  warmUpSeconds: 1,
  find: () => (existsSync(MODULES) ? findProgram('apache2') : undefined),
  version: (program) => versionIn(spawnSync(program, ['-v'], { encoding: 'utf8' }).stdout),
  values: () => ({ modules: MODULES }),
  command: (program, { config, dir }) => ({
    program,
    args: ['-d', dir, '-f', config, '-DFOREGROUND'],
  }),
};
