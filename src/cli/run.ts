import { resolve } from 'node:path';
import { type LoadedConfig, loadConfig } from '../config/index.ts';
import {
  addressProbe,
  judgeAccounts,
  mayBecomeOthers,
  type ServedPort,
} from '../supervisor/index.ts';
import { isInBackground } from './background.ts';
import { configFile } from './config-file.ts';
import { logsToNobody } from './daemon.ts';
import type { HeldSignals } from './held-signals.ts';
import { printProblems } from './problems.ts';
import { inheritedSockets, serveUntilSignal } from './serving.ts';
import { printError } from './terminal.ts';
import { portUrl } from './url.ts';
import { judgeOf } from './judge-config.ts';

/** What `daemun run` is told. */
export interface RunOptions {
  /** The configuration file, or null for that of the working directory. */
  readonly file: string | null;
  /** Who serves, whatever the configuration says; null where it says it. */
  readonly user: string | null;
  /** See `Serving.held`. */
  readonly held: HeldSignals;
  /** Of the program, for the announcement. */
  readonly version: string;
}

/** `daemun run`: serves a configuration file; resolves to the exit status. */
export async function run({ file: named, user, held, version }: RunOptions): Promise<number> {
  const found = configFile('run', named);
  if ('message' in found) {
    printError(found.message);
    return 1;
  }
  const { file } = found;
  const inherited = inheritedSockets();
  if (inherited === null) return 1;
  const [unknown] = user === null ? [] : judgeAccounts()({ user }, []);
  if (unknown !== undefined) {
    printError(`--user: ${unknown.fault.message}. ${unknown.fault.cure}.\n`);
    return 1;
  }
  const load = async (own: readonly ServedPort[]): Promise<LoadedConfig> => {
    const loaded = await loadConfig(file, {
      judge: judgeOf(file),
      probe: addressProbe({ own, inherited }),
    });
    return loaded.model === undefined || user === null
      ? loaded
      : { ...loaded, model: { ...loaded.model, user } };
  };
  const loaded = await load([]);
  if (loaded.model === undefined) {
    printProblems(loaded.problems);
    return 1;
  }
  const { model } = loaded;
  printProblems(loaded.notes);
  const toNobody = isInBackground ? logsToNobody(model) : [];
  for (const log of toNobody) {
    printError(
      `${log}: In the background there is no terminal to write to. Name a file, or "off" for the access log.\n`,
    );
  }
  if (toNobody.length > 0) return 1;
  if (model.user !== undefined && !mayBecomeOthers()) {
    printError(
      `Note: user ${JSON.stringify(model.user)} does not count: only root can serve as another user\n`,
    );
  }
  return serveUntilSignal({
    config: model,
    place: loaded.place,
    reload: load,
    held,
    inherited,
    announce: (ports) => announcement(version, file, ports),
    version,
    configFile: resolve(file),
  });
}

const SHOWN_HOSTS = 5;

function announcement(version: string, file: string, ports: readonly ServedPort[]): string {
  const lines = ports.map((port) => {
    const shown = port.hosts.slice(0, SHOWN_HOSTS).join(', ');
    const more = port.hosts.length - SHOWN_HOSTS;
    return `  ${portUrl(port)}  ${shown}${more > 0 ? ` and ${more} more` : ''}`;
  });
  const orders = isInBackground
    ? '"daemun stop" ends it, "daemun reload" loads the file again.'
    : 'Ctrl-C ends it, HUP loads the file again.';
  return `Daemun ${version} serves ${file}\n${lines.join('\n')}\n${orders}\n`;
}
