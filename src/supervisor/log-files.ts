/**
 * Log files in directories that only root may write to: the supervisor creates them, and gives them to the user who
 * serves, as nginx does. Where somebody else may write to a directory on the way, nothing is done with root's rights: a
 * link that was put there would turn them on another file. The server process opens every log by itself.
 */
import {
  closeSync,
  constants,
  fchownSync,
  fstatSync,
  lstatSync,
  openSync,
  readlinkSync,
  realpathSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ConfigModel } from '../config/index.ts';
import type { Account } from './account.ts';

const WRITABLE_BY_OTHERS = 0o022;
/** In such a directory nobody may move what belongs to others: `/tmp`. */
const STICKY = 0o1000;
const LOG_MODE = 0o640;
/** Links on the way to a directory, as many as Linux follows. */
const MOST_LINKS = 40;

/** The files that a configuration writes logs to, each once. */
export function logPaths({ logs, sites }: Pick<ConfigModel, 'logs' | 'sites'>): readonly string[] {
  const paths = new Set<string>();
  const note = ({ path }: ConfigModel['logs']['access'] | ConfigModel['logs']['error']): void => {
    if (path.kind === 'file') paths.add(path.path);
  };
  note(logs.access);
  note(logs.error);
  for (const { accessLog, errorLog } of Object.values(sites)) {
    note(accessLog);
    note(errorLog);
  }
  return [...paths];
}

/** See the head of this file. What cannot be done here the server process finds, and tells. */
export function handLogsTo({ uid, gid }: Account, paths: readonly string[]): void {
  for (const path of paths) {
    try {
      if (!isRootsAlone(dirname(path))) continue;
      const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_WRONLY } = constants;
      const file = openSync(
        path,
        O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_WRONLY,
        LOG_MODE,
      );
      try {
        const found = fstatSync(file);
        // Who made a second name for a file may have had no right to the file.
        if (found.isFile() && found.nlink === 1 && found.uid !== uid) fchownSync(file, uid, gid);
      } finally {
        closeSync(file);
      }
    } catch {
      // See above.
    }
  }
}

// Whether only root may change what the directory holds, and which directory the path leads to.
function isRootsAlone(directory: string): boolean {
  return (
    leadsWhereRootWants(directory, MOST_LINKS) &&
    (lstatSync(realpathSync(directory)).mode & WRITABLE_BY_OTHERS) === 0
  );
}

function leadsWhereRootWants(path: string, links: number): boolean {
  const parent = dirname(path);
  if (parent !== path && !leadsWhereRootWants(parent, links)) return false;
  const found = lstatSync(path);
  if (found.isSymbolicLink()) {
    const target = resolve(realpathSync(parent), readlinkSync(path));
    return found.uid === 0 && links > 0 && leadsWhereRootWants(target, links - 1);
  }
  const isSafe = (found.mode & WRITABLE_BY_OTHERS) === 0 || (found.mode & STICKY) !== 0;
  return found.isDirectory() && found.uid === 0 && isSafe;
}
