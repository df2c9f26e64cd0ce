/** Would the system open a listen address now? Asked without keeping it. */
import { accessSync, constants, lstatSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname } from 'node:path';
import { bindTcp } from './bound-socket.ts';
import type { OpenFault } from './open-fault.ts';

/** Why the system would not open an address, with its code and in its words; null where it would. */
export type Trial = Pick<OpenFault, 'code' | 'message'> | null;

/** Binds a TCP port for a moment, alone: beside a listener with SO_REUSEPORT it fails as well. */
export function tryPort(host: string, port: number): Trial {
  try {
    bindTcp(host, port, false).close();
    return null;
  } catch (error) {
    return openError(error);
  }
}

/**
 * Looks whether a unix socket could be opened; nothing is made or removed. A socket that nobody answers on
 * is no obstacle, for it is taken over; any other file is.
 */
export async function trySocket(path: string): Promise<Trial> {
  let isSocket: boolean;
  try {
    isSocket = lstatSync(path).isSocket();
  } catch {
    try {
      accessSync(dirname(path), constants.W_OK);
      return null;
    } catch (error) {
      // What listening there says, whatever it is about the directory.
      return { ...openError(error), code: 'EACCES' };
    }
  }
  if (isSocket && !(await answers(path))) return null;
  return { code: 'EADDRINUSE', message: 'address already in use' };
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code !== 'ECONNREFUSED');
    });
  });
}

/** The system's code, `unknown` where it has none, and its words for an address that could not be opened. */
export function openError(error: unknown): Exclude<Trial, null> {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  return { code, message: error instanceof Error ? error.message : String(error) };
}
