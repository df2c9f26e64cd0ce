import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { versionIn } from './peer.ts';
import type { Peer } from './peer.ts';

const APPS = join(import.meta.dirname, '../apps');
const HOME = '/usr/share/tomcat10';

// Without its own web.xml it would serve no files. It runs in its folder.
const START = `mkdir -p conf logs temp work webapps && cp ${HOME}/etc/web.xml conf/ && exec "$0" run -config "$1"`;

/** Debian's Tomcat: it makes what it needs in the folder that it runs in. */
export const tomcat: Peer = {
  name: 'tomcat',
  extension: 'xml',
  // The machine code of what a request takes is there by then.
  warmUpSeconds: 5,
  find: () => (existsSync(`${HOME}/bin/catalina.sh`) ? `${HOME}/bin/catalina.sh` : undefined),
  version: (program) =>
    versionIn(
      /Server number:\s*(\S+)/.exec(
        spawnSync(program, ['version'], { encoding: 'utf8' }).stdout,
      )?.[1] ?? '',
    ),
  values: () => ({ apps: APPS }),
  command: (program, { config, dir }) => ({
    program: 'env',
    args: [`CATALINA_HOME=${HOME}`, `CATALINA_BASE=${dir}`, 'sh', '-c', START, program, config],
  }),
};
