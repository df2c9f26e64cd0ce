import { type LoadedConfig, loadConfig } from '../config/index.ts';
import { judgeTexts } from '../server/index.ts';
import { addressProbe, type ServedPort } from '../supervisor/index.ts';
import { configFile } from './config-file.ts';
import type { HeldSignals } from './held-signals.ts';
import { printProblems, serveUntilSignal } from './serving.ts';
import { printError } from './terminal.ts';
import { portUrl } from './url.ts';

/** `daemun run`: serves a configuration file; resolves to the exit status. */
export async function run(
  named: string | null,
  version: string,
  held: HeldSignals,
): Promise<number> {
  const found = configFile('run', named);
  if ('message' in found) {
    printError(found.message);
    return 1;
  }
  const { file } = found;
  const load = (own: readonly ServedPort[]): Promise<LoadedConfig> =>
    loadConfig(file, { judge: judgeTexts, probe: addressProbe({ own }) });
  const loaded = await load([]);
  if (loaded.model === undefined) {
    printProblems(loaded.problems);
    return 1;
  }
  return serveUntilSignal({
    config: loaded.model,
    place: loaded.place,
    reload: load,
    held,
    announce: (ports) => announcement(version, file, ports),
    version,
  });
}

const SHOWN_HOSTS = 5;

function announcement(version: string, file: string, ports: readonly ServedPort[]): string {
  const lines = ports.map((port) => {
    const shown = port.hosts.slice(0, SHOWN_HOSTS).join(', ');
    const more = port.hosts.length - SHOWN_HOSTS;
    return `  ${portUrl(port)}  ${shown}${more > 0 ? ` and ${more} more` : ''}`;
  });
  return `Daemun ${version} serves ${file}\n${lines.join('\n')}\nCtrl-C ends it, HUP loads the file again.\n`;
}
