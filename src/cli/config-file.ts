import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

const NAMES = ['ts', 'mts', 'js', 'mjs', 'json', 'yaml', 'yml'].map(
  (end) => `daemun.config.${end}`,
);

/**
 * The configuration file to use: `named`, or the one of this directory. A string is its path; null says
 * that none was named and none is here.
 */
export function configFile(named: string | null): string | null {
  if (named !== null) return named;
  const found = NAMES.find((name) => existsSync(name));
  return found === undefined ? null : resolve(found);
}

/** What to say where `configFile` finds nothing. */
export const NO_CONFIG_FILE =
  'There is no configuration file here.\n' +
  'Name one ("daemun run site.json"), create daemun.config.ts, or serve a directory\n' +
  'with "daemun serve".\n';
