import { obstacle, READ, SEARCH } from './access.ts';
import type { Demand } from './demand.ts';
import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';

const CHECK = 'rights';

/** Whether who serves may read the program, and go into the directories that are served. */
export function checkServingRights(
  { serving, look, program }: Pick<Machine, 'serving' | 'look' | 'program'>,
  { roots, user }: Pick<Demand, 'roots' | 'user'>,
): readonly Finding[] {
  if (serving === null)
    return [
      {
        check: CHECK,
        level: 'problem',
        what: `There is no user ${user ?? 'nobody'} on this machine to serve`,
        why: 'The server does not start.',
        cure: `useradd --system --no-create-home --shell /usr/sbin/nologin ${user ?? 'nobody'}`,
      },
    ];
  const findings: Finding[] = [];
  for (const path of program) {
    const rights = look(path)?.kind === 'directory' ? READ | SEARCH : READ;
    const wall = obstacle(path, rights, serving, look);
    if (wall === null) continue;
    findings.push({
      check: CHECK,
      level: 'problem',
      what: `${serving.name} may not read the program ${path}${inTheWay(wall, path)}`,
      why: 'The server process gives up root before it loads anything, and does not start.',
      cure: `chmod o+rX ${quoted(wall)}`,
    });
  }
  for (const root of roots) {
    const wall = obstacle(root, SEARCH, serving, look);
    if (wall === null) continue;
    findings.push({
      check: CHECK,
      level: 'problem',
      what: `${serving.name} may not go into ${root}${inTheWay(wall, root)}`,
      why: 'Every request for a file there is answered with 403 or 404.',
      cure: `chmod o+x ${quoted(wall)}\n# or let a group: setfacl -m u:${serving.name}:x ${quoted(wall)}`,
    });
  }
  if (findings.length > 0) return findings;
  const what = `${serving.name} serves, and may read the program${roots.length > 0 ? ' and the directories that are served' : ''}`;
  return [{ check: CHECK, level: 'ok', what }];
}

/** The end of a sentence on `path` that tells what keeps somebody from it, unless that is the path itself. */
export function inTheWay(wall: string, path: string): string {
  return wall === path ? '' : `: ${wall} is in the way`;
}

/** A path as a word of a shell. */
export function quoted(path: string): string {
  return /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}
