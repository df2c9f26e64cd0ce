import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ENDINGS = ['ts', 'mts', 'js', 'mjs', 'json', 'yaml', 'yml'];
const NAMES = ENDINGS.map((end) => `daemun.config.${end}`);

/** Whether a path ends as a configuration does. */
export function hasConfigEnding(path: string): boolean {
  return ENDINGS.some((end) => path.endsWith(`.${end}`));
}

/**
 * The configuration file that `daemun <command>` is to use: `named`, or the one of this directory; else
 * what to say.
 */
export function configFile(
  command: 'run' | 'check' | 'doctor',
  named: string | null,
): { readonly file: string } | { readonly message: string } {
  if (named !== null && !isDirectory(named)) return { file: named };
  const found = NAMES.find((name) => existsSync(join(named ?? '.', name)));
  if (named === null)
    return found === undefined ? { message: noneHere(command) } : { file: resolve(found) };
  return {
    message:
      found === undefined
        ? `${JSON.stringify(named)} is a directory without a configuration file.\n` +
          `Name the file, create ${join(named, 'daemun.config.ts')} (or .${ENDINGS.slice(1).join(', .')}),\n` +
          `or serve the directory with "daemun serve ${named}".\n`
        : `${JSON.stringify(named)} is a directory.\n` +
          `Name the file in it: "daemun ${command} ${join(named, found)}".\n`,
  };
}

/** The configuration file that is named, or is in the directory that is named or the working directory; null for none. */
export function ownConfigFile(named: string | null): string | null {
  if (named !== null && !isDirectory(named)) return named;
  const found = NAMES.find((name) => existsSync(join(named ?? '.', name)));
  return found === undefined ? named : resolve(named ?? '.', found);
}

/** Whether a directory stands at a path, links followed. */
export function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function noneHere(command: string): string {
  return (
    'There is no configuration file here.\n' +
    `Name one ("daemun ${command} site.json"), create daemun.config.ts, or serve a directory\n` +
    'with "daemun serve".\n'
  );
}
