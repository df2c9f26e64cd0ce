import { dirname } from 'node:path';
import { grants, obstacle, SEARCH, WRITE } from './access.ts';
import type { Demand } from './demand.ts';
import type { Finding } from './finding.ts';
import type { Machine } from './machine.ts';
import { inTheWay, quoted } from './serving-rights.ts';

const CHECK = 'logs';
const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/**
 * Whether logs can be opened, and by whom else: in directories that are root's alone the supervisor makes the files, in
 * others the server process has to.
 */
export function checkLogDirectories(
  { serving, self, look }: Pick<Machine, 'serving' | 'self' | 'look'>,
  { logs }: Pick<Demand, 'logs'>,
): readonly Finding[] {
  const findings = [...new Set(logs.map((path) => dirname(path)))].flatMap(
    (directory): readonly Finding[] => {
      const found = look(directory);
      if (found === null)
        return [
          {
            check: CHECK,
            level: 'problem',
            what: `There is no directory ${directory} for logs`,
            why: 'The server does not start without its logs.',
            cure: `install -d -m 0755 ${self.uid === 0 ? '-o root -g root ' : ''}${quoted(directory)}`,
          },
        ];
      if (serving === null) return [];
      const isRootsAlone = found.uid === 0 && (found.mode & WRITABLE_BY_OTHERS) === 0;
      const makes = self.uid === 0 && isRootsAlone;
      const wall = obstacle(directory, makes ? SEARCH : SEARCH | WRITE, serving, look);
      const closed = logs.filter((path) => {
        const file = dirname(path) === directory ? look(path) : null;
        return file !== null && !makes && !grants(file, WRITE, serving);
      });
      if (wall !== null || closed.length > 0) {
        const which = closed.length > 0 ? closed.join(', ') : directory;
        return [
          {
            check: CHECK,
            level: 'problem',
            what: `${serving.name} may not write ${which}${inTheWay(wall ?? which, which)}`,
            why: 'The server process opens every log itself, without the rights of root.',
            cure:
              self.uid === 0
                ? `install -d -m 0755 -o root -g root ${quoted(directory)}\n# root makes the files there and gives them to ${serving.name}`
                : `# as root:\nchown ${serving.name} ${[directory, ...closed].map(quoted).join(' ')}`,
          },
        ];
      }
      if ((found.mode & 0o002) !== 0 && (found.mode & STICKY) === 0)
        return [
          {
            check: CHECK,
            level: 'note',
            what: `Everybody may write in ${directory}, where logs are`,
            why: 'Anybody of this machine can take a log away, or lead it to another file by a link.',
            cure: `chmod o-w ${quoted(directory)}`,
          },
        ];
      return [];
    },
  );
  if (findings.length > 0 || logs.length === 0) return findings;
  return [{ check: CHECK, level: 'ok', what: `${logs.length} log files can be written` }];
}
