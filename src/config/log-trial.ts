/**
 * Whether a log could be opened, before anything is: what is wrong with one is told with all other problems of a
 * configuration. Nothing is made, and a pipe is not opened: who reads it would see its end when it is closed again.
 */
import { accessSync, closeSync, constants, openSync, readlinkSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** More links than that one behind the other are a circle to Linux. */
const MAX_LINKS = 40;

/** The system's code for why a log could not be opened at an absolute path, such as `EACCES`; null where it could. */
export function tryLog(absolute: string): string | null {
  try {
    tryFollowing(absolute, MAX_LINKS);
    return null;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  }
}

/** @throws Error of the system, or one with a code of its own where the system would have said that. */
function tryFollowing(path: string, links: number): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    const target = targetOf(path);
    // What is made for a link that leads nowhere is what it leads to.
    if (target !== null && links > 0) tryFollowing(target, links - 1);
    // The dot tells a file in the place of the directory from one that may not be written.
    else accessSync(`${dirname(path)}/.`, constants.W_OK | constants.X_OK);
  } else if (found.isDirectory()) throw refused('EISDIR');
  else if (found.isSocket()) throw refused('ENXIO');
  else if (found.isFile()) closeSync(openSync(path, constants.O_WRONLY | constants.O_APPEND));
  else accessSync(path, constants.W_OK);
}

function targetOf(path: string): string | null {
  try {
    return resolve(dirname(path), readlinkSync(path));
  } catch {
    return null;
  }
}

function refused(code: string): Error {
  return Object.assign(new Error(code), { code });
}
