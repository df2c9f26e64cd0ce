import { loadConfig } from '../config/index.ts';
import { describeSites, type SiteDescription } from '../server/index.ts';
import { configFile, NO_CONFIG_FILE } from './config-file.ts';
import { printProblems } from './serving.ts';
import { print, printError } from './terminal.ts';

/** `daemun check`: what is wrong with a configuration file, or what it would serve; resolves to the exit status. */
export async function check(named: string | null): Promise<number> {
  const file = configFile(named);
  if (file === null) {
    printError(NO_CONFIG_FILE);
    return 1;
  }
  const loaded = await loadConfig(file);
  if (loaded.model === undefined) {
    printProblems(loaded.problems);
    return 1;
  }
  const described = describeSites(loaded.model);
  if ('problems' in described) {
    printProblems(described.problems.map((problem) => ({ ...problem, file })));
    return 1;
  }
  print(`${file} is fine.\n\n${described.map(describe).join('\n')}`);
  return 0;
}

function describe({ host, addresses, defaultOn, routes }: SiteDescription): string {
  const where = addresses.map((key) => (defaultOn.includes(key) ? `${key} (default)` : key));
  const list = routes.map((route) => `    ${route}\n`).join('');
  return `${host}\n  listens on ${where.join(', ')}\n  routes, in the order in which they are tried:\n${list}`;
}
