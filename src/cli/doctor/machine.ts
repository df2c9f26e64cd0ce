/** What `daemun doctor` knows of the machine; null stands for what the system does not tell. */
import type { Look, Who } from './access.ts';

/** Room of a file system. */
export interface Space {
  /** Bytes that an ordinary user may still write, and bytes in all. */
  readonly free: number;
  readonly total: number;
  /** Files that may still be made, and all; both 0 where the file system does not count them. */
  readonly freeFiles: number;
  readonly files: number;
}

/** Why a listen address would not open. */
export interface AddressTrial {
  readonly key: string;
  /** The system's code and words. */
  readonly code: string;
  readonly message: string;
}

/** A file that a supervisor writes its number to. */
export interface PidFileFact {
  readonly path: string;
  /** The process that it tells of, if that runs. */
  readonly pid: number | null;
  /** The command line of that process. */
  readonly program: string | null;
}

/** See the head of this file. */
export interface Machine {
  /** Version of Node, without the `v`. */
  readonly node: string;
  /** Who would start the server: whoever asks. */
  readonly self: Who;
  /** Who would serve; null where the configuration names nobody that there is. */
  readonly serving: Who | null;
  /** Most descriptors of a process, and whose limit that is: `this shell`, or a process that runs. */
  readonly descriptors: { readonly hard: number | null; readonly of: string };
  /** Files below `/proc/sys`, by the name that `sysctl` has for them. */
  readonly sysctl: (name: string) => string | null;
  readonly clock: {
    readonly state: 'synchronised' | 'kept' | 'host' | 'unknown';
    /** The program that keeps it. */
    readonly by: string | null;
    /** Milliseconds since 1970: now, and when this program was installed. */
    readonly now: number;
    readonly installed: number;
  };
  readonly cores: number;
  /** Limits of the cgroup: processors' worth of time, and bytes. */
  readonly cgroup: { readonly cpus: number | null; readonly memory: number | null };
  /** Bytes of the machine. */
  readonly memory: number;
  readonly look: Look;
  /** Files and directories of the program, which who serves has to read. */
  readonly program: readonly string[];
  /** The configuration file, links followed; null without one. */
  readonly configFile: string | null;
  readonly space: (path: string) => Space | null;
  readonly trials: readonly AddressTrial[];
  /** Why the administration would not open; null where it would, or there is none. */
  readonly adminTrial: AddressTrial | null;
  /** Those that are there. */
  readonly pidFiles: readonly PidFileFact[];
}

/** The Daemun that runs already, as far as its pid file tells. */
export function runningDaemun({ pidFiles }: Pick<Machine, 'pidFiles'>): number | null {
  return pidFiles.find(isDaemun)?.pid ?? null;
}

/** Whether a pid file tells of a server of this kind. */
export function isDaemun({ program }: PidFileFact): boolean {
  return program?.includes('daemun') ?? false;
}
