/**
 * `daemun run --daemon` (nginx `daemon`): starts the program once more without a terminal, shows what it says until it
 * serves, and ends then.
 */
import { spawn } from 'node:child_process';
import type { ConfigModel } from '../config/index.ts';
import { BACKGROUND_VARIABLE, type FromBackground } from './background.ts';
import { print, printError } from './terminal.ts';

const OPTION = '--daemon';

/** Starts the program in the background with the words of this one; resolves to the exit status when it serves, or not. */
export function startInBackground(): Promise<number> {
  const words = process.argv.slice(1).filter((word) => word !== OPTION);
  const child = spawn(process.execPath, [...process.execArgv, ...words], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: { ...process.env, [BACKGROUND_VARIABLE]: '1' },
  });
  return new Promise((resolve) => {
    child.on('message', (message) => {
      const said = message as FromBackground;
      if ('serves' in said) {
        print(`It runs in the background as process ${child.pid}.\n`);
        child.disconnect();
        child.unref();
        resolve(0);
      } else if (said.isError) printError(said.text);
      else print(said.text);
    });
    child.on('error', (error) => {
      printError(`The program could not be started: ${error.message}\n`);
      resolve(1);
    });
    child.on('exit', (code) => {
      resolve(code ?? 1);
    });
  });
}

type LogModel = ConfigModel['logs']['access'] | ConfigModel['logs']['error'];

function isNobody({ path }: LogModel): boolean {
  return path.kind === 'stdout' || path.kind === 'stderr';
}

/** The logs of a configuration that nobody could read where there is no terminal, as the places that say so. */
export function logsToNobody({
  logs,
  sites,
}: Pick<ConfigModel, 'logs' | 'sites'>): readonly string[] {
  const found: string[] = [];
  if (isNobody(logs.access)) found.push('logs.access');
  if (isNobody(logs.error)) found.push('logs.error');
  for (const [host, { accessLog, errorLog }] of Object.entries(sites)) {
    const site = `sites[${JSON.stringify(host)}]`;
    // A site that says nothing has the very log of all.
    if (isNobody(accessLog) && accessLog !== logs.access) found.push(`${site}.accessLog`);
    if (isNobody(errorLog) && errorLog !== logs.error) found.push(`${site}.errorLog`);
  }
  return found;
}
