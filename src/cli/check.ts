import { loadConfig, shownPath } from '../config/index.ts';
import { describeSites, type SiteDescription } from '../server/index.ts';
import { addressProbe, locateRefusal, refusal } from '../supervisor/index.ts';
import { configFile } from './config-file.ts';
import { printProblems } from './problems.ts';
import { print, printError } from './terminal.ts';
import { judgeOf } from './judge-config.ts';

/**
 * `daemun check`: what is wrong with a configuration file, or what it would serve; resolves to the exit
 * status. An address that cannot be opened is a note: mostly the server that is running has it.
 */
export async function check(named: string | null): Promise<number> {
  const found = configFile('check', named);
  if ('message' in found) {
    printError(found.message);
    return 1;
  }
  const { file } = found;
  const loaded = await loadConfig(file, {
    judge: judgeOf(file),
    probe: addressProbe({ asNotes: true }),
  });
  if (loaded.model === undefined) {
    printProblems(loaded.problems);
    return 1;
  }
  const described = describeSites(loaded.model);
  if ('siteFaults' in described) {
    const refused = refusal(described.siteFaults, []);
    printProblems(locateRefusal(refused, loaded.model, loaded.place));
    return 1;
  }
  print(`${shownPath(file, process.cwd())} is fine.\n\n${described.map(describe).join('\n')}`);
  printProblems(loaded.notes);
  return 0;
}

const PROTOCOL_NAMES = { http: '', https: 'TLS', ajp: 'AJP' } as const;

function describe({ host, addresses, routes }: SiteDescription): string {
  const where = addresses.map(({ key, isDefault, protocol }) => {
    const facts = [PROTOCOL_NAMES[protocol], isDefault ? 'default' : ''].filter(
      (fact) => fact !== '',
    );
    return facts.length === 0 ? key : `${key} (${facts.join(', ')})`;
  });
  const list = routes.map((route) => `    ${route}\n`).join('');
  return `${host}\n  listens on ${where.join(', ')}\n  routes, in the order in which they are tried:\n${list}`;
}
