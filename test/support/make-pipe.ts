import { execFileSync } from 'node:child_process';

/** POSIX has the program; Node has no call for it. */
const PROGRAM = 'mkfifo';

/** Makes a named pipe to which nobody writes. */
export function makePipe(path: string): void {
  execFileSync(PROGRAM, [path]);
}
