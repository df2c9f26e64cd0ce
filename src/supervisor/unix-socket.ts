/** Unix sockets that the supervisor opens: taken over from a dead server, and removed by nobody but their owner. */
import { lstatSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type BoundSocket, bindUnix } from './bound-socket.ts';
import { trySocket } from './address-trial.ts';

/**
 * Opens a unix socket at a path, with the rights of `mode`. A socket that nobody answers on is replaced in one step,
 * so that who connects meanwhile finds the one or the other. Rejects with the system's error; `EADDRINUSE` also where
 * the path is no socket.
 */
export async function openUnixSocket(path: string, mode: number): Promise<BoundSocket> {
  const trial = await trySocket(path);
  if (trial !== null) throw Object.assign(new Error(trial.message), { code: trial.code });
  const place = join(dirname(path), `.${process.pid}`);
  rmSync(place, { force: true });
  const bound = bindWithMode(place, mode);
  try {
    renameSync(place, path);
  } catch (error) {
    bound.close();
    throw error;
  }
  return withFile(bound.fd, path, () => {
    bound.close();
  });
}

// From the start: who may write to the directory could put another file there before its rights are changed.
function bindWithMode(path: string, mode: number): BoundSocket {
  const before = process.umask(0o777 & ~mode);
  try {
    return bindUnix(path);
  } finally {
    process.umask(before);
  }
}

/**
 * A unix socket that is open as descriptor `fd`; its file goes with it, unless it is `shared` then. `release` closes the
 * descriptor.
 */
export function withFile(
  fd: number,
  path: string,
  release: () => void,
  shared: () => boolean = () => false,
): BoundSocket {
  const own = lstatSync(path, { throwIfNoEntry: false })?.ino;
  const close = (): void => {
    release();
    // Whoever put another file there keeps it.
    if (own !== undefined && !shared() && lstatSync(path, { throwIfNoEntry: false })?.ino === own)
      rmSync(path, { force: true });
  };
  return { fd, port: 0, close, release };
}
