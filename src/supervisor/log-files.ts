/**
 * Log files in directories that only root may write to: the supervisor creates them, and gives them to the user who
 * serves, as nginx does. In a directory that somebody else may write to, nothing is done with root's rights: a link
 * that was put there would turn them on another file. The server process opens every log by itself.
 */
import { closeSync, constants, fchownSync, fstatSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ConfigModel } from '../config/index.ts';
import type { Account } from './account.ts';

const WRITABLE_BY_OTHERS = 0o022;
const LOG_MODE = 0o640;

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
        if (found.isFile() && found.uid !== uid) fchownSync(file, uid, gid);
      } finally {
        closeSync(file);
      }
    } catch {
      // See above.
    }
  }
}

function isRootsAlone(directory: string): boolean {
  const { uid, mode } = statSync(directory);
  return uid === 0 && (mode & WRITABLE_BY_OTHERS) === 0;
}
