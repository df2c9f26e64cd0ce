import { spawnSync } from 'node:child_process';
import { findProgram, versionIn } from './peer.ts';
import type { Peer } from './peer.ts';

/** nginx, which the bars are ratios to; one worker below its master process. */
export const nginx: Peer = {
  name: 'nginx',
  extension: 'conf',
  warmUpSeconds: 1,
  find: () => findProgram('nginx'),
  // it prints its version to standard error
  version: (program) => versionIn(spawnSync(program, ['-v'], { encoding: 'utf8' }).stderr),
  values: () => ({}),
  command: (program, { config, dir }) => ({
    program,
    // -e: otherwise it complains about a log that only root can open, before it reads the configuration
    args: ['-p', dir, '-c', config, '-e', `${dir}/error.log`],
  }),
};
